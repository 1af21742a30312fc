"""The items of dpvs.conf as rows; the number in front of a sentence is DPVS's item.

`later` names the items that are known but not carried yet: one warning each. Items marked
"(ours)" are additions that DPVS does not have.
"""

from dpvs_core.config import dpvs_model as model
from dpvs_core.config.addresses import Prefix
from dpvs_core.config.dpvs_values import RSS_TYPES, KniRouteLine, RssTypes, VdevName
from dpvs_core.config.errors import BadValue
from dpvs_core.config.keywords import Block, Keyword, named
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Bool, Choice, Flag, Int, Numbers, PowerOfTwo, Text

__all__ = ["INCLUDES", "ROOT", "RSS_TYPES"]

INCLUDES = {"include": frozenset[str]()}

ON_OFF = Choice(on=True, off=False)
LIFE_S = Int(1, 31535999, "seconds")
LOG_LEVELS = ("DEBUG", "INFO", "NOTICE", "WARNING", "ERR", "CRIT", "ALERT", "EMERG")
IF_NAME = Text("an interface name", 15)


def _port_of(node: Node) -> dict[str, object]:
    if len(node.words) < 2:
        raise BadValue("port without a device", "port DEVICE", 1)
    return {"device": node.words[1]}


def _placed(node: Node) -> dict[str, object]:
    return {**named(node), "place": node.short_place}


GLOBAL_DEFS = Block(
    "global_defs",
    (
        Keyword("log_level", Choice(*LOG_LEVELS), "log_level", "C-013 what is logged"),
        Keyword("log_file", Text("a path"), "log_file", "C-014 log there instead of to syslog"),
        Keyword("log_with_timestamp", ON_OFF, "log_with_timestamp", "C-015 time before each line"),
        Keyword("kni", ON_OFF, "kni", "C-019 kernel ports at all"),
    ),
    "settings of the whole program",
    field="global_defs",
    model=model.GlobalDefs,
    later=("log_async_mode", "log_async_pool_size", "pdump", "lldp"),
)

_QUEUES = Int(0, 16)
_DESCRIPTORS = PowerOfTwo(16, 8192)

RX = Block(
    "rx",
    (
        Keyword("queue_number", _QUEUES, "queue_number", "C-026 informational"),
        Keyword("descriptor_number", _DESCRIPTORS, "descriptor_number", "C-027 slots of a queue"),
        Keyword("rss", RssTypes(), "rss", "C-028 which packets are hashed over the queues"),
    ),
    "receiving",
    field="rx",
    model=model.RxQueues,
    later=("max_burst_size",),
)

TX = Block(
    "tx",
    (
        Keyword("queue_number", _QUEUES, "queue_number", "C-029 informational"),
        Keyword("descriptor_number", _DESCRIPTORS, "descriptor_number", "C-029 slots of a queue"),
        Keyword("mbuf_fast_free", ON_OFF, "mbuf_fast_free", "C-030 off between NUMA nodes"),
    ),
    "transmitting",
    field="tx",
    model=model.TxQueues,
)

KNI = Block(
    "kni",
    (
        Keyword(
            "address", Prefix(), "addresses", "(ours) an address of the kernel port", many=True
        ),
        Keyword(
            "route", KniRouteLine(), "routes", "(ours) a route over the kernel port", many=True
        ),
        Keyword("mtu", Int(68, 9000), "mtu", "(ours) the kernel port's MTU"),
        Keyword(
            "backend",
            Choice("auto", "virtio_user", "net_tap"),
            "backend",
            "(ours) how the kernel port is made",
        ),
    ),
    "(ours) what dpvs sets on the device's kernel port",
    field="kni",
    model=model.Kni,
)

DEVICE = Block(
    "device",
    (
        RX,
        TX,
        KNI,
        Keyword("vdev", VdevName(), "vdev", "(ours) a port without PCI hardware"),
        Keyword("promisc_mode", Flag(), "promisc_mode", "C-031 receive all frames"),
        Keyword("allmulticast", Flag(), "allmulticast", "C-031 receive all multicast"),
        Keyword("mtu", Int(1, 9000), "mtu", "C-032 largest packet"),
        Keyword("kni_name", IF_NAME, "kni_name", "C-033 name of the kernel port"),
    ),
    "C-025 a port and the name it has here",
    field="devices",
    model=model.Device,
    header=_placed,
    repeats=True,
)

