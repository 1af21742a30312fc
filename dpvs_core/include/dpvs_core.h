/* dpvs_core.h - the whole C API of the forwarding core, and the declaration cffi reads.
 *
 * Called by the master only (checked: every function but core_step_* fails with -EPERM on
 * another thread than the one that called core_create). No call blocks or takes over 1 ms;
 * lists are filled into the caller's arrays with a cursor. Functions returning int give 0 or a
 * positive result, or a negative errno. Addresses are 16 bytes, network order, IPv4 in the first
 * four and the rest zero; `af` is 4 or 6; ports are in host byte order.
 *
 * Ownership: the core copies what it is given. Nothing returned needs freeing but the core.
 */
#ifndef DPVS_CORE_H
#define DPVS_CORE_H

#include <stdint.h>

enum core_limit {
    CORE_MAX_WORKERS = 64,
    CORE_MAX_DEVICES = 64,
    CORE_GROUPS = 64,           /* flow groups; group_worker[group] owns its connections */
    CORE_NAME_BYTES = 32,
    CORE_ERR_BYTES = 256,
    CORE_NO_ID = 0xffffffff,
    CORE_ANY_DEV = 0xffff,      /* of a match: whatever the device */
};

/* --- EAL and its ports (port/eal.c; not in a plain core) ------------------------------- */

struct eal_port {
    char name[64];
    char driver[CORE_NAME_BYTES];
    uint8_t mac[6];
    uint8_t up, full_duplex, autoneg;
    uint16_t max_rx_queues, max_tx_queues;
    uint16_t mtu;
    int32_t socket;
    uint32_t speed_mbps;
    uint64_t rx_offloads, tx_offloads; /* capabilities, RTE_ETH_RX_OFFLOAD_* */
};

const char *eal_version(void);
/* rte_eal_init; 0, or -errno with a sentence in err[CORE_ERR_BYTES]. */
int eal_start(int argc, char **argv, char *err);
int eal_stop(void);
/* Make a vdev after the start, e.g. ("net_tap0", "iface=dpdk0.kni,persist"); port id or -errno. */
int eal_vdev_add(const char *name, const char *args, char *err);
int eal_vdev_del(const char *name);
int eal_port_count(void);
int eal_port_by_name(const char *name); /* port id or -ENODEV */
int eal_port_get(int port_id, struct eal_port *out);
int eal_lcores(uint32_t *out, int max); /* enabled lcores but the main one, ascending */

/* --- life ------------------------------------------------------------------------------ */

struct core_conf {
    uint32_t n_workers;
    uint32_t worker_lcore[CORE_MAX_WORKERS]; /* EAL lcore of each worker; unused when plain */
    uint32_t conn_pool;         /* connections a worker */
    uint32_t max_dests;         /* dest ids, all services */
    uint32_t max_laddrs;        /* local address ids */
    uint32_t max_nexthops;      /* at most 65535 */
    uint32_t lport_pools;       /* pool_hash_size: port pools of a local address (C-150) */
    uint32_t frag_sets;         /* packets in fragments that a worker knows at once: so many sets */
    uint32_t frag_set_entries;  /* ... of so many (C-082..C-084); 0: 512, 8 */
    uint32_t n_mbufs;           /* packets of the pool (plain: no limit) */
    uint32_t mbuf_cache;
    uint32_t hash_key;          /* of the flow hash; the same on a director's pair */
    uint32_t isn_key[4];        /* of the FNAT initial sequence numbers, secret */
    uint64_t isn_epoch_us;      /* the wall clock where the threads' clock is 0 */
    uint8_t plain;              /* 1: no EAL: malloc, packets fed by core_inject (tests, fuzzing) */
};

struct core;

struct core *core_create(const struct core_conf *conf, char *err);
void core_destroy(struct core *core);

