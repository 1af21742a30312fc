"""Virtual servers, real servers, address groups (keepalived.conf, DPVS K-001..K-012)."""

from typing import Literal

import msgspec

from keepalivedpy.model.checks import Checker
from keepalivedpy.model.script import Script

LbKind = Literal["NAT", "DR", "TUN", "FNAT", "SNAT"]


class Encapsulation(msgspec.Struct, frozen=True, kw_only=True):
    """How `lvs_method TUN` wraps packets, where it is not plain IPIP."""

    kind: Literal["ipip", "gue", "gre"] = "ipip"
    port: int | None = None  # of gue
    checksum: Literal["nocsum", "csum", "remcsum"] | None = None


class RealServer(msgspec.Struct, frozen=True, kw_only=True):
    addr: str
    port: int
    weight: int = 1
    lb_kind: LbKind | None = None  # None: the virtual server's
    encapsulation: Encapsulation | None = None
    inhibit_on_failure: bool = False
    uthreshold: int = 0
    lthreshold: int = 0
    notify_up: Script | None = None
    notify_down: Script | None = None
    checkers: tuple[Checker, ...] = ()
    alpha: bool | None = None
    virtualhost: str | None = None
    snmp_name: str | None = None
    smtp_alert: bool | None = None
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


class GroupEntry(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A line of virtual_server_group: addresses and a port."""

    addrs: AddressRange
    port: int


class GroupMark(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A line of virtual_server_group: packets with a firewall mark."""

    fwmark: int
    family: Literal[4, 6] | None = None


class VirtualServerGroup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    entries: tuple[GroupEntry | GroupMark, ...]
    place: str = ""


class VirtualServer(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual_server block; exactly one of (addr, port), fwmark, group and match is set. The
    ranges and devices are a match's (K-005), in match_text.py's spelling."""

    addr: str | None = None
    port: int = 0
    fwmark: int | None = None
    group: str | None = None
    match: str | None = None  # its name
    src_range: str = ""
    dst_range: str = ""
    iif: str = ""
    oif: str = ""
    ip_family: Literal[4, 6] | None = None
    protocol: Literal["TCP", "UDP", "SCTP", "ICMP", "ICMPV6"] = "TCP"
    lb_algo: str = "wlc"
    flag_1: bool = False  # sh-fallback, mh-fallback
    flag_2: bool = False  # sh-port, mh-port
    flag_3: bool = False
    hashed: bool = False
    lb_kind: LbKind = "NAT"
    encapsulation: Encapsulation | None = None
    laddr_group_name: str | None = None
    daddr_group_name: str | None = None  # clients that are refused
    waddr_group_name: str | None = None  # the only clients that are let in
    delay_loop_us: int = 60_000_000
    persistence_engine: str | None = None
    persistence_timeout_s: int = 0
    persistence_granularity: str = ""
    ops: bool = False
    syn_proxy: bool = False
    expire_quiescent_conn: bool = False
    quic: bool = False
    establish_timeout_s: int = 0
    proxy_protocol: Literal["disable", "v1", "v2", "v1-insecure", "v2-insecure"] = "disable"
    hash_target: Literal["", "sip", "qid"] = ""
    bps_mbps: int | None = None
    limit_proportion_pct: int | None = None
    vip_bind_dev: str | None = None
    alpha: bool = False
    omega: bool = False
    quorum: int = 1
    hysteresis: int = 0
    quorum_up: Script | None = None
    quorum_down: Script | None = None
    ha_suspend: bool = False
    virtualhost: str | None = None
    snmp_name: str | None = None
    smtp_alert: bool | None = None
    sorry_server: RealServer | None = None
    real_servers: tuple[RealServer, ...] = ()
    place: str = ""

    @property
    def sorry_server_inhibit(self) -> bool:
        return self.sorry_server is not None and self.sorry_server.inhibit_on_failure

    @property
    def sorry_server_lb_kind(self) -> LbKind | None:
        return self.sorry_server.lb_kind if self.sorry_server else None

    @property
    def sorry_server_encapsulation(self) -> Encapsulation | None:
        return self.sorry_server.encapsulation if self.sorry_server else None
