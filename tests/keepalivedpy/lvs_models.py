"""Configurations for tests, as models: the tutorial's one-arm FNAT on addresses of loopback."""

from pathlib import Path

import msgspec

from keepalivedpy.model.checks import TcpCheck
from keepalivedpy.model.lvs import (
    AddressRange,
    GroupEntry,
    LocalAddress,
    LocalAddressGroup,
    RealServer,
    VirtualServer,
    VirtualServerGroup,
)
from keepalivedpy.model.root import Root

VIP = "192.0.2.254"


def tcp_check(port: int, **settings: object) -> TcpCheck:
    """A check that is quick: tests wait for what it finds."""
    quick: dict[str, object] = {
        "connect_port": port, "retry": 1, "delay_before_retry_us": 20_000,
        "delay_loop_us": 50_000, "warmup_us": 0, "connect_timeout_us": 2_000_000,
    }  # fmt: skip
    return msgspec.convert({**quick, **settings}, TcpCheck)


def server(addr: str, check_port: int | None = None, **settings: object) -> RealServer:
    checkers = () if check_port is None else (tcp_check(check_port),)
    values = {"addr": addr, "port": 80, "weight": 100, "checkers": checkers, **settings}
    return msgspec.convert(values, RealServer)


def virtual_server(*servers: RealServer, **settings: object) -> VirtualServer:
    values = {
        "addr": VIP, "port": 80, "lb_algo": "rr", "lb_kind": "FNAT",
        "laddr_group_name": "laddr_g1", "real_servers": servers, **settings,
    }  # fmt: skip
    return msgspec.convert(values, VirtualServer)


def root(*virtual_servers: VirtualServer) -> Root:
    lips = LocalAddress(addrs=AddressRange(first="192.0.2.200", n=2), dev="dpdk0")
    entries = tuple(
        GroupEntry(addrs=AddressRange(first="192.0.2.100", n=2), port=port) for port in (80, 443)
    )
    return Root(
        local_address_groups=(LocalAddressGroup(name="laddr_g1", addrs=(lips,)),),
        virtual_server_groups=(VirtualServerGroup(name="web", entries=entries),),
        virtual_servers=virtual_servers,
    )


def write(path: Path, config: Root) -> Path:
    path.write_bytes(msgspec.json.encode(config))
    return path
