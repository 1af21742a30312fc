"""Every request and reply of the control socket, in one place.

A frame is a 4-byte big-endian length and that many bytes of msgpack. The first frame of a
connection is `Hello`, answered by `Welcome` or `Failure`; then one reply for each request, in
order. Requests are structs tagged by their dotted name (`service.add`); REQUESTS maps each name
to its struct and REPLY_OF maps each request to what a success returns. Everything else a
connection can receive is `Failure`.

Addresses and prefixes are text ("192.0.2.1", "192.0.2.0/24"), ports and counters integers,
times carry their unit in the name. Lists that can be long are paged: send the reply's `cursor`
back until it is 0.
"""

from enum import IntEnum
from typing import Literal

import msgspec

PROTOCOL_VERSION = 1
DEFAULT_SOCKET = "/var/run/dpvs.ipc"
SOCKET_ENV = "DPVS_IPC_FILE"
MAX_FRAME_BYTES = 16 << 20
MAX_WHOLE_BYTES = 128 << 10  # a longer request is read part by part (BatchParts)
MAX_PART_BYTES = 64 << 10

Owner = Literal["vrrp", "check", "cli", "agent", "conf"]
"""Who put an object into the core; a client's reload sees only its own. `conf` is dpvs.conf."""


class Code(IntEnum):
    """Error numbers, DPVS's EDPVS_* (M-014): tools derive their exit status from them."""

    INVAL = -1
    NOMEM = -2
    EXIST = -3
    NOTEXIST = -4
    BUSY = -13
    NOTSUPP = -14
    RESOURCE = -15
    NOSERV = -17
    NOROOM = -19
    SYSCALL = -26
    NODEV = -27
    PERMISSION = -100
    PROTOCOL = -101


