"""What dpvs.conf means, as frozen values; the defaults are the program's (items C-013..C-151)."""

from typing import Literal

import msgspec

LogLevel = Literal["DEBUG", "INFO", "NOTICE", "WARNING", "ERR", "CRIT", "ALERT", "EMERG"]


class GlobalDefs(msgspec.Struct, frozen=True, kw_only=True):
    log_level: LogLevel | None = None  # None: the environment layer's own default
    log_file: str | None = None  # None: syslog
    log_with_timestamp: bool = False
    log_async_mode: bool = False
    log_async_pool_size: int = 16383
    pdump: bool = False
    kni: bool = True  # kernel ports at all
    lldp: bool = False


class RxQueues(msgspec.Struct, frozen=True, kw_only=True):
    queue_number: int | None = None  # None: as many as the workers use
    descriptor_number: int = 256
    rss: tuple[str, ...] = ("tcp",)
    max_burst_size: int = 32


class TxQueues(msgspec.Struct, frozen=True, kw_only=True):
    queue_number: int | None = None
    descriptor_number: int = 512
    mbuf_fast_free: bool = True


class KniRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A route of the Linux side over the kernel port."""

    prefix: str
    via: str | None = None


class Kni(msgspec.Struct, frozen=True, kw_only=True):
    """The kernel port of a device, as Linux shall see it."""

    addresses: tuple[str, ...] = ()  # ADDRESS/LENGTH
    routes: tuple[KniRoute, ...] = ()
    mtu: int | None = None  # None: the device's
    backend: Literal["auto", "virtio_user", "net_tap"] = "auto"


class Vdev(msgspec.Struct, frozen=True, kw_only=True):
    """A port that is no PCI device: the driver's name with its number, and its arguments."""

    driver: str
    args: str = ""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A port. Order in the file gives port numbers to the PCI ones (C-025)."""

    name: str
    vdev: Vdev | None = None  # None: the next PCI port of the command line
    rx: RxQueues = RxQueues()
    tx: TxQueues = TxQueues()
    promisc_mode: bool = False
    allmulticast: bool = False
    mtu: int = 1500
    kni_name: str | None = None
    kni: Kni = Kni()
    place: str = ""

    @property
    def kernel_port(self) -> str:
        """The name that Linux sees."""
        return self.kni_name or f"{self.name}.kni"


class Bonding(msgspec.Struct, frozen=True, kw_only=True):
    """Several devices as one (C-035)."""

    name: str
    mode: int = 0  # 0 round-robin, 1 active-backup, 2 balance, 3 broadcast, 4 802.3ad, 5 tlb, 6 alb
    slaves: tuple[str, ...] = ()
    primary: str | None = None  # None: the first slave
    numa_node: int = 0
    kni_name: str | None = None
    dedicated_queues: bool = True  # of mode 4, for LACP
    place: str = ""


class NetifDefs(msgspec.Struct, frozen=True, kw_only=True):
    pktpool_size: int = 65535  # packet buffers per NUMA node
    pktpool_cache: int = 256
    fdir_mode: Literal["perfect", "signature"] = "perfect"
    devices: tuple[Device, ...] = ()
    bondings: tuple[Bonding, ...] = ()


class WorkerPort(msgspec.Struct, frozen=True, kw_only=True):
    device: str
    rx_queue_ids: tuple[int, ...] = ()
    tx_queue_ids: tuple[int, ...] = ()
    isol_rx_cpu_ids: tuple[int, ...] = ()  # the nth is of the nth receive queue
    isol_rxq_ring_sz: int = 1048576  # slots


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    type: Literal["master", "slave", "kni"] = "slave"
    cpu_id: int = 0  # the lcore, not the processor
    icmp_redirect_core: bool = False
    ports: tuple[WorkerPort, ...] = ()
    place: str = ""


class WorkerDefs(msgspec.Struct, frozen=True, kw_only=True):
    workers: tuple[Worker, ...] = ()
    idle_backoff: bool = True  # workers without traffic sleep, deeper and deeper
    idle_sleep_max_us: int = 200


class TimerDefs(msgspec.Struct, frozen=True, kw_only=True):
    schedule_interval_us: int = 10


class NeighDefs(msgspec.Struct, frozen=True, kw_only=True):
    unres_queue_length: int = 128  # packets that wait for one neighbour
    timeout_s: int = 60  # how long a neighbour is REACHABLE


class FragmentDefs(msgspec.Struct, frozen=True, kw_only=True):
    """Of packets in fragments, IPv6's too. Nothing is put together, only remembered."""

    bucket_number: int = 4096
    bucket_entries: int = 16
    max_entries: int = 4096  # at once, a worker
    ttl_s: int = 1

    @property
    def sets(self) -> int:
        """Buckets there is a use for: entries in all of them are max_entries at most."""
        return max(1, min(self.bucket_number, self.max_entries // self.bucket_entries))


class Ipv4Defs(msgspec.Struct, frozen=True, kw_only=True):
    forwarding: bool = False
    default_ttl: int = 64
    fragment: FragmentDefs = FragmentDefs()


class Lpm6(msgspec.Struct, frozen=True, kw_only=True):
    lpm6_max_rules: int = 256
    lpm6_num_tbl8s: int = 4096
    rt6_hash_bucket: int = 256


class Route6(msgspec.Struct, frozen=True, kw_only=True):
    method: Literal["hlist", "lpm"] = "hlist"
    recycle_time_s: int = 10
    lpm: Lpm6 = Lpm6()


AddrGenMode = Literal["eui64", "none", "stable-privacy", "random"]


class Ipv6Defs(msgspec.Struct, frozen=True, kw_only=True):
    disable: bool = False  # every IPv6 packet is dropped
    forwarding: bool = False  # of packets that are not for us
    addr_gen_mode: AddrGenMode = "eui64"  # of link-local addresses
    stable_secret: str | None = None  # 32 hexadecimal digits, for stable-privacy
    route6: Route6 = Route6()


class IpsetDefs(msgspec.Struct, frozen=True, kw_only=True):
    ipset_hash_pool_size: int = 262143


class LcoreMsg(msgspec.Struct, frozen=True, kw_only=True):
    ring_size: int = 4096
    sync_msg_timeout_us: int = 2000
    priority_level: Literal["low", "norm", "high", "ign"] = "low"


class CtrlDefs(msgspec.Struct, frozen=True, kw_only=True):
    lcore_msg: LcoreMsg = LcoreMsg()


class ConnDefs(msgspec.Struct, frozen=True, kw_only=True):
    conn_pool_size: int = 2097151  # connections per NUMA node
    conn_pool_cache: int = 256
    conn_init_timeout_s: int = 3
    expire_quiescent_template: bool = False
    fast_xmit_close: bool = False
    xmit_ttl: bool = False
    redirect: bool = False


class UdpTimeouts(msgspec.Struct, frozen=True, kw_only=True):
    oneway_s: int = 300
    normal_s: int = 300
    last_s: int = 2


class UdpDefs(msgspec.Struct, frozen=True, kw_only=True):
    defence_udp_drop: bool = False
    uoa_mode: Literal["opp", "ipo"] = "opp"
    uoa_max_trail: int = 3
    timeout: UdpTimeouts = UdpTimeouts()


class TcpTimeouts(msgspec.Struct, frozen=True, kw_only=True):
    none_s: int = 2
    established_s: int = 90
    syn_sent_s: int = 3
    syn_recv_s: int = 30
    fin_wait_s: int = 7
    time_wait_s: int = 7
    close_s: int = 3
    close_wait_s: int = 7
    last_ack_s: int = 7
    listen_s: int = 120
    synack_s: int = 30
    last_s: int = 2


class SynackOptions(msgspec.Struct, frozen=True, kw_only=True):
    mss: int = 1452
    ttl: int = 63
    sack: bool = True
    wscale: int = 0
    timestamp: bool = False


class ConnReuse(msgspec.Struct, frozen=True, kw_only=True):
    """The states in which a valid cookie may take over a connection."""

    close: bool = True
    time_wait: bool = True
    fin_wait: bool = False
    close_wait: bool = False
    last_ack: bool = False


class Synproxy(msgspec.Struct, frozen=True, kw_only=True):
    synack_options: SynackOptions = SynackOptions()
    close_client_window: bool = False
    defer_rs_syn: bool = False
    rs_syn_max_retry: int = 3
    ack_storm_thresh: int = 10
    max_ack_saved: int = 3
    conn_reuse_state: ConnReuse = ConnReuse()


class TcpDefs(msgspec.Struct, frozen=True, kw_only=True):
    defence_tcp_drop: bool = False
    timeout: TcpTimeouts = TcpTimeouts()
    synproxy: Synproxy = Synproxy()


class SctpTimeouts(msgspec.Struct, frozen=True, kw_only=True):
    """LVS's (F-130): DPVS has no words for them."""

    none_s: int = 2
    init1_s: int = 4
    init_s: int = 60
    cookie_sent_s: int = 60
    cookie_replied_s: int = 60
    cookie_wait_s: int = 60
    cookie_s: int = 60
    cookie_echoed_s: int = 60
    established_s: int = 900
    shutdown_sent_s: int = 60
    shutdown_received_s: int = 60
    shutdown_ack_sent_s: int = 60
    rejected_s: int = 4
    closed_s: int = 60


class SctpDefs(msgspec.Struct, frozen=True, kw_only=True):
    timeout: SctpTimeouts = SctpTimeouts()


class IpvsDefs(msgspec.Struct, frozen=True, kw_only=True):
    conn: ConnDefs = ConnDefs()
    udp: UdpDefs = UdpDefs()
    tcp: TcpDefs = TcpDefs()
    sctp: SctpDefs = SctpDefs()


class SaPool(msgspec.Struct, frozen=True, kw_only=True):
    pool_hash_size: int = 16
    flow_enable: bool = True


class DpvsConf(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    global_defs: GlobalDefs = GlobalDefs()
    netif_defs: NetifDefs = NetifDefs()
    worker_defs: WorkerDefs = WorkerDefs()
    timer_defs: TimerDefs = TimerDefs()
    neigh_defs: NeighDefs = NeighDefs()
    ipv4_defs: Ipv4Defs = Ipv4Defs()
    ipv6_defs: Ipv6Defs = Ipv6Defs()
    ipset_defs: IpsetDefs = IpsetDefs()
    ctrl_defs: CtrlDefs = CtrlDefs()
    ipvs_defs: IpvsDefs = IpvsDefs()
    sa_pool: SaPool = SaPool()