/* What can change while running (dpvs.conf "normal" items). */
struct core_settings {
    uint32_t tcp_timeout_s[11]; /* by state: NONE ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT TIME_WAIT
                                   CLOSE CLOSE_WAIT LAST_ACK LISTEN SYNACK (C-131) */
    uint32_t udp_timeout_s[3];  /* NONE ONEWAY NORMAL (C-123) */
    uint32_t sctp_timeout_s[14]; /* by state: NONE INIT1 INIT COOKIE_SENT COOKIE_REPLIED COOKIE_WAIT
                                   COOKIE COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT
                                   SHUTDOWN_RECEIVED SHUTDOWN_ACK_SENT REJECTED CLOSED (F-130) */
    uint32_t conn_init_timeout_s;
    uint32_t neigh_timeout_s;   /* REACHABLE time (C-072) */
    uint32_t unres_queue_length; /* packets waiting for one neighbour (C-071) */
    uint32_t kernel_bulk_pps;   /* towards Linux, a worker, bulk class; control is not limited */
    uint32_t arp_pps;           /* ARP and neighbour discovery packets taken, a worker: they share
                                   a ring with VRRP's */
    uint32_t icmp_pps;          /* ICMP errors and echo replies made, a worker */
    uint32_t reset_pps;         /* TCP resets to segments without a connection, a worker */
    uint32_t fragment_pps;      /* fragments of balanced packets taken from ports, a worker */
    uint32_t fragment_timeout_ms; /* what is known of a packet in fragments, and the wait for its
                                   first one (C-085) */
    uint32_t dad_interval_ms;   /* between probes of a new IPv6 address, and after the last */
    uint32_t idle_sleep_max_us; /* deepest back-off of an idle worker; 0: always poll */
    uint8_t default_ttl;        /* of packets made here (C-081) */
    uint8_t ip4_forwarding;     /* C-080 */
    uint8_t ip6_forwarding;     /* C-091 */
    uint8_t ip6_disable;        /* C-090: no IPv6 packet is taken, but for connections that are there */
    uint8_t xmit_ttl;           /* C-115 */
    uint8_t defence_tcp_drop;   /* C-130 */
    uint8_t defence_udp_drop;   /* C-120 */
    uint8_t kernel_ports;       /* 0: global_defs kni off */
    uint8_t dad_transmits;      /* probes of a new IPv6 address (RFC 4862 5.1); 0: none verified */
};

int core_settings_set(struct core *core, const struct core_settings *settings);
void core_settings_default(struct core_settings *out);

/* Start the worker lcores and the host thread; stop and join them. Not in a plain core. */
int core_start(struct core *core);
int core_stop(struct core *core);
/* Housekeeping, a few times a second: frees what no thread reads any more, a bounded number of
 * objects a call. Returns how many wait. */
int core_poll(struct core *core);

/* --- devices ---------------------------------------------------------------------------- */

struct core_device_conf {
    char name[CORE_NAME_BYTES];
    int32_t port_id;            /* ethdev; -1 in a plain core */
    uint16_t n_rxq, n_txq, n_rxd, n_txd;
    uint16_t mtu;
    uint8_t promisc, allmulticast, fast_free;
    uint8_t mac[6];             /* used in a plain core; otherwise the port's own */
    uint8_t plain_nic;          /* enum core_plain_nic: how a plain core's device steers */
    uint16_t plain_max_rules;   /* ... and how many flow rules it has room for */
};

/* What the card that a plain core's device simulates can do beside its own spreading. */
enum core_plain_nic { CORE_NIC_OWN, CORE_NIC_RSS, CORE_NIC_FLOW };

struct core_link {
    uint8_t mac[6];
    uint8_t up, full_duplex, autoneg, promisc, allmulticast;
    uint16_t mtu, n_rxq, n_txq;
    int32_t socket;
    uint32_t speed_mbps;
    char driver[CORE_NAME_BYTES];
    uint64_t rx_offloads, tx_offloads; /* switched on */
    uint64_t ipackets, opackets, ibytes, obytes, ierrors, oerrors, imissed, rx_nombuf;
    uint32_t mbuf_avail, mbuf_inuse;
};

enum core_link_item { CORE_LINK_PROMISC, CORE_LINK_ALLMULTICAST, CORE_LINK_UP, CORE_LINK_MTU };

/* Configure, set up queues, start. Device ids count from 0. Before core_start. */
int core_device_add(struct core *core, const struct core_device_conf *conf, char *err);
/* Worker `w` polls rx queue `rxq` (-1: none) and sends on `txq` (-1: through another worker). */
int core_device_poll(struct core *core, uint32_t w, uint32_t dev, int rxq, int txq);
/* The device's kernel port: an ethdev (net_tap, virtio_user) already probed; plain: port_id -1. */
int core_device_kernel(struct core *core, uint32_t dev, int port_id, char *err);
int core_device_link(struct core *core, uint32_t dev, struct core_link *out);
int core_device_set(struct core *core, uint32_t dev, enum core_link_item item, uint32_t value);
int core_device_mac(struct core *core, uint32_t dev, const uint8_t *mac);

/* --- steering: which receive queue the port gives a packet to -------------------------------- */

