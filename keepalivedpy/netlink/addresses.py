"""Addresses and routes of the kernel, added and removed; existing or missing ones are no error."""

import errno
import socket
from collections.abc import Callable

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

_SCOPES = {"global": 0, "site": 200, "link": 253, "host": 254}
_DONE_ALREADY = {
    "add": {errno.EEXIST},
    "del": {errno.EADDRNOTAVAIL, errno.ESRCH, errno.ENODEV},
}


class KernelAddresses:
    """Blocking; for one thread. Every method raises OSError with the kernel's reason."""

    def __init__(self) -> None:
        self._ip = IPRoute()

    def close(self) -> None:
        self._ip.close()

    def address(
        self,
        verb: str,
        device: str,
        addr: str,
        prefixlen: int,
        scope: str = "global",
        broadcast: str | None = None,
        label: str | None = None,
    ) -> None:
        """verb: "add" or "del"."""
        try:
            index = _index(device)
        except OSError:
            if verb == "del":
                return  # gone with its interface
            raise
        spec: dict[str, object] = {
            "index": index,
            "address": addr,
            "prefixlen": prefixlen,
            "scope": _SCOPES.get(scope, 0),
        }
        if broadcast:
            spec["broadcast"] = broadcast
        if label:
            spec["label"] = label
        self._do(verb, self._ip.addr, spec)

    def route(
        self,
        verb: str,
        prefix: str,
        via: str | None,
        device: str | None,
        src: str | None,
        metric: int,
    ) -> None:
        """verb: "add" or "del"."""
        spec: dict[str, object] = {"dst": prefix}
        if via:
            spec["gateway"] = via
        if device:
            spec["oif"] = _index(device)
        if src:
            spec["prefsrc"] = src
        if metric:
            spec["priority"] = metric
        self._do(verb, self._ip.route, spec)

    @staticmethod
    def _do(verb: str, command: Callable[..., object], spec: dict[str, object]) -> None:
        try:
            command(verb, **spec)
        except NetlinkError as error:
            if error.code not in _DONE_ALREADY[verb]:
                raise OSError(error.code, str(error)) from None


def _index(device: str) -> int:
    try:
        return socket.if_nametoindex(device)
    except OSError:
        raise OSError(errno.ENODEV, f"interface {device} does not exist") from None