class _Request(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True,
    gc=False,
):  # fmt: skip
    """Base of all requests. Messages are trees, so the collector need not look at them: it would
    stop the master for 10 ms at each large batch."""


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of everything carried inside requests and replies."""


class Failure(_Value, frozen=True, tag="failure", tag_field="type"):
    """A refused request: `code` for programs, `message` a sentence, `value` what was wrong."""

    code: int
    message: str
    value: str = ""


class Ok(_Value, frozen=True, tag="ok", tag_field="type"):
    """Done; `changed` is False where the wanted state was there already."""

    changed: bool = True


# --- connection ---------------------------------------------------------------------------


class Hello(_Request, frozen=True, tag="hello"):
    """First frame. With `lease_ms` > 0 the addresses this client added go away that long after
    its last connection under the same `client` name closed (DESIGN: vip_lease)."""

    version: int
    owner: Owner
    client: str
    pid: int = 0
    lease_ms: int = 0


class Welcome(_Value, frozen=True, tag="welcome", tag_field="type"):
    """`instance` changes with every start of the core: a client that sees a new one replays."""

    version: int
    instance: str
    dpvs_version: str
    pid: int
    uptime_s: float


class LeaseSet(_Request, frozen=True, tag="lease.set"):
    """Another lease for this client (Hello.lease_ms), after a reload."""

    lease_ms: int


class Ready(_Request, frozen=True, tag="ready"):
    """Everything this owner wants is in the core: who waits for it may go on (Info.ready)."""


class Batch(_Request, frozen=True, tag="batch"):
    """Several changes published whole or not at all; only requests of CHANGES may be inside.

    One without services, dests and local addresses waits for no other batch.
    """

    requests: list["Change"]


class BatchParts(_Request, frozen=True, tag="batch.parts"):
    """A long Batch as it travels: `parts` are msgpack arrays of its requests, in their order, so
    that the other end can read one after the other and serve others in between. codec.py makes
    it of a Batch and a Batch of it; frames over MAX_WHOLE_BYTES must be one."""

    parts: list[bytes]


class BatchDone(_Value, frozen=True, tag="batch.done", tag_field="type"):
    changed: int


# --- balancing: services, dests, local addresses ----------------------------------------------

Protocol = Literal["tcp", "udp", "sctp", "icmp", "icmpv6", "any"]
"""`any`: of match services alone."""
Forward = Literal["fullnat", "route", "tunnel", "masq", "snat", "local"]


class ServiceMatch(_Value, frozen=True):
    """Which packets a match service (SNAT) takes; what is "" does not matter (I-032).

    Ranges are `IP[-IP][:PORT[-PORT]]`, IPv6 `[IP[-IP]]:PORT`, spelt as match_text.py does.
    """

    af: Literal[4, 6] = 4
    src_range: str = ""
    dst_range: str = ""
    iif: str = ""
    oif: str = ""


class ServiceKey(_Value, frozen=True):
    """What names a service: protocol, address, port; or protocol and `match`, with "" and 0.
    (fwmark services: not yet.)"""

    proto: Protocol
    addr: str
    port: int
    match: ServiceMatch | None = None


class ServiceSpec(_Value, frozen=True):
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


class DestSpec(_Value, frozen=True):
    """A real server of a service; `weight` 0 is quiesced; thresholds 0 are none."""

    addr: str
    port: int
    forward: Forward = "route"
    weight: int = 1
    inhibited: bool = False
    upper_threshold: int = 0
    lower_threshold: int = 0


class Counters(_Value, frozen=True):
    """Totals since start or the last zero; bytes are IP-level lengths (F-271)."""

    conns: int = 0
    inpkts: int = 0
    outpkts: int = 0
    inbytes: int = 0
    outbytes: int = 0


class Rates(_Value, frozen=True):
    """Per second, over the last full interval of about two seconds."""

    cps: int = 0
    inpps: int = 0
    outpps: int = 0
    inbps: int = 0
    outbps: int = 0


class DestRow(_Value, frozen=True):
    spec: DestSpec
    active: int
    inactive: int
    persistent: int
    overload: bool
    owner: Owner
    counters: Counters
    rates: Rates


class LaddrSpec(_Value, frozen=True):
    """A local address a FULLNAT service may use, and the device that answers ARP for it.

    `floating`: attached, but in use (answers ARP, gives ports) only while somebody holds it as an
    address as well (addr.add): VRRP does while its instance is MASTER. An address that one
    service uses without `floating` is always in use.
    """

    addr: str
    dev: str
    floating: bool = False


class LaddrRow(_Value, frozen=True):
    """`active`: in use now; False for a floating one that nobody holds."""

    spec: LaddrSpec
    conflicts: int
    conns: int
    owner: Owner
    active: bool = True


class ServiceRow(_Value, frozen=True):
    key: ServiceKey
    spec: ServiceSpec
    owner: Owner
    dests: tuple[DestRow, ...]
    laddrs: tuple[LaddrRow, ...]
    counters: Counters
    rates: Rates


class ServiceAdd(_Request, frozen=True, tag="service.add"):
    key: ServiceKey
    spec: ServiceSpec = ServiceSpec()


class ServiceEdit(_Request, frozen=True, tag="service.edit"):
    key: ServiceKey
    spec: ServiceSpec


class ServiceDel(_Request, frozen=True, tag="service.del"):
    key: ServiceKey


class ServiceFlush(_Request, frozen=True, tag="service.flush"):
    """Remove every service (ipvsadm -C), whoever owns it."""


class ServiceZero(_Request, frozen=True, tag="service.zero"):
    """Zero the counters of one service, or of all (key absent)."""

    key: ServiceKey | None = None


class ServiceList(_Request, frozen=True, tag="service.list"):
    """One service or all; `cpu` 0 is the sum over the workers, N the N-th worker alone (I-079)."""

    key: ServiceKey | None = None
    cpu: int = 0
    cursor: int = 0


class ServiceRows(_Value, frozen=True, tag="service.rows", tag_field="type"):
    rows: tuple[ServiceRow, ...]
    cursor: int = 0


class DestAdd(_Request, frozen=True, tag="dest.add"):
    service: ServiceKey
    dest: DestSpec


class DestEdit(_Request, frozen=True, tag="dest.edit"):
    service: ServiceKey
    dest: DestSpec


class DestDel(_Request, frozen=True, tag="dest.del"):
    service: ServiceKey
    addr: str
    port: int


class LaddrAdd(_Request, frozen=True, tag="laddr.add"):
    """Attach a local address to a service; also makes it an address of the device (I-017)."""

    service: ServiceKey
    laddr: LaddrSpec


class LaddrDel(_Request, frozen=True, tag="laddr.del"):
    service: ServiceKey
    laddr: LaddrSpec


class ConnList(_Request, frozen=True, tag="conn.list"):
    """Connections, worker by worker, at most `limit` a reply; rows are CONN_ROW records."""

    cursor: int = 0
    limit: int = 1024


class ConnRows(_Value, frozen=True, tag="conn.rows", tag_field="type"):
    """`rows` is a run of CONN_ROW records (see conn_rows.py) straight from the core."""

    rows: bytes
    cursor: int


class ConnFind(_Request, frozen=True, tag="conn.find"):
    """The connection one of whose tuples is exactly this (I-081); found or NOTEXIST."""

    proto: Protocol
    src: str
    sport: int
    dst: str
    dport: int


# --- the stack: addresses, routes, neighbours, devices ------------------------------------------

Scope = Literal["host", "link", "global", "kni_host"]


class AddrSpec(_Value, frozen=True):
    """An address of a device in the core; `prefix` is "A/plen", plen 32 (128) if absent.

    With `nodad` an IPv6 address is used at once, without asking whether another has it; so is
    one that owner `vrrp` holds. After `preferred_lft_s` it is shown as deprecated, no more.
    """

    prefix: str
    dev: str
    scope: Scope = "global"
    broadcast: str = ""
    sapool: bool = False
    valid_lft_s: int = 0  # 0: for ever
    preferred_lft_s: int = 0  # 0: as long as it is valid
    nodad: bool = False


AddrState = Literal["preferred", "deprecated", "tentative", "dadfailed"]
"""Of an IPv6 address; tentative and dadfailed (another station has it) are not used."""


class AddrRow(_Value, frozen=True):
    """`active`: answered for now (False: a floating local address that nobody holds);
    `claimed_by`: the MAC of another station that was last heard to use it, "" if none."""

    spec: AddrSpec
    owners: tuple[Owner, ...]
    sa_used: int = 0
    sa_free: int = 0
    sa_miss: int = 0
    active: bool = True
    claimed_by: str = ""
    state: AddrState = "preferred"


class AddrAdd(_Request, frozen=True, tag="addr.add"):
    addr: AddrSpec


class AddrSet(_Request, frozen=True, tag="addr.set"):
    addr: AddrSpec


class AddrDel(_Request, frozen=True, tag="addr.del"):
    prefix: str
    dev: str


class AddrFlush(_Request, frozen=True, tag="addr.flush"):
    dev: str


class AddrList(_Request, frozen=True, tag="addr.list"):
    dev: str = ""


class AddrRows(_Value, frozen=True, tag="addr.rows", tag_field="type"):
    rows: tuple[AddrRow, ...]


class RouteSpec(_Value, frozen=True):
    """A route; `via` "" is on-link; mtu 0 is the device's; dev "" is found through `via`."""

    prefix: str
    via: str = ""
    dev: str = ""
    scope: Scope | Literal[""] = ""
    mtu: int = 0
    src: str = ""
    metric: int = 0
    tos: int = 0
    proto: Literal["auto", "boot", "static", "ra", "redirect"] = "auto"


