"""Drop counters, the core itself, captures."""

from dpvs_core.control.messages.base import Owner, RequestBase, Value


class DropList(RequestBase, frozen=True, tag="drop.list"):
    """Every verdict's counter (dpip drops)."""


class VerdictRow(Value, frozen=True):
    name: str
    dropped: bool  # a drop, or a packet that went its way
    total: int
    workers: tuple[int, ...]
    help: str


class VerdictRows(Value, frozen=True, tag="verdict.rows", tag_field="type"):
    rows: tuple[VerdictRow, ...]


class Ip6List(RequestBase, frozen=True, tag="ip6.list"):
    """The counters of IPv6 (dpip ipv6 show)."""


class Ip6Row(Value, frozen=True):
    name: str
    total: int
    by_cpu: tuple[int, ...]
    help: str


class Ip6Rows(Value, frozen=True, tag="ip6.rows", tag_field="type"):
    """Without packets of established connections. `cpus`: the lcores of `by_cpu`, as in CpuRow; the
    host thread's are the master's, 0."""

    cpus: tuple[int, ...]
    rows: tuple[Ip6Row, ...]


class InfoGet(RequestBase, frozen=True, tag="info.get"):
    """Version, start, memory and how full the pools are."""


class Info(Value, frozen=True, tag="info", tag_field="type"):
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


class CaptureStart(RequestBase, frozen=True, tag="capture.start"):
    """Stream copies of a device's packets until the client closes the connection.

    `program` is a classic BPF program, 8 bytes an instruction as the kernel's struct
    sock_filter in native byte order (empty: everything). Answered by a CapturePackets stream,
    whose first message comes at once, empty if need be: the capture has begun. Nothing else may
    be sent on this connection afterwards.
    """

    dev: str
    program: bytes = b""
    snaplen: int = 65535


class CapturePackets(Value, frozen=True, tag="capture.packets", tag_field="type"):
    """`records` is a run of: u64 time (ns since the epoch), u32 original length, u32 captured
    length, u8 direction (0 received, 1 sent), 3 bytes zero, the bytes; native byte order."""

    records: bytes
    lost: int  # packets that did not fit the core's buffer so far
