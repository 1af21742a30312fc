"""Services, dests, local addresses, connections."""

from typing import Annotated, Literal

from msgspec import Meta

from dpvs_core.control.messages.base import Owner, RequestBase, Value

Protocol = Literal["tcp", "udp", "sctp", "icmp", "icmpv6", "any"]
"""`any`: of match services alone."""
MAX_DESTS_A_REQUEST = 64
Forward = Literal["fullnat", "route", "tunnel", "masq", "snat", "local"]


class ServiceMatch(Value, frozen=True):
    """Which packets a match service (SNAT) takes; what is "" does not matter (I-032).

    Ranges are `IP[-IP][:PORT[-PORT]]`, IPv6 `[IP[-IP]]:PORT`, spelt as match_text.py does.
    """

    af: Literal[4, 6] = 4
    src_range: str = ""
    dst_range: str = ""
    iif: str = ""
    oif: str = ""


class ServiceKey(Value, frozen=True):
    """What names a service: protocol, address, port; or protocol and `match`, with "" and 0.
    (fwmark services: not yet.)"""

    proto: Protocol
    addr: str
    port: int
    match: ServiceMatch | None = None


class ServiceSpec(Value, frozen=True):
    """The settings of a service; defaults are ipvsadm's."""

    scheduler: str = "wlc"
    conn_timeout_s: int = 0  # 0: the state's own time-out
    persistent_s: int = 0  # 0: not persistent
    netmask: str = ""  # granularity of persistence; "": /32
    ops: bool = False  # one-packet scheduling
    synproxy: bool = False
    expire_quiescent: bool = False
    quic: bool = False
    hash_target: Literal["", "sip", "qid"] = ""
    proxy_protocol: Literal["disable", "v1", "v2", "v1-insecure", "v2-insecure"] = "disable"
    dest_check: tuple[str, ...] = ()


class DestSpec(Value, frozen=True):
    """A real server of a service; `weight` 0 is quiesced; thresholds 0 are none."""

    addr: str
    port: int
    forward: Forward = "route"
    weight: int = 1
    inhibited: bool = False
    upper_threshold: int = 0
    lower_threshold: int = 0


class Counters(Value, frozen=True):
    """Totals since start or the last zero; bytes are IP-level lengths (F-271)."""

    conns: int = 0
    inpkts: int = 0
    outpkts: int = 0
    inbytes: int = 0
    outbytes: int = 0


class Rates(Value, frozen=True):
    """Per second, over the last full interval of about two seconds."""

    cps: int = 0
    inpps: int = 0
    outpps: int = 0
    inbps: int = 0
    outbps: int = 0


class DestRow(Value, frozen=True):
    spec: DestSpec
    active: int
    inactive: int
    persistent: int
    overload: bool
    owner: Owner
    counters: Counters
    rates: Rates


class LaddrSpec(Value, frozen=True):
    """A local address a FULLNAT service may use, and the device that answers ARP for it.

    `floating`: attached, but in use (answers ARP, gives ports) only while somebody holds it as an
    address as well (addr.add): VRRP does while its instance is MASTER. An address that one
    service uses without `floating` is always in use.
    """

    addr: str
    dev: str
    floating: bool = False


class LaddrRow(Value, frozen=True):
    """`active`: in use now; False for a floating one that nobody holds."""

    spec: LaddrSpec
    conflicts: int
    conns: int
    owner: Owner
    active: bool = True


class ServiceRow(Value, frozen=True):
    key: ServiceKey
    spec: ServiceSpec
    owner: Owner
    dests: tuple[DestRow, ...]
    laddrs: tuple[LaddrRow, ...]
    counters: Counters
    rates: Rates


class ServiceAdd(RequestBase, frozen=True, tag="service.add"):
    key: ServiceKey
    spec: ServiceSpec = ServiceSpec()


class ServiceEdit(RequestBase, frozen=True, tag="service.edit"):
    key: ServiceKey
    spec: ServiceSpec


class ServiceDel(RequestBase, frozen=True, tag="service.del"):
    key: ServiceKey


class ServiceFlush(RequestBase, frozen=True, tag="service.flush"):
    """Remove every service (ipvsadm -C), whoever owns it."""


class ServiceZero(RequestBase, frozen=True, tag="service.zero"):
    """Zero the counters of one service, or of all (key absent)."""

    key: ServiceKey | None = None


class ServiceList(RequestBase, frozen=True, tag="service.list"):
    """One service or all; `cpu` 0 is the sum over the workers, N the N-th worker alone (I-079)."""

    key: ServiceKey | None = None
    cpu: int = 0
    cursor: int = 0


class ServiceRows(Value, frozen=True, tag="service.rows", tag_field="type"):
    rows: tuple[ServiceRow, ...]
    cursor: int = 0


class DestAdd(RequestBase, frozen=True, tag="dest.add"):
    service: ServiceKey
    dest: DestSpec


class DestEdit(RequestBase, frozen=True, tag="dest.edit"):
    service: ServiceKey
    dest: DestSpec


class DestDel(RequestBase, frozen=True, tag="dest.del"):
    service: ServiceKey
    addr: str
    port: int


class DestsAdd(RequestBase, frozen=True, tag="dests.add"):
    """Several DestAdd of one service, which a long batch is made of (codec.py)."""

    service: ServiceKey
    dests: Annotated[tuple[DestSpec, ...], Meta(max_length=MAX_DESTS_A_REQUEST)]


class DestsEdit(RequestBase, frozen=True, tag="dests.edit"):
    """Several DestEdit of one service."""

    service: ServiceKey
    dests: Annotated[tuple[DestSpec, ...], Meta(max_length=MAX_DESTS_A_REQUEST)]


class LaddrAdd(RequestBase, frozen=True, tag="laddr.add"):
    """Attach a local address to a service; also makes it an address of the device (I-017)."""

    service: ServiceKey
    laddr: LaddrSpec


class LaddrDel(RequestBase, frozen=True, tag="laddr.del"):
    service: ServiceKey
    laddr: LaddrSpec


class ConnList(RequestBase, frozen=True, tag="conn.list"):
    """Connections, worker by worker, at most `limit` a reply; rows are CONN_ROW records."""

    cursor: int = 0
    limit: int = 1024


class ConnRows(Value, frozen=True, tag="conn.rows", tag_field="type"):
    """`rows` is a run of CONN_ROW records (see conn_rows.py) straight from the core."""

    rows: bytes
    cursor: int


class ConnFind(RequestBase, frozen=True, tag="conn.find"):
    """The connection one of whose tuples is exactly this (I-081); found or NOTEXIST."""

    proto: Protocol
    src: str
    sport: int
    dst: str
    dport: int