class RouteRow(_Value, frozen=True):
    spec: RouteSpec
    owner: Owner


class RouteAdd(_Request, frozen=True, tag="route.add"):
    route: RouteSpec


class RouteSet(_Request, frozen=True, tag="route.set"):
    route: RouteSpec


class RouteDel(_Request, frozen=True, tag="route.del"):
    route: RouteSpec


class RouteFlush(_Request, frozen=True, tag="route.flush"):
    dev: str


class RouteList(_Request, frozen=True, tag="route.list"):
    dev: str = ""


class RouteRows(_Value, frozen=True, tag="route.rows", tag_field="type"):
    rows: tuple[RouteRow, ...]


class NeighAdd(_Request, frozen=True, tag="neigh.add"):
    """A static neighbour: never ages, not overwritten by ARP (D-041)."""

    addr: str
    lladdr: str
    dev: str


class NeighDel(_Request, frozen=True, tag="neigh.del"):
    addr: str
    dev: str


class NeighList(_Request, frozen=True, tag="neigh.list"):
    dev: str = ""


class NeighRow(_Value, frozen=True):
    addr: str
    lladdr: str  # "" while unresolved
    state: str  # NONE SEND REACHABLE PROBE DELAY (F-207)
    dev: str
    static: bool = False


class NeighRows(_Value, frozen=True, tag="neigh.rows", tag_field="type"):
    rows: tuple[NeighRow, ...]


