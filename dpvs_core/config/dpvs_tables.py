"""The items of dpvs.conf as rows; the number in front of a sentence is DPVS's item.

Items with `later` are read, but nothing acts on them: dpvs_lacks.py says what that means. Items
marked "(ours)" are additions that DPVS does not have.
"""

from dpvs_core.config import dpvs_model as model
from dpvs_core.config.dpvs_tables_ipvs import IPVS_DEFS, ON_OFF, SA_POOL
from dpvs_core.config.dpvs_tables_netif import NETIF_DEFS, PLACED
from dpvs_core.config.dpvs_values import RSS_TYPES, StableSecret
from dpvs_core.config.keywords import Block, Keyword, Named
from dpvs_core.config.values import UINT_MAX, Choice, Flag, Int, Numbers, PowerOfTwo, Text

__all__ = ["INCLUDES", "ROOT", "RSS_TYPES"]

INCLUDES = {"include": frozenset[str]()}

LOG_LEVELS = ("DEBUG", "INFO", "NOTICE", "WARNING", "ERR", "CRIT", "ALERT", "EMERG")


GLOBAL_DEFS = Block(
    "global_defs",
    (
        Keyword("log_level", Choice(*LOG_LEVELS), "log_level", "C-013 what is logged"),
        Keyword("log_file", Text("a path"), "log_file", "C-014 log there instead of to syslog"),
        Keyword("log_with_timestamp", ON_OFF, "log_with_timestamp", "C-015 time before each line"),
        Keyword(
            "log_async_mode",
            ON_OFF,
            "log_async_mode",
            "C-016 a thread of its own writes the log",
            later=True,
        ),
        Keyword(
            "log_async_pool_size",
            PowerOfTwo(1023, UINT_MAX, minus_one=True),
            "log_async_pool_size",
            "C-017 messages that wait for it",
            later=True,
        ),
        Keyword("pdump", ON_OFF, "pdump", "C-018 packets can be captured", later=True),
        Keyword("lldp", ON_OFF, "lldp", "C-020 tell the switch, and hear it", later=True),
        Keyword("kni", ON_OFF, "kni", "C-019 kernel ports at all"),
    ),
    "settings of the whole program",
    field="global_defs",
    model=model.GlobalDefs,
)

PORT = Block(
    "port",
    (
        Keyword("rx_queue_ids", Numbers(Int(0, 15)), "rx_queue_ids", "C-054 queues it reads"),
        Keyword("tx_queue_ids", Numbers(Int(0, 15)), "tx_queue_ids", "C-055 queues it writes"),
        Keyword(
            "isol_rx_cpu_ids",
            Numbers(Int(1, 63)),
            "isol_rx_cpu_ids",
            "C-056 lcores that only receive, one for each queue",
            later=True,
        ),
        Keyword(
            "isol_rxq_ring_sz",
            PowerOfTwo(1, UINT_MAX),
            "isol_rxq_ring_sz",
            "C-057 packets between them and the worker",
            later=True,
        ),
    ),
    "C-053 a port that the worker serves",
    field="ports",
    model=model.WorkerPort,
    header=Named("device"),
    repeats=True,
)

WORKER = Block(
    "worker",
    (
        Keyword("type", Choice("master", "slave", "kni"), "type", "C-051 what it does"),
        Keyword("cpu_id", Int(0, 63), "cpu_id", "C-052 the lcore"),
        PORT,
        Keyword(
            "icmp_redirect_core",
            Flag(),
            "icmp_redirect_core",
            "C-058 this lcore answers pings",
            later=True,
        ),
    ),
    "C-050 an lcore and the queues it serves",
    field="workers",
    model=model.Worker,
    header=PLACED,
    repeats=True,
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
            later=True,
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
                    Int(1, 65536 * 256),
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
        Keyword(
            "method", Choice("hlist", "lpm"), "method", "C-094 how routes are looked up", later=True
        ),
        Keyword(
            "recycle_time",
            Int(1, 36000, "seconds"),
            "recycle_time_s",
            "C-095 when freed routes are cleared away",
            later=True,
        ),
        Block(
            "lpm",
            (
                Keyword(
                    "lpm6_max_rules",
                    PowerOfTwo(16, 65536),
                    "lpm6_max_rules",
                    "C-096 routes",
                    later=True,
                ),
                Keyword(
                    "lpm6_num_tbl8s",
                    PowerOfTwo(256, 1048576),
                    "lpm6_num_tbl8s",
                    "C-097 tables of 8 bits",
                    later=True,
                ),
                Keyword(
                    "rt6_hash_bucket",
                    PowerOfTwo(16, 65536),
                    "rt6_hash_bucket",
                    "C-098 hash buckets",
                    later=True,
                ),
            ),
            "longest-prefix tables",
            field="lpm",
            model=model.Lpm6,
        ),
    ),
    "IPv6 routes",
    field="route6",
    model=model.Route6,
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

IPSET_DEFS = Block(
    "ipset_defs",
    (
        Keyword(
            "ipset_hash_pool_size",
            PowerOfTwo(65536, UINT_MAX, minus_one=True),
            "ipset_hash_pool_size",
            "C-073 entries of all sets",
            later=True,
        ),
    ),
    "address sets",
    field="ipset_defs",
    model=model.IpsetDefs,
)

CTRL_DEFS = Block(
    "ctrl_defs",
    (
        Block(
            "lcore_msg",
            (
                Keyword(
                    "ring_size",
                    PowerOfTwo(256, 524288),
                    "ring_size",
                    "C-100 messages that wait for an lcore",
                    later=True,
                ),
                Keyword(
                    "sync_msg_timeout_us",
                    Int(1, UINT_MAX, "us"),
                    "sync_msg_timeout_us",
                    "C-101 how long an answer is waited for",
                    later=True,
                ),
                Keyword(
                    "priority_level",
                    Choice("low", "norm", "high", "ign"),
                    "priority_level",
                    "C-102 messages below it are refused",
                    later=True,
                ),
            ),
            "messages between lcores",
            field="lcore_msg",
            model=model.LcoreMsg,
        ),
    ),
    "control plane",
    field="ctrl_defs",
    model=model.CtrlDefs,
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
        IPSET_DEFS,
        CTRL_DEFS,
        IPVS_DEFS,
        SA_POOL,
    ),
    "dpvs.conf",
    model=model.DpvsConf,
)