NETIF_DEFS = Block(
    "netif_defs",
    (
        Keyword(
            "pktpool_size",
            PowerOfTwo(1023, 134217727, minus_one=True),
            "pktpool_size",
            "C-022 packet buffers per NUMA node",
        ),
        Keyword(
            "pktpool_cache", PowerOfTwo(32, 8192), "pktpool_cache", "C-023 buffers an lcore keeps"
        ),
        DEVICE,
    ),
    "packet buffers and ports",
    field="netif_defs",
    model=model.NetifDefs,
    later=("fdir_mode", "bonding"),
)

PORT = Block(
    "port",
    (
        Keyword("rx_queue_ids", Numbers(Int(0, 15)), "rx_queue_ids", "C-054 queues it reads"),
        Keyword("tx_queue_ids", Numbers(Int(0, 15)), "tx_queue_ids", "C-055 queues it writes"),
    ),
    "C-053 a port that the worker serves",
    field="ports",
    model=model.WorkerPort,
    header=_port_of,
    repeats=True,
    later=("isol_rx_cpu_ids", "isol_rxq_ring_sz"),
)

WORKER = Block(
    "worker",
    (
        Keyword("type", Choice("master", "slave", "kni"), "type", "C-051 what it does"),
        Keyword("cpu_id", Int(0, 63), "cpu_id", "C-052 the lcore"),
        PORT,
    ),
    "C-050 an lcore and the queues it serves",
    field="workers",
    model=model.Worker,
    header=_placed,
    repeats=True,
    later=("icmp_redirect_core",),
)

WORKER_DEFS = Block(
    "worker_defs",
    (
        WORKER,
        Keyword("idle_backoff", ON_OFF, "idle_backoff", "(ours) idle workers sleep"),
        Keyword(
            "idle_sleep_max_us", Int(1, 10000, "us"), "idle_sleep_max_us", "(ours) how long at most"
        ),
    ),
    "which lcore does what",
    field="worker_defs",
    model=model.WorkerDefs,
)

TIMER_DEFS = Block(
    "timer_defs",
    (
        Keyword(
            "schedule_interval",
            Int(1, 10_000_000, "us"),
            "schedule_interval_us",
            "C-070 how often timers are looked at",
        ),
    ),
    "timers",
    field="timer_defs",
    model=model.TimerDefs,
)

NEIGH_DEFS = Block(
    "neigh_defs",
    (
        Keyword(
            "unres_queue_length",
            Int(16, 8192, "packets"),
            "unres_queue_length",
            "C-071 packets that wait for an address to be resolved",
        ),
        Keyword("timeout", Int(1, 3600, "seconds"), "timeout_s", "C-072 REACHABLE time"),
    ),
    "neighbours",
    field="neigh_defs",
    model=model.NeighDefs,
)

IPV4_DEFS = Block(
    "ipv4_defs",
    (
        Keyword("forwarding", ON_OFF, "forwarding", "C-080 forward what is not for us"),
        Keyword("default_ttl", Int(0, 255), "default_ttl", "C-081 TTL of own packets"),
        Block(
            "fragment",
            (),
            "reassembly",
            later=("bucket_number", "bucket_entries", "max_entries", "ttl"),
        ),
    ),
    "IPv4",
    field="ipv4_defs",
    model=model.Ipv4Defs,
)

_ROUTE6 = Block(
    "route6",
    (
        Block(
            "lpm", (), "IPv6 routes", later=("lpm6_max_rules", "lpm6_num_tbl8s", "rt6_hash_bucket")
        ),
    ),
    "IPv6 routes",
    later=("method", "recycle_time"),
)

NOT_CARRIED = (
    Block("ipset_defs", (), "C-073 address sets", later=("ipset_hash_pool_size",)),
    Block(
        "ipv6_defs",
        (_ROUTE6,),
        "IPv6",
        later=("disable", "forwarding", "addr_gen_mode", "stable_secret"),
    ),
    Block(
        "ctrl_defs",
        (
            Block(
                "lcore_msg",
                (),
                "C-100..102 messages between lcores",
                later=("ring_size", "sync_msg_timeout_us", "priority_level"),
            ),
        ),
        "control plane",
    ),
)

CONN = Block(
    "conn",
    (
        Keyword(
            "conn_pool_size",
            PowerOfTwo(65536, 2**31 - 1, minus_one=True),
            "conn_pool_size",
            "C-110 connections per NUMA node",
        ),
        Keyword("conn_init_timeout", LIFE_S, "conn_init_timeout_s", "C-112 life before a state"),
        Keyword(
            "expire_quiescent_template",
            Flag(),
            "expire_quiescent_template",
            "C-113 a persistent client leaves a server of weight 0",
        ),
        Keyword("fast_xmit_close", Flag(), "fast_xmit_close", "C-114 no remembered L2 headers"),
        Keyword("xmit_ttl", Flag(), "xmit_ttl", "C-115 balancing counts as a hop"),
        Keyword("redirect", ON_OFF, "redirect", "C-116 packets may change the worker"),
    ),
    "connections",
    field="conn",
    model=model.ConnDefs,
    later=("conn_pool_cache",),
)

