"""Items of dpvs.conf that are read, checked and kept, but that nothing in the core acts on.

Each is said once a run with what it means for the user, unless the file asks for what is there
anyway. The rows of these items have `later`; a test keeps both equal.
"""

from collections.abc import Mapping

from dpvs_core.config.reader import Lack

NOT_YET = "not carried yet, ignored: "
OTHERWISE = "without effect here: "

_SYNPROXY = f"{NOT_YET}services with syn_proxy answer SYNs through the real server"
_LPM6 = f"{OTHERWISE}IPv6 routes are in tables that are as large as they must be"
_RING = f"{OTHERWISE}the master changes what workers read, without messages between lcores"
_GUARD = Lack(f"{OTHERWISE}it is no state that a connection can be in", quiet=("2", "3"))

LACKS: Mapping[str, Lack] = {
    "log_async_mode in global_defs": Lack(
        f"{OTHERWISE}workers never log, so no thread is needed for it", quiet=("off",)
    ),
    "log_async_pool_size in global_defs": Lack(
        f"{OTHERWISE}workers never log, nothing has to wait", quiet=("16383", "16384")
    ),
    "pdump in global_defs": Lack(f"{OTHERWISE}`dpip capture` is always there", quiet=("off",)),
    "lldp in global_defs": Lack(f"{NOT_YET}run lldpd on the kernel ports instead", quiet=("off",)),
    "max_burst_size in rx": Lack(f"{OTHERWISE}32 packets are read at once", quiet=("32",)),
    "rss in rx": Lack(
        f"{OTHERWISE}IP, TCP and UDP are hashed, whichever of them the NIC can",
        quiet=("all", "ip", "tcp", "udp", "ip|tcp", "ip|udp", "tcp|udp", "ip|tcp|udp"),
    ),
    "fdir_mode in netif_defs": Lack(
        f"{OTHERWISE}rules are written as the NIC takes them (`dpip flow`)",
        quiet=("perfect",),
    ),
    "bonding in netif_defs": Lack(
        f"{NOT_YET}bond in Linux, and name that: `vdev net_af_packet0,iface=bond0`"
    ),
    "isol_rx_cpu_ids in port": Lack(
        f"{NOT_YET}each worker receives itself; more workers receive more"
    ),
    "isol_rxq_ring_sz in port": Lack(
        f"{NOT_YET}there is no ring without isol_rx_cpu_ids", quiet=("1048576",)
    ),
    "icmp_redirect_core in worker": Lack(
        f"{OTHERWISE}each worker answers the pings that it receives"
    ),
    "schedule_interval in timer_defs": Lack(
        f"{OTHERWISE}workers look at their timers between bursts", quiet=("10",)
    ),
    "ipset_hash_pool_size in ipset_defs": Lack(
        f"{NOT_YET}there are no address sets",
        quiet=("262143", "262144", "131072"),
    ),
    "method in route6": Lack(_LPM6, quiet=("hlist", "lpm")),
    "recycle_time in route6": Lack(
        f"{OTHERWISE}a route is freed when the last worker has left it", quiet=("10",)
    ),
    "lpm6_max_rules in lpm": Lack(_LPM6, quiet=("256", "1024")),
    "lpm6_num_tbl8s in lpm": Lack(_LPM6, quiet=("4096", "16384")),
    "rt6_hash_bucket in lpm": Lack(_LPM6, quiet=("256",)),
    "ring_size in lcore_msg": Lack(_RING, quiet=("4096",)),
    "sync_msg_timeout_us in lcore_msg": Lack(_RING, quiet=("2000",)),
    "priority_level in lcore_msg": Lack(_RING, quiet=("low",)),
    "conn_pool_cache in conn": Lack(
        f"{OTHERWISE}each worker has its own part of the connections", quiet=("256",)
    ),
    "expire_quiescent_template in conn": Lack(
        f"{NOT_YET}there are no persistence templates to leave"
    ),
    "fast_xmit_close in conn": Lack(f"{OTHERWISE}connections remember their next hop in any case"),
    "redirect in conn": Lack(
        f"{OTHERWISE}packets go to the worker of their connection in any case", quiet=("on", "off")
    ),
    "uoa_mode in udp": Lack(f"{NOT_YET}servers see the local address", quiet=("opp",)),
    "uoa_max_trail in udp": Lack(f"{NOT_YET}servers see the local address", quiet=("0", "3")),
    "last in timeout": _GUARD,
    "mss in synack_options": Lack(_SYNPROXY, quiet=("1452",)),
    "ttl in synack_options": Lack(_SYNPROXY, quiet=("63",)),
    "sack in synack_options": Lack(_SYNPROXY, quiet=("", "on")),
    "wscale in synack_options": Lack(_SYNPROXY, quiet=("0",)),
    "timestamp in synack_options": Lack(_SYNPROXY),
    "close_client_window in synproxy": Lack(_SYNPROXY),
    "defer_rs_syn in synproxy": Lack(_SYNPROXY),
    "rs_syn_max_retry in synproxy": Lack(_SYNPROXY, quiet=("3",)),
    "ack_storm_thresh in synproxy": Lack(_SYNPROXY, quiet=("10",)),
    "max_ack_saved in synproxy": Lack(_SYNPROXY, quiet=("3",)),
    "close in conn_reuse_state": Lack(_SYNPROXY, quiet=("", "on")),
    "time_wait in conn_reuse_state": Lack(_SYNPROXY, quiet=("", "on")),
    "fin_wait in conn_reuse_state": Lack(_SYNPROXY, quiet=("off",)),
    "close_wait in conn_reuse_state": Lack(_SYNPROXY, quiet=("off",)),
    "last_ack in conn_reuse_state": Lack(_SYNPROXY, quiet=("off",)),
    "flow_enable in sa_pool": Lack(
        f"{OTHERWISE}what each NIC can is used (`dpip flow`)", quiet=("on",)
    ),
}
"""By "KEYWORD in BLOCK"."""
