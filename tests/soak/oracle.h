/* oracle.h - what must have become of every packet, judged from bytes and time alone.
 *
 * Of a flow the oracle learns from the core what is the core's choice, once: local address and
 * port, server, initial sequence number. All else it says beforehand. Time-outs leave a span in
 * which a flow may be there or not (the core's wheel is coarse): its next packet shows which, and
 * where it does not (one begun anew with the same corner), the core's count of what began.
 * A TCP connection that both ends believe in ends with resets, so there is no such span for it.
 */
#ifndef SOAK_ORACLE_H
#define SOAK_ORACLE_H

#include "batch.h"
#include "oracle_flow.h"

/* Two slots of the wheel (128 ms each), and time for its work in bounded pieces. */
enum { EXPIRY_SLACK_MS = 384 };

struct dest_total {
    uint64_t conns, inpkts, outpkts, inbytes, outbytes;
};

/* Sums over the whole run; the core counts the same (ledger.c). */
struct totals {
    uint64_t forward_in, forward_out, scheduled, reset_sent, expiry_reset, toa_no_room;
    uint64_t no_connection, fragment, other_host, too_short, bad_ip_csum, to_kernel;
    uint64_t redirected[MAX_WORKERS], maybe_redirected[MAX_WORKERS];
    uint64_t toa_sent, tuple_reused, corner_reused, late_ms; /* late_ms: of the latest expiry */
    uint64_t alone, again_alike; /* again_alike: ended, begun with the same corner, in the slack */
    struct dest_total dest[N_DESTS];
};

/* At least `must`, at most `must + may`. */
struct span {
    uint32_t must, may;
};

struct tally {
    struct span worker[MAX_WORKERS], laddr[MAX_LADDRS], dest[N_DESTS], dest_active[N_DESTS];
};

struct oracle;

/* `scene` is read at each judgement and may change its weights between them. */
struct oracle *oracle_make(const struct scene *scene);
void oracle_free(struct oracle *o);
/* Before a batch goes in: which packets go alone. */
void oracle_order(struct oracle *o, struct batch *b);
/* All that came out of the core for a batch is in it; a difference ends the program. */
void oracle_judge(struct oracle *o, struct batch *b);
/* Forget what is over by now, count what is left. */
void oracle_sweep(struct oracle *o, uint32_t now_ms, struct tally *tally);
const struct totals *oracle_totals(const struct oracle *o);
/* The flow that packet p, just judged, belongs to; NULL: none. */
const struct flow *oracle_flow_of(const struct oracle *o, const struct packet *p);

#endif
