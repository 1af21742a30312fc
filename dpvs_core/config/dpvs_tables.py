"""The items of dpvs.conf as rows; the number in front of a sentence is DPVS's item.

`later` names the items that are known but not carried yet: one warning each. Items marked
"(ours)" are additions that DPVS does not have.
"""

from dpvs_core.config import dpvs_model as model
from dpvs_core.config.addresses import Prefix
from dpvs_core.config.dpvs_tables_ipvs import IPVS_DEFS, SA_POOL
from dpvs_core.config.dpvs_values import (
    RSS_TYPES,
    KniRouteLine,
    RssTypes,
    StableSecret,
    VdevName,
)
from dpvs_core.config.keywords import Block, Keyword, Named
from dpvs_core.config.values import Choice, Flag, Int, Numbers, PowerOfTwo, Text

__all__ = ["INCLUDES", "ROOT", "RSS_TYPES"]

INCLUDES = {"include": frozenset[str]()}

ON_OFF = Choice(on=True, off=False)
LOG_LEVELS = ("DEBUG", "INFO", "NOTICE", "WARNING", "ERR", "CRIT", "ALERT", "EMERG")
IF_NAME = Text("an interface name", 15)


PLACED = Named(placed=True)

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
    unread={
        "log_async_mode": "C-016 on or off, default off: a thread of its own writes the log",
        "log_async_pool_size": "C-017 from 1023, 2^n-1, default 16383: messages that wait for it",
        "pdump": "C-018 on or off, default off (`dpip capture` is always there)",
        "lldp": "C-020 on or off, default off",
    },
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
    unread={"max_burst_size": "C-034 fixed at 32"},
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
    header=PLACED,
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
    unread={
        "fdir_mode": "C-024 perfect or signature, default perfect",
        "bonding": "C-035..C-041 a block: mode, slave, primary, numa_node, kni_name, options",
    },
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
    header=Named("device"),
    repeats=True,
    unread={
        "isol_rx_cpu_ids": "C-056 numbers from 1 to 63: lcores that only receive",
        "isol_rxq_ring_sz": "C-057 2^n, default 1048576: packets between them and the worker",
    },
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
    header=PLACED,
    repeats=True,
    unread={"icmp_redirect_core": "C-058 no argument: this lcore answers pings"},
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
            (
                Keyword("bucket_number", Int(32, 65536), "bucket_number", "C-082 hash buckets"),
                Keyword(
                    "bucket_entries",
                    PowerOfTwo(1, 256),
                    "bucket_entries",
                    "C-083 packets a bucket has room for",
                ),
                Keyword(
                    "max_entries",
                    Int(32, 65536 * 256),
                    "max_entries",
                    "C-084 packets in fragments that a worker knows at once",
                ),
                Keyword("ttl", Int(1, 255, "seconds"), "ttl_s", "C-085 wait for a first fragment"),
            ),
            "packets in fragments, IPv6 too",
            field="fragment",
            model=model.FragmentDefs,
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
            "lpm",
            (),
            "longest-prefix tables",
            unread={
                "lpm6_max_rules": "C-096 from 16 to 65536, 2^n, default 256",
                "lpm6_num_tbl8s": "C-097 from 256 to 1048576, 2^n, default 4096",
                "rt6_hash_bucket": "C-098 from 16 to 65536, 2^n, default 256",
            },
        ),
    ),
    "IPv6 routes",
    unread={
        "method": "C-094 hlist or lpm, default hlist",
        "recycle_time": "C-095 seconds from 1 to 36000, default 10",
    },
)

IPV6_DEFS = Block(
    "ipv6_defs",
    (
        Keyword("disable", ON_OFF, "disable", "C-090 drop all IPv6"),
        Keyword("forwarding", ON_OFF, "forwarding", "C-091 forward what is not for us"),
        Keyword(
            "addr_gen_mode",
            Choice("eui64", "none", "stable-privacy", "random"),
            "addr_gen_mode",
            "C-092 how a device's link-local address is made",
        ),
        Keyword("stable_secret", StableSecret(), "stable_secret", "C-093 secret of stable-privacy"),
        _ROUTE6,
    ),
    "IPv6",
    field="ipv6_defs",
    model=model.Ipv6Defs,
)

_LCORE_MSG = Block(
    "lcore_msg",
    (),
    "messages between lcores",
    unread={
        "ring_size": "C-100 from 256 to 524288, 2^n, default 4096",
        "sync_msg_timeout_us": "C-101 from 1, default 2000",
        "priority_level": "C-102 low, norm, high or ign, default low",
    },
)

NOT_CARRIED = (
    Block(
        "ipset_defs",
        (),
        "address sets",
        unread={"ipset_hash_pool_size": "C-073 from 65536, 2^n-1, default 262143"},
    ),
    Block("ctrl_defs", (_LCORE_MSG,), "control plane"),
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
        IPV6_DEFS,
        *NOT_CARRIED,
        IPVS_DEFS,
        SA_POOL,
    ),
    "dpvs.conf",
    model=model.DpvsConf,
)