/* Right are all of them, for a worker hands on what another owns; but that costs. */
enum core_steer {
    CORE_STEER_UNDECIDED,       /* core_steer was not called */
    CORE_STEER_ONE,             /* one worker */
    CORE_STEER_RSS,             /* the port hashes with our key into our table: both directions */
    CORE_STEER_FLOW,            /* rules for local addresses and low bits of ports: the answers */
    CORE_STEER_SOFTWARE,        /* the port spreads as it likes */
};

struct core_steering {
    uint8_t kind;               /* enum core_steer */
    uint32_t n_entries;         /* RSS: of the redirection table */
    uint32_t n_addrs;           /* FLOW: local addresses with rules */
    uint32_t n_refused;         /* ... and those whose rules the port refused: software */
    char why[CORE_ERR_BYTES];   /* SOFTWARE: why not the others; FLOW: the last refusal */
};

/* Choose for each device what works, and how flow groups are computed. After core_device_poll and
 * core_groups_set, before core_start and the first packet. */
int core_steer(struct core *core);
int core_device_steering(struct core *core, uint32_t dev, struct core_steering *out);

/* --- balancing: services with their dests, published as one set ---------------------------- */

enum core_sched { CORE_SCHED_RR, CORE_SCHED_WRR, CORE_SCHED_WLC, CORE_N_SCHEDS };
enum core_fwd {
    CORE_FWD_FNAT,              /* both addresses are replaced */
    CORE_FWD_NAT,               /* the destination's alone */
    CORE_FWD_DR,                /* the Ethernet header alone */
    CORE_FWD_TUNNEL,            /* inside another IP packet */
    CORE_FWD_SNAT,              /* from inside to the world: the source alone; of match services */
    CORE_N_FWDS,
};
enum core_dest_flag { CORE_DEST_INHIBITED = 1 };
enum core_service_flag {
    CORE_SVC_EXPIRE_QUIESCENT = 1,
    CORE_SVC_ONE_PACKET = 2,    /* each datagram is scheduled by itself, no connection kept: UDP
                                   alone, and not of match services, else -EOPNOTSUPP */
};

struct core_service_key {
    uint8_t af, proto;
    uint16_t port;
    uint8_t addr[16];
};

struct core_range {             /* of a match: both ends belong to it */
    uint8_t first[16], last[16]; /* last all zero: any address */
    uint16_t first_port, last_port; /* last 0: any, and what has no ports */
};

/* Which packets a match service takes, of those that are for no address here and have a route. */
struct core_match {
    uint8_t af, proto;          /* proto 0: TCP, UDP, SCTP and the family's ICMP */
    uint16_t iif, oif;          /* devices: received on, of the route; CORE_ANY_DEV */
    struct core_range src, dst;
};

struct core_service {
    struct core_service_key key;
    uint32_t id;                /* chosen by the master, for connections and counters */
    uint8_t sched, flags;
    uint32_t conn_timeout_s;    /* 0: the state's own */
};

struct core_dest {
    uint32_t id;                /* below max_dests; not re-used while connections count on it */
    uint8_t af, fwd, flags;
    uint16_t port;              /* 0: the service's, as it must be for DR and tunnel (-EINVAL) */
    uint8_t addr[16];
    uint32_t weight;            /* 0: quiesced */
    uint32_t upper_threshold;   /* connections, 0: none: at it no new ones are given */
    uint32_t lower_threshold;   /* ... until there are fewer than this; 0: than upper_threshold */
};

/* 1: connections between clients and servers of these families can be forwarded so. */
int core_fwd_supported(enum core_fwd fwd, uint8_t client_af, uint8_t server_af);

struct lb_edit;

/* A version of the published set to change; commit makes all of it visible at once, abort nothing.
 * One edit at a time: a commit after another edit's fails with -ESTALE, and is then an abort. */
struct lb_edit *core_lb_begin(struct core *core);
int core_lb_set(struct lb_edit *edit, const struct core_service *service,
                const struct core_dest *dests, uint32_t n_dests,
                const uint32_t *laddr_ids, uint32_t n_laddrs);
/* The same for n of them in one call: `dests` and `laddr_ids` are those of the first, then those of
 * the second, ... After an error only core_lb_abort makes sense. */
int core_lb_set_many(struct lb_edit *edit, uint32_t n, const struct core_service *services,
                     const struct core_dest *dests, const uint32_t *n_dests,
                     const uint32_t *laddr_ids, const uint32_t *n_laddrs);
