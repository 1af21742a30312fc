"""Links, CPUs, flow groups, announcements."""

from typing import Literal

from dpvs_core.control.messages.base import RequestBase, Value


class LinkList(RequestBase, frozen=True, tag="link.list"):
    dev: str = ""


class LinkRow(Value, frozen=True):
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


class LinkRows(Value, frozen=True, tag="link.rows", tag_field="type"):
    rows: tuple[LinkRow, ...]


class LinkSet(RequestBase, frozen=True, tag="link.set"):
    """item: promisc, allmulticast, forward2kni, link, lldp, tc-egress, tc-ingress, addr, mtu."""

    dev: str
    item: str
    value: str


class CpuList(RequestBase, frozen=True, tag="cpu.list"):
    """The lcores and what they poll (dpip link show cpu)."""


class CpuRow(Value, frozen=True):
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


class CpuRows(Value, frozen=True, tag="cpu.rows", tag_field="type"):
    rows: tuple[CpuRow, ...]


class FlowList(RequestBase, frozen=True, tag="flow.list"):
    """Which worker owns which flow group, and how each port steers (dpip flow show)."""


class FlowPort(Value, frozen=True):
    dev: str
    steering: str  # what the probe at start chose: one worker, rss, flow, software
    n_rx_queues: int
    detail: str  # in words: how far it goes, or why not more


class FlowRows(Value, frozen=True, tag="flow.rows", tag_field="type"):
    group_worker: tuple[int, ...]  # 64 entries, worker index
    ports: tuple[FlowPort, ...]
    redirected: int  # packets handed to another worker


class GarpSend(RequestBase, frozen=True, tag="garp.send"):
    """Announce addresses of a device by gratuitous ARP requests, one frame an address."""

    dev: str
    addrs: tuple[str, ...]