UDP = Block(
    "udp",
    (
        Keyword("defence_udp_drop", Flag(), "defence_udp_drop", "C-120 drop what has no service"),
        Keyword("uoa_mode", Choice("opp", "ipo"), "uoa_mode", "C-121 how the client is told"),
        Keyword("uoa_max_trail", Int(0, 255), "uoa_max_trail", "C-122 in how many packets"),
        Block(
            "timeout",
            (
                Keyword("oneway", LIFE_S, "oneway_s", "C-123 before an answer"),
                Keyword("normal", LIFE_S, "normal_s", "C-124 after an answer"),
                Keyword("last", LIFE_S, "last_s", "C-125 guard"),
            ),
            "lives of the UDP states",
            field="timeout",
            model=model.UdpTimeouts,
        ),
    ),
    "UDP",
    field="udp",
    model=model.UdpDefs,
)

TCP_STATES = (
    "none",
    "established",
    "syn_sent",
    "syn_recv",
    "fin_wait",
    "time_wait",
    "close",
    "close_wait",
    "last_ack",
    "listen",
    "synack",
    "last",
)

REUSE_STATES = ("close", "time_wait", "fin_wait", "close_wait", "last_ack")

SYNPROXY = Block(
    "synproxy",
    (
        Block(
            "synack_options",
            (
                Keyword("mss", Int(1, 65535), "mss", "C-132 in the SYN-ACK"),
                Keyword("ttl", Int(1, 255), "ttl", "C-133 of the SYN-ACK"),
                Keyword("sack", Bool(), "sack", "C-134 offered; `sack off` is ours"),
                Keyword("wscale", Int(0, 14), "wscale", "C-135 window scaling"),
                Keyword("timestamp", Flag(), "timestamp", "C-136 offered"),
            ),
            "options of the SYN-ACK",
            field="synack_options",
            model=model.SynackOptions,
        ),
        Keyword("close_client_window", Flag(), "close_client_window", "C-137 window 0 at first"),
        Keyword("defer_rs_syn", Flag(), "defer_rs_syn", "C-138 wait for the client's data"),
        Keyword("rs_syn_max_retry", Int(1, 99), "rs_syn_max_retry", "C-139 tries at the server"),
        Keyword("ack_storm_thresh", Int(1, 999), "ack_storm_thresh", "C-140 same ACKs before drop"),
        Keyword("max_ack_saved", Int(1, 63), "max_ack_saved", "C-141 packets that wait"),
        Block(
            "conn_reuse_state",
            tuple(
                Keyword(state, Bool(), state, f"C-142 in {state}; on or off is ours")
                for state in REUSE_STATES
            ),
            "states in which a connection may be taken over",
            field="conn_reuse_state",
            model=model.ConnReuse,
        ),
    ),
    "SYN proxy",
    field="synproxy",
    model=model.Synproxy,
)

TCP = Block(
    "tcp",
    (
        Keyword(
            "defence_tcp_drop", Flag(), "defence_tcp_drop", "C-130 drop what has no connection"
        ),
        Block(
            "timeout",
            tuple(
                Keyword(state, LIFE_S, f"{state}_s", f"C-131 life in state {state}")
                for state in TCP_STATES
            ),
            "lives of the TCP states",
            field="timeout",
            model=model.TcpTimeouts,
        ),
        SYNPROXY,
    ),
    "TCP",
    field="tcp",
    model=model.TcpDefs,
)

IPVS_DEFS = Block(
    "ipvs_defs", (CONN, UDP, TCP), "balancing", field="ipvs_defs", model=model.IpvsDefs
)

SA_POOL = Block(
    "sa_pool",
    (
        Keyword("pool_hash_size", Int(1, 128), "pool_hash_size", "C-150 port pools an address"),
        Keyword("flow_enable", ON_OFF, "flow_enable", "C-151 flow rules in the NIC"),
    ),
    "local ports",
    field="sa_pool",
    model=model.SaPool,
)

ROOT = Block(
    "",
    (
        GLOBAL_DEFS,
        NETIF_DEFS,
        WORKER_DEFS,
        TIMER_DEFS,
        NEIGH_DEFS,
        IPV4_DEFS,
        *NOT_CARRIED,
        IPVS_DEFS,
        SA_POOL,
    ),
    "dpvs.conf",
    model=model.DpvsConf,
)
