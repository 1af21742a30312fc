"""Kernel ports in Linux: made, taken over, configured, removed, by netlink and /dev/net/tun.

What dpvs puts on one (addresses, routes) carries PROTO_DPVS, so that a later start knows its own
and leaves other programs' alone. Runs at start and stop only, in the network namespace of dpvs.
"""

import fcntl
import os
import struct
from types import TracebackType
from typing import Any

from pyroute2 import IPRoute, NetlinkError

from dpvs_core.config.dpvs_model import Device
from dpvs_core.master import kernel_port
from dpvs_core.master.errors import StartError
from dpvs_core.master.kernel_port import FoundLink

TUNSETIFF, TUNSETPERSIST = 0x400454CA, 0x400454CB
IFF_TAP, IFF_NO_PI, IFF_MULTI_QUEUE = 0x2, 0x1000, 0x100
IFREQ = struct.Struct("16sH22x")

PROTO_DPVS = 118
EEXIST, ESRCH, EADDRNOTAVAIL = 17, 3, 99


class KernelNet:
    """A netlink socket and what is done with it; use as a context."""

    def __init__(self) -> None:
        self._netlink = IPRoute()

    def __enter__(self) -> "KernelNet":
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._netlink.close()

    def prepare(self, name: str) -> bool:
        """Make the tap, or find the one of an earlier run; True: made. StartError."""
        if not kernel_port.must_create(name, self._found(name)):
            return False
        try:
            fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            message = (
                f"kernel port {name}: cannot open /dev/net/tun ({error.strerror}); run as root"
            )
            raise StartError(message) from None
        try:
            flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE
            fcntl.ioctl(fd, TUNSETIFF, IFREQ.pack(name.encode(), flags))
            fcntl.ioctl(fd, TUNSETPERSIST, 1)
        except OSError as error:
            raise StartError(f"kernel port {name}: {error.strerror}") from None
        finally:
            os.close(fd)  # before the driver attaches
        return True

    def configure(self, device: Device, mac: bytes) -> list[str]:
        """Bring the port up with MAC, MTU, addresses and routes; what was changed, in words.

        After the driver's start: its attach sets the MTU back and may take the port down.
        """
        name = device.kernel_port
        index = self._index(name)
        self._netlink.link("set", index=index, address=mac.hex(":"))
        try:
            self._netlink.link("set", index=index, mtu=kernel_port.mtu_of(device))
        except NetlinkError as error:
            message = f"kernel port {name}: mtu {kernel_port.mtu_of(device)} refused ({error})"
            raise StartError(message) from None
        self._netlink.link("set", index=index, state="up")
        return self._addresses(device, index) + self._routes(device, index)

    def remove(self, name: str) -> bool:
        """Remove a kernel port nobody is attached to; False: there is none. StartError."""
        if kernel_port.must_create(name, self._found(name)):
            return False
        self._netlink.link("del", index=self._index(name))
        return True

    def _found(self, name: str) -> FoundLink | None:
        try:
            row = next(iter(self._netlink.link("get", ifname=name)))
        except NetlinkError:
            return None
        info = row.get_attr("IFLA_LINKINFO")
        kind = str(info.get_attr("IFLA_INFO_KIND") or "") if info else ""
        data = info.get_attr("IFLA_INFO_DATA") if info and kind == "tun" else None
        if data is None:
            return FoundLink(kind)
        queues = ("IFLA_TUN_NUM_QUEUES", "IFLA_TUN_NUM_DISABLED_QUEUES")
        return FoundLink(
            kind,
            data.get_attr("IFLA_TUN_TYPE") or 0,
            bool(data.get_attr("IFLA_TUN_MULTI_QUEUE")),
            bool(data.get_attr("IFLA_TUN_PERSIST")),
            sum(data.get_attr(attr) or 0 for attr in queues),
        )

    def _index(self, name: str) -> int:
        found = self._netlink.link_lookup(ifname=name)
        if not found:
            raise StartError(f"kernel port {name}: it vanished")
        return int(found[0])

    def _addresses(self, device: Device, index: int) -> list[str]:
        rows = list(self._netlink.get_addr(index=index))
        present = {_address_text(row): row for row in rows}
        ours = [text for text, row in present.items() if row.get_attr("IFA_PROTO") == PROTO_DPVS]
        plan = kernel_port.difference(device.kni.addresses, present, ours)
        for text in plan.remove:
            self._change_address("del", index, text, device.kernel_port)
        for text in plan.add:
            self._change_address("add", index, text, device.kernel_port)
        return [f"+{text}" for text in plan.add] + [f"-{text}" for text in plan.remove]

    def _change_address(self, verb: str, index: int, text: str, name: str) -> None:
        addr, _, plen = text.partition("/")
        try:
            self._netlink.addr(
                verb, index=index, address=addr, prefixlen=int(plen), proto=PROTO_DPVS
            )
        except NetlinkError as error:
            if error.code not in (EEXIST, EADDRNOTAVAIL):
                raise StartError(f"kernel port {name}: address {text}: {error}") from None

    def _routes(self, device: Device, index: int) -> list[str]:
        rows = [row for row in self._netlink.get_routes(oif=index) if row["table"] == 254]
        present = {_route_text(row): row for row in rows}
        ours = [text for text, row in present.items() if row["proto"] == PROTO_DPVS]
        plan = kernel_port.difference(kernel_port.wanted_routes(device.kni), present, ours)
        for text in plan.remove:
            self._change_route("del", index, text, device.kernel_port)
        for text in plan.add:
            self._change_route("add", index, text, device.kernel_port)
        return [f"+route {text}" for text in plan.add] + [f"-route {text}" for text in plan.remove]

    def _change_route(self, verb: str, index: int, text: str, name: str) -> None:
        prefix, _, via = text.partition(" via ")
        hop: dict[str, Any] = {"gateway": via} if via else {"scope": 253}
        try:
            self._netlink.route(verb, dst=prefix, oif=index, proto=PROTO_DPVS, **hop)
        except NetlinkError as error:
            if error.code not in (EEXIST, ESRCH):
                raise StartError(f"kernel port {name}: route {text}: {error}") from None


def _address_text(row: Any) -> str:
    addr = row.get_attr("IFA_LOCAL") or row.get_attr("IFA_ADDRESS")
    return f"{addr}/{row['prefixlen']}"


def _route_text(row: Any) -> str:
    default = "::" if row["family"] == 10 else "0.0.0.0"
    prefix = f"{row.get_attr('RTA_DST') or default}/{row['dst_len']}"
    return kernel_port.route_text(prefix, row.get_attr("RTA_GATEWAY"))
