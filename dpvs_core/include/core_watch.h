/* core_watch.h - observation: counters, connections, groups, captures. */
#ifndef DPVS_CORE_WATCH_H
#define DPVS_CORE_WATCH_H

#include "core_base.h"

struct core_verdict {
    char name[CORE_NAME_BYTES];
    char help[128];
    uint8_t is_drop;
};
int core_n_verdicts(void);
int core_verdict_get(uint32_t verdict, struct core_verdict *out);
/* n_verdicts counters of one worker, or of the host thread (w == -1). */
int core_verdict_counts(struct core *core, int w, uint64_t *out);

/* Counters of IPv6 beside established connections. */
struct core_ip6_counter {
    char name[CORE_NAME_BYTES];
    char help[128];
};
int core_n_ip6_counters(void);
int core_ip6_counter_get(uint32_t counter, struct core_ip6_counter *out);
/* All of one worker, or of the host thread (w == -1). */
int core_ip6_counts(struct core *core, int w, uint64_t *out);

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

#endif
