"""How much memory the core will take, from dpvs.conf, before the environment layer starts.

The sizes are those of the C structures (rounded up: allocators pad); they need not be exact, the
answer decides between hugepages and ordinary memory and gives `-m`. Local ports are not in it: they
are ordinary memory beside EAL's, 20 kB for each pool number in use of an address (lb/lport.h).
"""

from dataclasses import dataclass

from dpvs_core.config.dpvs_model import DpvsConf

MIB = 1 << 20

MBUF_BYTES = 2048 + 128 + 128 + 128  # data, headroom, struct rte_mbuf, mempool's header
CONN_BYTES = 160 + 28  # struct conn and conn_rest, its share of the index with overflow buckets
DEST_BYTES = 64  # a worker's counters of a dest
LADDR_BYTES = 64 + 64 + 5 * 8  # struct laddr with a header; its entry and four slots
NEXTHOP_BYTES = 64 + 4 * 8
RING_BYTES = 64 * 1024
FRAG_BYTES = 64  # what is known of a packet in fragments
BASE_BYTES = 48 * MIB  # PMDs, EAL, services and routes

MIN_CONNS = 1024  # a worker

MAX_DESTS = 131_072
MAX_LADDRS = 4096
MAX_NEXTHOPS = 8192


@dataclass(frozen=True, slots=True)
class Sizes:
    """What struct core_conf gets."""

    n_workers: int
    conns_per_worker: int
    n_mbufs: int
    mbuf_cache: int
    lport_pools: int
    n_devices: int
    frag_sets: int
    frag_set_entries: int


def sizes(conf: DpvsConf, n_workers: int) -> Sizes:
    """conn_pool_size is for all workers together (C-110, of one NUMA node)."""
    conns = max(MIN_CONNS, -(-conf.ipvs_defs.conn.conn_pool_size // n_workers))
    netif, fragment = conf.netif_defs, conf.ipv4_defs.fragment
    return Sizes(
        n_workers, conns, netif.pktpool_size, netif.pktpool_cache,
        conf.sa_pool.pool_hash_size, len(netif.devices), fragment.sets, fragment.bucket_entries,
    )  # fmt: skip


def need_mib(size: Sizes) -> int:
    """MiB for a core of this size, with a tenth to spare for fragmentation."""
    per_worker = (
        size.conns_per_worker * CONN_BYTES
        + MAX_DESTS * DEST_BYTES
        + (size.n_workers + 4) * RING_BYTES
        + size.frag_sets * size.frag_set_entries * FRAG_BYTES
    )
    n_bytes = (
        BASE_BYTES
        + size.n_mbufs * MBUF_BYTES
        + size.n_workers * per_worker
        + MAX_DESTS * DEST_BYTES
        + MAX_NEXTHOPS * NEXTHOP_BYTES
        + MAX_LADDRS * LADDR_BYTES
    )
    return -(-n_bytes * 11 // (10 * MIB))