class GroupList(_Request, frozen=True, tag="group.list"):
    """IPv6 multicast groups that the core listens to (dpip maddr show)."""

    dev: str = ""


class GroupRow(_Value, frozen=True):
    """`n_addrs`: addresses of the device that want it; `reported`: told to others by MLD."""

    dev: str
    group: str
    mac: str
    n_addrs: int = 1
    reported: bool = True


class GroupRows(_Value, frozen=True, tag="group.rows", tag_field="type"):
    rows: tuple[GroupRow, ...]


class LinkList(_Request, frozen=True, tag="link.list"):
    dev: str = ""


class LinkRow(_Value, frozen=True):
    index: int  # 1-based, as dpip prints it
    name: str
    kernel_port: str
    socket: int
    mtu: int
    n_rx_queues: int
    n_tx_queues: int
    up: bool
    speed_mbps: int
    full_duplex: bool
    autoneg: bool
    mac: str
    flags: tuple[str, ...]  # promisc allmulticast foward2kni tc-egress tc-ingress lldp
    offloads: tuple[str, ...]  # OF_RX_IP_CSUM ...
    driver: str
    ipackets: int = 0
    opackets: int = 0
    ibytes: int = 0
    obytes: int = 0
    ierrors: int = 0
    oerrors: int = 0
    imissed: int = 0
    rx_nombuf: int = 0
    mbuf_avail: int = 0
    mbuf_inuse: int = 0


class LinkRows(_Value, frozen=True, tag="link.rows", tag_field="type"):
    rows: tuple[LinkRow, ...]


class LinkSet(_Request, frozen=True, tag="link.set"):
    """item: promisc, allmulticast, forward2kni, link, lldp, tc-egress, tc-ingress, addr, mtu."""

    dev: str
    item: str
    value: str


class CpuList(_Request, frozen=True, tag="cpu.list"):
    """The lcores and what they poll (dpip link show cpu)."""


class CpuRow(_Value, frozen=True):
    index: int  # dpip prints "cpuN"
    role: Literal["master", "worker"]
    socket: int
    queues: tuple[str, ...]  # "dpdk0:rx0" ...
    loops: int = 0
    pkt_bursts: int = 0
    zero_bursts: int = 0
    full_bursts: int = 0
    low_bursts: int | None = None  # at most half full, empty ones among them; None: not counted
    high_bursts: int | None = None  # more than half full
    ipackets: int = 0
    ibytes: int = 0
    opackets: int = 0
    obytes: int = 0
    dropped: int = 0
    busy_pct: float = 0.0
    busy_cycles: int = 0  # of turns that had packets in hand


class CpuRows(_Value, frozen=True, tag="cpu.rows", tag_field="type"):
    rows: tuple[CpuRow, ...]


class FlowList(_Request, frozen=True, tag="flow.list"):
    """Which worker owns which flow group, and how each port steers (dpip flow show)."""


class FlowPort(_Value, frozen=True):
    dev: str
    steering: str  # what the probe at start chose: one worker, rss, flow, software
    n_rx_queues: int
    detail: str  # in words: how far it goes, or why not more


class FlowRows(_Value, frozen=True, tag="flow.rows", tag_field="type"):
    group_worker: tuple[int, ...]  # 64 entries, worker index
    ports: tuple[FlowPort, ...]
    redirected: int  # packets handed to another worker


class GarpSend(_Request, frozen=True, tag="garp.send"):
    """Announce addresses of a device by gratuitous ARP requests, one frame an address."""

    dev: str
    addrs: tuple[str, ...]


