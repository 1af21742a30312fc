"""Identity of virtual and real servers, and their names in log lines (keepalived's spelling)."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from dpvs_core.control.messages import ServiceKey
from dpvs_core.control.names import service_text
from keepalivedpy.model.lvs import RealServer, VirtualServer


class VsId(NamedTuple):
    """What a reload recognises a virtual server by.

    `name` is an address, a group's name or a match's.

    `nth` counts blocks that say the same: keepalived accepts them and adds up their servers.
    """

    proto: str
    name: str
    port: int
    nth: int = 0


class RsKey(NamedTuple):
    """What a reload recognises a real server of one virtual server by."""

    addr: str
    port: int


@lru_cache(maxsize=1 << 16)
def canonical(addr: str) -> str:
    """The one spelling of an address the core answers with; ValueError if it is none."""
    return str(ip_address(addr))


def blocks(virtual_servers: Iterable[VirtualServer]) -> dict[VsId, VirtualServer]:
    """The virtual servers by identity, in the order of the configuration."""
    found: dict[VsId, VirtualServer] = {}
    for vs in virtual_servers:
        key = _vs_id(vs)
        while key in found:
            key = key._replace(nth=key.nth + 1)
        found[key] = vs
    return found


def _vs_id(vs: VirtualServer) -> VsId:
    if vs.group is not None:
        return VsId(vs.protocol.lower(), f"group {vs.group}", 0)
    if vs.fwmark is not None:
        return VsId("fwmark", str(vs.fwmark), 0)
    if vs.match is not None:
        return VsId(vs.protocol.lower(), f"match {vs.match}", 0)
    return VsId(vs.protocol.lower(), canonical(vs.addr or ""), vs.port)


def rs_key(rs: RealServer) -> RsKey:
    return RsKey(canonical(rs.addr), rs.port)


def vs_name(vs: VirtualServer) -> str:
    """`[192.168.100.254]:tcp:80`; a group is `[name]:0`, as keepalived logs it.

    >>> vs_name(VirtualServer(addr="192.0.2.1", port=80))
    '[192.0.2.1]:tcp:80'
    >>> vs_name(VirtualServer(group="web"))
    '[web]:0'
    """
    if vs.group is not None:
        return f"[{vs.group}]:0"
    if vs.fwmark is not None:
        return f"FWM {vs.fwmark}"
    if vs.match is not None:
        return f"[match {vs.match}]:{vs.protocol.lower()}:0"
    return f"[{vs.addr}]:{vs.protocol.lower()}:{vs.port}"


def service_name(key: ServiceKey) -> str:
    """A service of the core in the spelling of vs_name.

    >>> service_name(ServiceKey(proto="tcp", addr="192.0.2.1", port=80))
    '[192.0.2.1]:tcp:80'
    """
    return service_text(key) if key.match else f"[{key.addr}]:{key.proto}:{key.port}"


def rs_name(rs: RealServer, vs: VirtualServer) -> str:
    """A real server has its virtual server's protocol in its name: `[192.168.100.2]:tcp:80`."""
    return f"[{rs.addr}]:{vs.protocol.lower()}:{rs.port}"
