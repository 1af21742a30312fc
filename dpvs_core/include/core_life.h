/* core_life.h - making the core, its settings, its threads. */
#ifndef DPVS_CORE_LIFE_H
#define DPVS_CORE_LIFE_H

#include "core_base.h"

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
    uint8_t ip6_disable;        /* C-090: no IPv6 packet is taken, but of connections there are */
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

#endif
