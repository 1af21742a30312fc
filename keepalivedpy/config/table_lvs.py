"""virtual_server, its groups and real servers as rows (keepalived.conf, DPVS K-001..K-012).

Fields `real_server.X` and `checker.X` are defaults of the blocks inside.
"""

from dpvs_core.config.keywords import Block, Keyword, NamedLines
from dpvs_core.config.values import Bool, Choice, Flag, Int, Text, Timer
from keepalivedpy.config.known_later import REAL_SERVER_LATER, VIRTUAL_SERVER_LATER
from keepalivedpy.config.lines import SCRIPT, ClampedInt, OptionalInt
from keepalivedpy.config.lines_lvs import (
    SERVER_HEADER,
    GroupLine,
    LocalAddressLine,
    MatchRange,
    ServiceHeader,
    SorryServer,
)
from keepalivedpy.config.table_checkers import CHECKER_DEFAULTS, TCP_CHECK

SCHEDULERS = [
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
]
LB_KINDS = ("NAT", "DR", "TUN", "FNAT", "SNAT")
PROTOCOLS = ("TCP", "UDP", "SCTP", "ICMP", "ICMPV6")
IF_NAME = Text("an interface name", 15)
MATCH_RANGE = MatchRange()
WEIGHT = Int(0, 2**31 - 1)
LB_KIND = Choice(*LB_KINDS)


REAL_SERVER = Block(
    "real_server",
    (
        Keyword("weight", WEIGHT, "weight", "its share; 0 gets no new connections"),
        Keyword("lvs_method", LB_KIND, "lb_kind", "how packets reach it"),
        Keyword("inhibit_on_failure", Bool(), "inhibit_on_failure", "weight 0 instead of removal"),
        Keyword("uthreshold", Int(), "uthreshold", "K-011 most connections"),
        Keyword("lthreshold", Int(), "lthreshold", "K-011 connections again below that"),
        Keyword("notify_up", SCRIPT, "notify_up", "run when it comes up"),
        Keyword("notify_down", SCRIPT, "notify_down", "run when it goes down"),
        Keyword("alpha", Bool(), "alpha", "down until checked"),
        *CHECKER_DEFAULTS,
        Keyword("delay_loop", Timer(1), "checker.delay_loop_us", "between checks"),
        TCP_CHECK,
    ),
    "a real server",
    field="real_servers",
    header=SERVER_HEADER,
    repeats=True,
    unread=REAL_SERVER_LATER,
)

VIRTUAL_SERVER = Block(
    "virtual_server",
    (
        REAL_SERVER,
        Keyword("delay_loop", Timer(1), "delay_loop_us", "between checks"),
        Keyword("lb_algo", Choice(*SCHEDULERS), "lb_algo", "the scheduler"),
        Keyword("lvs_sched", Choice(*SCHEDULERS), "lb_algo", "the scheduler"),
        Keyword("lb_kind", LB_KIND, "lb_kind", "K-007 how packets reach the servers"),
        Keyword("lvs_method", LB_KIND, "lb_kind", "the same"),
        Keyword("protocol", Choice(*PROTOCOLS), "protocol", "K-008 of the service"),
        Keyword("src-range", MATCH_RANGE, "src_range", "K-006 of a match: where packets are from"),
        Keyword("dst-range", MATCH_RANGE, "dst_range", "K-006 of a match: where they go"),
        Keyword("iif", IF_NAME, "iif", "K-006 of a match: the device they came by"),
        Keyword("oif", IF_NAME, "oif", "K-006 of a match: the device they leave by"),
        Keyword("laddr_group_name", Text("a group"), "laddr_group_name", "K-006 its addresses"),
        Keyword(
            "persistence_timeout",
            OptionalInt(1, 2678400, 360),
            "persistence_timeout_s",
            "a client keeps its server that long, in seconds",
        ),
        Keyword(
            "persistence_granularity",
            Text("a mask or a number from 1 to 128"),
            "persistence_granularity",
            "clients with the same prefix are one",
        ),
        Keyword("ops", Flag(), "ops", "each packet is scheduled (UDP)"),
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
        Keyword("hash_target", Choice("sip", "qid"), "hash_target", "K-006 what conhash hashes"),
        Keyword("alpha", Flag(), "alpha", "servers are down until checked"),
        Keyword("omega", Flag(), "omega", "notify on stopping"),
        Keyword("quorum", Int(1), "quorum", "weight that must be up"),
        Keyword("hysteresis", Int(), "hysteresis", "and how far around it nothing changes"),
        Keyword("quorum_up", SCRIPT, "quorum_up", "run when the quorum is gained"),
        Keyword("quorum_down", SCRIPT, "quorum_down", "run when the quorum is lost"),
        Keyword("ha_suspend", Flag(), "ha_suspend", "no checks while not MASTER"),
        Keyword("virtualhost", Text("a host name"), "virtualhost", "for HTTP checks"),
        Keyword("sorry_server", SorryServer(), "sorry_server", "gets all when no server is up"),
        Keyword("weight", Int(1, 2**31 - 1), "real_server.weight", "the servers' default"),
        Keyword(
            "inhibit_on_failure",
            Flag(),
            "real_server.inhibit_on_failure",
            "the servers' default",
        ),
        *CHECKER_DEFAULTS,
    ),
    "a service",
    field="virtual_servers",
    header=ServiceHeader(),
    repeats=True,
    unread=VIRTUAL_SERVER_LATER,
)


VIRTUAL_SERVER_GROUP = NamedLines(
    "virtual_server_group",
    GroupLine(),
    "virtual_server_groups",
    "addresses of a service",
    lines="entries",
)
LOCAL_ADDRESS_GROUP = NamedLines(
    "local_address_group",
    LocalAddressLine(),
    "local_address_groups",
    "K-001 local addresses",
    lines="addrs",
)
