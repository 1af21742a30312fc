"""dpvs.conf's items that may change while the core runs, as struct core_settings; and which of a
changed file need a restart. Pure."""

import msgspec

from dpvs_core.config.dpvs_model import DpvsConf

Value = int | list[int]

TCP_STATES = (
    "none", "established", "syn_sent", "syn_recv", "fin_wait", "time_wait", "close", "close_wait",
    "last_ack", "listen", "synack",
)  # fmt: skip
SCTP_STATES = (
    "none", "init1", "init", "cookie_sent", "cookie_replied", "cookie_wait", "cookie",
    "cookie_echoed", "established", "shutdown_sent", "shutdown_received", "shutdown_ack_sent",
    "rejected", "closed",
)  # fmt: skip
UDP_NONE_S = 2


def core_settings(conf: DpvsConf) -> dict[str, Value]:
    """Fields of struct core_settings that dpvs.conf decides."""
    tcp, udp, conn = conf.ipvs_defs.tcp, conf.ipvs_defs.udp, conf.ipvs_defs.conn
    sctp, workers = conf.ipvs_defs.sctp, conf.worker_defs
    return {
        "tcp_timeout_s": [getattr(tcp.timeout, f"{state}_s") for state in TCP_STATES],
        "udp_timeout_s": [UDP_NONE_S, udp.timeout.oneway_s, udp.timeout.normal_s],
        "sctp_timeout_s": [getattr(sctp.timeout, f"{state}_s") for state in SCTP_STATES],
        "conn_init_timeout_s": conn.conn_init_timeout_s,
        "neigh_timeout_s": conf.neigh_defs.timeout_s,
        "unres_queue_length": conf.neigh_defs.unres_queue_length,
        "fragment_timeout_ms": conf.ipv4_defs.fragment.ttl_s * 1000,
        "idle_sleep_max_us": workers.idle_sleep_max_us if workers.idle_backoff else 0,
        "default_ttl": conf.ipv4_defs.default_ttl,
        "ip4_forwarding": int(conf.ipv4_defs.forwarding),
        "ip6_forwarding": int(conf.ipv6_defs.forwarding),
        "ip6_disable": int(conf.ipv6_defs.disable),
        "xmit_ttl": int(conn.xmit_ttl),
        "defence_tcp_drop": int(tcp.defence_tcp_drop),
        "defence_udp_drop": int(udp.defence_udp_drop),
        "kernel_ports": int(conf.global_defs.kni),
    }


def needs_restart(running: DpvsConf, now: DpvsConf) -> list[str]:
    """Names of what differs and is only read at start."""
    return [name for name, was, is_ in _fixed(running, now) if was != is_]


def _shape(conf: DpvsConf) -> tuple[int, int]:
    """Of the tables of packets in fragments."""
    fragment = conf.ipv4_defs.fragment
    return fragment.sets, fragment.bucket_entries


def _fixed(a: DpvsConf, b: DpvsConf) -> list[tuple[str, object, object]]:
    devices_a, devices_b = (
        [msgspec.structs.replace(device, place="") for device in conf.netif_defs.devices]
        for conf in (a, b)
    )
    workers_a, workers_b = (
        [msgspec.structs.replace(worker, place="") for worker in conf.worker_defs.workers]
        for conf in (a, b)
    )
    ipv6_a, ipv6_b = (msgspec.structs.replace(c.ipv6_defs, forwarding=False) for c in (a, b))
    return [
        ("fragment", _shape(a), _shape(b)),
        ("ipv6_defs", ipv6_a, ipv6_b),
        ("kni", a.global_defs.kni, b.global_defs.kni),
        ("pktpool_size", a.netif_defs.pktpool_size, b.netif_defs.pktpool_size),
        ("pktpool_cache", a.netif_defs.pktpool_cache, b.netif_defs.pktpool_cache),
        ("device", devices_a, devices_b),
        ("worker", workers_a, workers_b),
        ("conn_pool_size", a.ipvs_defs.conn.conn_pool_size, b.ipvs_defs.conn.conn_pool_size),
        ("sa_pool", a.sa_pool, b.sa_pool),
    ]