int core_lb_del(struct lb_edit *edit, const struct core_service_key *key);
/* A service by match (SNAT), whose dests are WAN addresses: all CORE_FWD_SNAT, each the address of a
 * local address, laddr_ids[i] of dests[i], else -EINVAL. service->key is not read. Of several that
 * take a packet the one made last does; a changed one (equal match) keeps its turn. */
int core_lb_match_set(struct lb_edit *edit, const struct core_match *match,
                      const struct core_service *service, const struct core_dest *dests,
                      const uint32_t *laddr_ids, uint32_t n_dests);
int core_lb_match_del(struct lb_edit *edit, const struct core_match *match);
int core_lb_commit(struct lb_edit *edit);
void core_lb_abort(struct lb_edit *edit);

/* A local address's port pools. del: -EBUSY while a connection uses one or a service's version that
 * names it is not freed yet (ask again later). */
int core_laddr_add(struct core *core, uint32_t laddr_id, uint8_t af, const uint8_t *addr);
int core_laddr_del(struct core *core, uint32_t laddr_id);
/* Whether new connections may take its ports (1 after core_laddr_add); those that have one go on. */
int core_laddr_active(struct core *core, uint32_t laddr_id, int active);

struct core_laddr_stats {
    uint64_t used, free, miss;  /* ports, over all pools; misses: a pool was empty */
};
int core_laddr_stats(struct core *core, uint32_t laddr_id, struct core_laddr_stats *out);

/* in: from clients, and with SNAT from the world; out: to them. */
struct core_dest_stats {
    uint64_t conns, inpkts, outpkts, inbytes, outbytes;
    uint64_t active, inactive, persistent;
};
/* w: a worker, or -1 for the sum. Never zeroed: the master subtracts (service.zero). */
int core_dest_stats(struct core *core, int w, uint32_t dest_id, struct core_dest_stats *out);
/* n of them, one after the other; -EINVAL if one is not below max_dests. */
int core_dest_stats_many(struct core *core, int w, uint32_t n, const uint32_t *dest_ids,
                         struct core_dest_stats *out);

/* --- the stack: addresses and routes published as one table -------------------------------- */

enum core_addr_kind {
    CORE_ADDR_LOCAL,            /* answered for here: ARP, echo */
    CORE_ADDR_KERNEL,           /* belongs to the kernel port (scope kni_host) */
};
enum core_addr_flag {
    CORE_ADDR_NODAD = 1,        /* used at once; else an IPv6 address is verified (RFC 4862 5.4), and
                                   either family's announced when its link comes up */
    CORE_ADDR_DEPRECATED = 2,   /* answered for, but sent from only where there is no other */
};
enum core_route_kind { CORE_ROUTE_LINK, CORE_ROUTE_GATEWAY };

struct core_addr {
    uint8_t af, kind;
    uint16_t dev;
    uint32_t laddr_id;          /* CORE_NO_ID: not a local address of FNAT */
    uint8_t addr[16];
    uint8_t flags;              /* enum core_addr_flag */
};

struct core_route {
    uint8_t af, kind, plen;
    uint16_t dev, mtu;          /* mtu 0: the device's */
    uint8_t prefix[16], gateway[16], src[16]; /* src all zero: chosen by device */
};

int core_fib_publish(struct core *core, const struct core_addr *addrs, uint32_t n_addrs,
                     const struct core_route *routes, uint32_t n_routes);

/* Duplicate address detection of local IPv6 addresses without CORE_ADDR_NODAD. A tentative address
 * is not answered for by neighbour discovery nor sent from; a failed one neither, until it was away
 * from one publication. */
enum core_dad_state { CORE_DAD_TENTATIVE, CORE_DAD_PREFERRED, CORE_DAD_FAILED };
enum { CORE_MAX_DAD = 4096 };   /* such addresses; core_fib_publish: -ENOSPC beyond it */
enum { CORE_MAX_GROUPS = 4096 }; /* IPv6 multicast groups reported (MLD), all devices */

struct core_addr_state {
    uint8_t af, state;          /* enum core_dad_state */
    uint16_t dev;
    uint8_t addr[16];
};

/* Rows from *cursor on (0 at first, 0 again at the end); returns their number. An address that is
 * not listed is used without verification, or was published a moment ago. Who has a failed one is
 * told by core_conflicts. */
int core_addr_states(struct core *core, uint32_t *cursor, struct core_addr_state *out,
                     uint32_t max);

enum core_neigh_state {         /* F-207 */
    CORE_NEIGH_NONE, CORE_NEIGH_SEND, CORE_NEIGH_REACHABLE, CORE_NEIGH_PROBE, CORE_NEIGH_DELAY,
};

