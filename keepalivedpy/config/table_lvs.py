"""virtual_server as rows (keepalived.conf, DPVS K-005..K-012).

Fields `real_server.X` and `checker.X` are defaults of the blocks inside.
"""

from dpvs_core.config.keywords import Block, Keyword
from dpvs_core.config.values import Bool, Choice, Flag, Int, Text
from keepalivedpy.config.lines import SCRIPT, ClampedInt, OptionalInt
from keepalivedpy.config.lines_checks import WEIGHT_LIMIT, Counted
from keepalivedpy.config.lines_lvs import (
    FAMILY,
    Forwarding,
    Granularity,
    HashTarget,
    MatchRange,
    ServiceHeader,
    SorryServer,
)
from keepalivedpy.config.table_checkers import CHECKER_DEFAULTS, IF_NAME, LOOP
from keepalivedpy.config.table_server import NAME, REAL_SERVER
from keepalivedpy.model.lvs import VirtualServer

SCHEDULERS = Choice(
    "rr",
    "wrr",
    "lc",
    "wlc",
    "lblc",
    "lblcr",
    "sh",
    "mh",
    "dh",
    "fo",
    "ovf",
    "sed",
    "nq",
    "twos",
    "conhash",
)
PROTOCOLS = Choice("TCP", "UDP", "SCTP", "ICMP", "ICMPV6")
MATCH_RANGE = MatchRange()
FORWARDING = Forwarding()
GROUP = Text("a group")

MATCH = (
    Keyword("src-range", MATCH_RANGE, "src_range", "K-006 of a match: where packets are from"),
    Keyword("dst-range", MATCH_RANGE, "dst_range", "K-006 of a match: where they go"),
    Keyword("iif", IF_NAME, "iif", "K-006 of a match: the device they came by"),
    Keyword("oif", IF_NAME, "oif", "K-006 of a match: the device they leave by"),
)

SCHEDULING = (
    Keyword("lb_algo", SCHEDULERS, "lb_algo", "the scheduler"),
    Keyword("lvs_sched", SCHEDULERS, "lb_algo", "the scheduler"),
    Keyword("sh-fallback", Flag(), "flag_1", "sh: another server for a dead one", later=True),
    Keyword("mh-fallback", Flag(), "flag_1", "mh: another server for a dead one", later=True),
    Keyword("flag-1", Flag(), "flag_1", "K-010 the scheduler's first flag", later=True),
    Keyword("sh-port", Flag(), "flag_2", "sh: hash the port too", later=True),
    Keyword("mh-port", Flag(), "flag_2", "mh: hash the port too", later=True),
    Keyword("flag-2", Flag(), "flag_2", "K-010 the scheduler's second flag", later=True),
    Keyword("flag-3", Flag(), "flag_3", "K-010 the scheduler's third flag", later=True),
    Keyword("hashed", Flag(), "hashed", "K-010 sh: hash the address", later=True),
    Keyword("hash_target", HashTarget("sip", "qid"), "hash_target", "K-006 what conhash hashes"),
    Keyword("ops", Flag(), "ops", "each packet is scheduled (UDP)"),
    Keyword(
        "persistence_engine",
        NAME,
        "persistence_engine",
        "what else tells a client, such as sip",
        later=True,
    ),
    Keyword(
        "persistence_timeout",
        OptionalInt(1, 2678400, 360),
        "persistence_timeout_s",
        "a client keeps its server that long, in seconds",
    ),
    Keyword(
        "persistence_granularity",
        Granularity(),
        "persistence_granularity",
        "clients with the same prefix are one",
    ),
)

CORE = (
    Keyword("laddr_group_name", GROUP, "laddr_group_name", "K-006 its local addresses"),
    Keyword("daddr_group_name", GROUP, "daddr_group_name", "K-006 clients that are refused"),
    Keyword("waddr_group_name", GROUP, "waddr_group_name", "K-006 the only clients let in"),
    Keyword("syn_proxy", Flag(), "syn_proxy", "K-006 answer SYNs for the servers"),
    Keyword("expire_quiescent_conn", Flag(), "expire_quiescent_conn", "K-006 end at weight 0"),
    Keyword("quic", Flag(), "quic", "K-006 schedule by connection id"),
    Keyword(
        "establish_timeout",
        ClampedInt(1, 3600),
        "establish_timeout_s",
        "K-006 idle time of a connection",
    ),
    Keyword(
        "proxy_protocol",
        Choice("disable", "v1", "v2", "v1-insecure", "v2-insecure"),
        "proxy_protocol",
        "K-006 tell the client's address",
    ),
    Keyword("bps", Int(), "bps_mbps", "K-006 Mbit/s, for display", later=True),
    Keyword(
        "limit_proportion",
        Int(1, 99),
        "limit_proportion_pct",
        "K-006 how many of 100 packets are let through",
        later=True,
    ),
    Keyword("vip_bind_dev", IF_NAME, "vip_bind_dev", "K-006 for scripts", later=True),
)
"""DPVS's own."""

STATE = (
    Keyword("alpha", Flag(), "alpha", "servers are down until checked"),
    Keyword("omega", Flag(), "omega", "notify on stopping"),
    Keyword("quorum", Int(1), "quorum", "weight that must be up"),
    Keyword("hysteresis", Int(), "hysteresis", "and how far around it nothing changes"),
    Keyword("quorum_up", SCRIPT, "quorum_up", "run when the quorum is gained"),
    Keyword("quorum_down", SCRIPT, "quorum_down", "run when the quorum is lost"),
    Keyword("ha_suspend", Flag(), "ha_suspend", "no checks while not MASTER", later=True),
    Keyword("virtualhost", Counted(Text("a host name")), "virtualhost", "for HTTP checks"),
    Keyword("snmp_name", Counted(NAME, most=1), "snmp_name", "its name in SNMP", later=True),
    Keyword("smtp_alert", Bool(), "smtp_alert", "mail when the quorum goes or comes", later=True),
    Keyword("sorry_server", SorryServer(), "sorry_server", "gets all when no server is up"),
    Keyword("sorry_server_inhibit", Flag(), "sorry_server_inhibit", "weight 0 instead of removal"),
    Keyword("sorry_server_lvs_method", Forwarding("sorry_server_"), "", "how packets reach it"),
)

SERVERS_DEFAULTS = (
    Keyword("weight", Int(1, WEIGHT_LIMIT), "real_server.weight", "the servers' default"),
    Keyword(
        "inhibit_on_failure",
        Flag(),
        "real_server.inhibit_on_failure",
        "the servers' default",
    ),
)

VIRTUAL_SERVER = Block(
    "virtual_server",
    (
        Keyword("ip_family", FAMILY, "ip_family", "of a service with a firewall mark"),
        Keyword("delay_loop", LOOP, "delay_loop_us", "between checks"),
        Keyword("lb_kind", FORWARDING, "", "K-007 how packets reach the servers"),
        Keyword("lvs_method", FORWARDING, "", "the same"),
        Keyword("protocol", PROTOCOLS, "protocol", "K-008 of the service"),
        *SCHEDULING,
        *MATCH,
        *CORE,
        *STATE,
        *SERVERS_DEFAULTS,
        *CHECKER_DEFAULTS,
        REAL_SERVER,
    ),
    "a service",
    field="virtual_servers",
    model=VirtualServer,
    header=ServiceHeader(),
    repeats=True,
)