# --- observation ----------------------------------------------------------------------------


class DropList(_Request, frozen=True, tag="drop.list"):
    """Every verdict's counter (dpip drops)."""


class VerdictRow(_Value, frozen=True):
    name: str
    dropped: bool  # a drop, or a packet that went its way
    total: int
    workers: tuple[int, ...]
    help: str


class VerdictRows(_Value, frozen=True, tag="verdict.rows", tag_field="type"):
    rows: tuple[VerdictRow, ...]


class InfoGet(_Request, frozen=True, tag="info.get"):
    """Version, start, memory and how full the pools are."""


class Info(_Value, frozen=True, tag="info", tag_field="type"):
    dpvs_version: str
    dpdk_version: str
    instance: str
    pid: int
    uptime_s: float
    hugepages: bool
    n_workers: int
    conns: int
    conn_pool: int
    n_services: int
    protocol_errors: int
    clients: int
    conf_file: str
    ready: tuple[Owner, ...] = ()  # who has sent Ready to this core


class CaptureStart(_Request, frozen=True, tag="capture.start"):
    """Stream copies of a device's packets until the client closes the connection.

    `program` is a classic BPF program, 8 bytes an instruction as the kernel's struct
    sock_filter in native byte order (empty: everything). Answered by a CapturePackets stream,
    whose first message comes at once, empty if need be: the capture has begun. Nothing else may
    be sent on this connection afterwards.
    """

    dev: str
    program: bytes = b""
    snaplen: int = 65535


class CapturePackets(_Value, frozen=True, tag="capture.packets", tag_field="type"):
    """`records` is a run of: u64 time (ns since the epoch), u32 original length, u32 captured
    length, u8 direction (0 received, 1 sent), 3 bytes zero, the bytes; native byte order."""

    records: bytes
    lost: int  # packets that did not fit the core's buffer so far


Change = (
    ServiceAdd | ServiceEdit | ServiceDel | ServiceFlush
    | DestAdd | DestEdit | DestDel | LaddrAdd | LaddrDel
    | AddrAdd | AddrSet | AddrDel | RouteAdd | RouteSet | RouteDel
)  # fmt: skip
"""What may stand in a Batch."""

Request = (
    Change | Hello | LeaseSet | Ready | Batch | ServiceZero | ServiceList | ConnList | ConnFind
    | AddrFlush | AddrList | RouteFlush | RouteList | NeighAdd | NeighDel | NeighList
    | GroupList
    | LinkList | LinkSet | CpuList | FlowList | GarpSend | DropList | InfoGet | CaptureStart
)  # fmt: skip

Reply = (
    Ok | Failure | Welcome | BatchDone | ServiceRows | ConnRows | AddrRows | RouteRows | NeighRows
    | GroupRows
    | LinkRows | CpuRows | FlowRows | VerdictRows | Info | CapturePackets
)  # fmt: skip

REPLY_OF: dict[type[_Request], type[_Value]] = {
    Hello: Welcome, LeaseSet: Ok, Ready: Ok, Batch: BatchDone,
    ServiceAdd: Ok, ServiceEdit: Ok, ServiceDel: Ok, ServiceFlush: Ok, ServiceZero: Ok,
    ServiceList: ServiceRows, DestAdd: Ok, DestEdit: Ok, DestDel: Ok,
    LaddrAdd: Ok, LaddrDel: Ok, ConnList: ConnRows, ConnFind: ConnRows,
    AddrAdd: Ok, AddrSet: Ok, AddrDel: Ok, AddrFlush: Ok, AddrList: AddrRows,
    RouteAdd: Ok, RouteSet: Ok, RouteDel: Ok, RouteFlush: Ok, RouteList: RouteRows,
    NeighAdd: Ok, NeighDel: Ok, NeighList: NeighRows, GroupList: GroupRows,
    LinkList: LinkRows, LinkSet: Ok, CpuList: CpuRows, FlowList: FlowRows, GarpSend: Ok,
    DropList: VerdictRows, InfoGet: Info, CaptureStart: CapturePackets,
}  # fmt: skip