struct core_neigh {
    uint8_t af, state, is_static, has_mac;
    uint16_t dev;
    uint8_t addr[16];
    uint8_t mac[6];
};

/* Rows from *cursor on (0 at first, 0 again at the end); returns their number. */
int core_neigh_list(struct core *core, uint32_t *cursor, struct core_neigh *out, uint32_t max);
int core_neigh_add(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr,
                   const uint8_t *mac);
int core_neigh_del(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr);

struct core_conflict {          /* another station claims a local address (RFC 5227 2.4, 4862 5.4) */
    uint8_t af;
    uint16_t dev;
    uint8_t addr[16];
    uint8_t mac[6];
    uint32_t n_seen;            /* since the core's start */
};

/* Claims seen since the last call: their number, at most `max` (the rest with the next call). */
int core_conflicts(struct core *core, struct core_conflict *out, uint32_t max);
/* Announce an address of a device: a gratuitous ARP request, or an unsolicited neighbour
 * advertisement to all nodes. -EAGAIN: too many waiting. */
int core_garp(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr);

/* --- observation -------------------------------------------------------------------------- */

struct core_verdict {
    char name[CORE_NAME_BYTES];
    char help[128];
    uint8_t is_drop;
};
int core_n_verdicts(void);
int core_verdict_get(uint32_t verdict, struct core_verdict *out);
/* n_verdicts counters of one worker, or of the host thread (w == -1). */
int core_verdict_counts(struct core *core, int w, uint64_t *out);

struct core_worker_stats {
    uint64_t loops, bursts, zero_bursts, full_bursts;
    uint64_t ipackets, ibytes, opackets, obytes, dropped;
    uint64_t busy_cycles, cycles;
    uint64_t redirected;        /* packets handed to their owner */
    uint64_t conns;             /* in the table now */
};
int core_worker_stats(struct core *core, uint32_t w, struct core_worker_stats *out);

/* Connections as CONN_ROW records of 84 bytes (control/conn_rows.py); at most `max_rows`, and at
 * most a bounded piece of the pool a call: 0 rows with *cursor != 0 means "go on". */
int core_conn_rows(struct core *core, uint64_t *cursor, void *buf, uint32_t max_rows);
/* The connection with exactly this tuple on either side: 1 row into buf, or 0. Of an ICMP query the
 * asker's port is the id, the other's the type of the question (8, 13; 128). */
int core_conn_find(struct core *core, uint8_t af, uint8_t proto, const uint8_t *src,
                   uint16_t sport, const uint8_t *dst, uint16_t dport, void *buf);

int core_groups_get(struct core *core, uint8_t *out); /* CORE_GROUPS bytes */
int core_groups_set(struct core *core, const uint8_t *group_worker);

/* Copies of a device's packets that match a classic BPF program (struct sock_filter; n_insns 0:
 * all). One capture at a time (-EBUSY). Records as in messages.CapturePackets. */
int core_capture_start(struct core *core, uint32_t dev, const void *insns, uint32_t n_insns,
                       uint32_t snaplen);
int core_capture_read(struct core *core, void *buf, uint32_t max_bytes, uint64_t *lost);
int core_capture_stop(struct core *core);

/* --- steps: one turn of a thread, with the caller's clock and packets (plain core) ---------- */

int core_step_worker(struct core *core, uint32_t w, uint64_t now_us);
int core_step_host(struct core *core, uint64_t now_us);
/* A frame arriving on a device, received by worker w at its next step; or coming from Linux. */
int core_inject(struct core *core, uint32_t w, uint32_t dev, const void *frame, uint32_t n_bytes);
int core_inject_kernel(struct core *core, uint32_t dev, const void *frame, uint32_t n_bytes);
/* The receive queue that a device's simulated card gives this frame to (plain_nic). */
int core_steer_queue(struct core *core, uint32_t dev, const void *frame, uint32_t n_bytes);
/* The oldest frame sent on a device, or given to Linux: its length, 0 if there is none. */
int core_take(struct core *core, uint32_t dev, void *buf, uint32_t max_bytes);
int core_take_kernel(struct core *core, uint32_t dev, void *buf, uint32_t max_bytes);
/* Packets (mbufs) that exist now; a test ends with none. */
int core_mbufs_in_use(struct core *core);
/* Pieces of memory that exist, of all plain cores, packets among them. */
int core_memory_pieces(struct core *core);
/* The `after`-th allocation from now (1: the next) gets no memory, once; 0: none is refused. */
int core_memory_refuse(struct core *core, uint32_t after);

#endif
