"""Virtual servers, real servers, address groups (keepalived.conf, DPVS K-001..K-012)."""

from typing import Literal

import msgspec

from keepalivedpy.model.script import Script

LbKind = Literal["NAT", "DR", "TUN", "FNAT", "SNAT"]


class TcpCheck(msgspec.Struct, frozen=True, kw_only=True):
    """TCP_CHECK: up when a connection opens. None takes the real server's or the global value."""

    connect_ip: str | None = None
    connect_port: int | None = None
    bindto: str | None = None
    bind_port: int | None = None
    bind_if: str | None = None
    connect_timeout_us: int = 5_000_000
    retry: int = 1  # nb_sock_retry / retry
    delay_before_retry_us: int = 1_000_000
    delay_loop_us: int | None = None  # None: the virtual server's
    warmup_us: int | None = None  # None: delay_loop
    alpha: bool | None = None


Checker = TcpCheck


class RealServer(msgspec.Struct, frozen=True, kw_only=True):
    addr: str
    port: int
    weight: int = 1
    lb_kind: LbKind | None = None  # None: the virtual server's
    inhibit_on_failure: bool = False
    uthreshold: int = 0
    lthreshold: int = 0
    notify_up: Script | None = None
    notify_down: Script | None = None
    checkers: tuple[Checker, ...] = ()
    alpha: bool | None = None
    place: str = ""  # file:line, for messages


class AddressRange(msgspec.Struct, frozen=True, kw_only=True):
    """One or more addresses: `first` to `first` + n - 1."""

    first: str
    n: int = 1


class LocalAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A line of local_address_group: one or more addresses of a device."""

    addrs: AddressRange
    dev: str


class LocalAddressGroup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    addrs: tuple[LocalAddress, ...]
    place: str = ""


class GroupEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of virtual_server_group: addresses and a port."""

    addrs: AddressRange
    port: int


class VirtualServerGroup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    entries: tuple[GroupEntry, ...]
    place: str = ""


class VirtualServer(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual_server block; exactly one of (addr, port), group and match is set. The ranges
    and devices are a match's (K-005), in match_text.py's spelling."""

    addr: str | None = None
    port: int = 0
    group: str | None = None
    match: str | None = None  # its name
    src_range: str = ""
    dst_range: str = ""
    iif: str = ""
    oif: str = ""
    protocol: Literal["TCP", "UDP", "SCTP", "ICMP", "ICMPV6"] = "TCP"
    lb_algo: str = "wlc"
    lb_kind: LbKind = "NAT"
    laddr_group_name: str | None = None
    delay_loop_us: int = 60_000_000
    persistence_timeout_s: int = 0
    persistence_granularity: str = ""
    ops: bool = False
    syn_proxy: bool = False
    expire_quiescent_conn: bool = False
    quic: bool = False
    establish_timeout_s: int = 0
    proxy_protocol: Literal["disable", "v1", "v2", "v1-insecure", "v2-insecure"] = "disable"
    hash_target: Literal["", "sip", "qid"] = ""
    alpha: bool = False
    omega: bool = False
    quorum: int = 1
    hysteresis: int = 0
    quorum_up: Script | None = None
    quorum_down: Script | None = None
    ha_suspend: bool = False
    virtualhost: str | None = None
    sorry_server: RealServer | None = None
    real_servers: tuple[RealServer, ...] = ()
    place: str = ""
