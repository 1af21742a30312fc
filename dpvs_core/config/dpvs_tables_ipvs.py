"""ipvs_defs and sa_pool of dpvs.conf as rows; see dpvs_tables.py."""

from dpvs_core.config import dpvs_model as model
from dpvs_core.config.keywords import Block, Keyword
from dpvs_core.config.values import UINT_MAX, Bool, Choice, Flag, Int, PowerOfTwo

ON_OFF = Choice(on=True, off=False)
LIFE_S = Int(1, 31535999, "seconds")

CONN = Block(
    "conn",
    (
        Keyword(
            "conn_pool_size",
            PowerOfTwo(65536, 2**31 - 1, minus_one=True),
            "conn_pool_size",
            "C-110 connections per NUMA node",
        ),
        Keyword(
            "conn_pool_cache",
            PowerOfTwo(1, UINT_MAX),
            "conn_pool_cache",
            "C-111 connections an lcore keeps",
            later=True,
        ),
        Keyword("conn_init_timeout", LIFE_S, "conn_init_timeout_s", "C-112 life before a state"),
        Keyword(
            "expire_quiescent_template",
            Flag(),
            "expire_quiescent_template",
            "C-113 a persistent client leaves a server of weight 0",
            later=True,
        ),
        Keyword(
            "fast_xmit_close",
            Flag(),
            "fast_xmit_close",
            "C-114 no remembered L2 headers",
            later=True,
        ),
        Keyword("xmit_ttl", Flag(), "xmit_ttl", "C-115 balancing counts as a hop"),
        Keyword("redirect", ON_OFF, "redirect", "C-116 packets may change the worker", later=True),
    ),
    "connections",
    field="conn",
    model=model.ConnDefs,
)

UDP = Block(
    "udp",
    (
        Keyword("defence_udp_drop", Flag(), "defence_udp_drop", "C-120 drop what has no service"),
        Keyword(
            "uoa_mode", Choice("opp", "ipo"), "uoa_mode", "C-121 how the client is told", later=True
        ),
        Keyword("uoa_max_trail", Int(0), "uoa_max_trail", "C-122 in how many packets", later=True),
        Block(
            "timeout",
            (
                Keyword("oneway", LIFE_S, "oneway_s", "C-123 before an answer"),
                Keyword("normal", LIFE_S, "normal_s", "C-124 after an answer"),
                Keyword("last", LIFE_S, "last_s", "C-125 guard", later=True),
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
                Keyword("mss", Int(1, 65535), "mss", "C-132 in the SYN-ACK", later=True),
                Keyword("ttl", Int(1, 255), "ttl", "C-133 of the SYN-ACK", later=True),
                Keyword("sack", Bool(), "sack", "C-134 offered; `sack off` is ours", later=True),
                Keyword("wscale", Int(0, 14), "wscale", "C-135 window scaling", later=True),
                Keyword("timestamp", Flag(), "timestamp", "C-136 offered", later=True),
            ),
            "options of the SYN-ACK",
            field="synack_options",
            model=model.SynackOptions,
        ),
        Keyword(
            "close_client_window",
            Flag(),
            "close_client_window",
            "C-137 window 0 at first",
            later=True,
        ),
        Keyword(
            "defer_rs_syn", Flag(), "defer_rs_syn", "C-138 wait for the client's data", later=True
        ),
        Keyword(
            "rs_syn_max_retry",
            Int(1, 99),
            "rs_syn_max_retry",
            "C-139 tries at the server",
            later=True,
        ),
        Keyword(
            "ack_storm_thresh",
            Int(1, 999),
            "ack_storm_thresh",
            "C-140 same ACKs before drop",
            later=True,
        ),
        Keyword(
            "max_ack_saved", Int(1, 63), "max_ack_saved", "C-141 packets that wait", later=True
        ),
        Block(
            "conn_reuse_state",
            tuple(
                Keyword(state, Bool(), state, f"C-142 in {state}; on or off is ours", later=True)
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
                Keyword(
                    state,
                    LIFE_S,
                    f"{state}_s",
                    f"C-131 life in state {state}",
                    later=state == "last",
                )
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

SCTP_STATES = (
    "none",
    "init1",
    "init",
    "cookie_sent",
    "cookie_replied",
    "cookie_wait",
    "cookie",
    "cookie_echoed",
    "established",
    "shutdown_sent",
    "shutdown_received",
    "shutdown_ack_sent",
    "rejected",
    "closed",
)

SCTP = Block(
    "sctp",
    (
        Block(
            "timeout",
            tuple(
                Keyword(state, LIFE_S, f"{state}_s", f"(ours) life in state {state}")
                for state in SCTP_STATES
            ),
            "lives of the SCTP states",
            field="timeout",
            model=model.SctpTimeouts,
        ),
    ),
    "SCTP",
    field="sctp",
    model=model.SctpDefs,
)

IPVS_DEFS = Block(
    "ipvs_defs", (CONN, UDP, TCP, SCTP), "balancing", field="ipvs_defs", model=model.IpvsDefs
)

SA_POOL = Block(
    "sa_pool",
    (
        Keyword("pool_hash_size", Int(1, 128), "pool_hash_size", "C-150 port pools an address"),
        Keyword("flow_enable", ON_OFF, "flow_enable", "C-151 flow rules in the NIC", later=True),
    ),
    "local ports",
    field="sa_pool",
    model=model.SaPool,
)
