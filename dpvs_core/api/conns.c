/* conns.c - connections as rows of bytes, read beside the workers without asking them.
 *
 * A row is taken only if the connection's generation is odd and unchanged before and after the
 * copy. The layout is CONN_ROW of control/conn_rows.py.
 */
#include <string.h>

#include "worker/check.h"
#include "base/hash.h"
#include "lb/conn_table.h"
#include "worker/worker.h"

enum { SCAN_SLOTS = 8192 };     /* looked at in one call: well below a millisecond */

struct conn_row {
    uint8_t worker, proto, client_family, server_family;
    uint16_t state;
    uint8_t flags, pad;
    uint32_t timeout_s;
    uint16_t cport, vport, lport, dport;
    uint8_t caddr[16], vaddr[16], laddr[16], daddr[16];
} __attribute__((packed));
_Static_assert(sizeof(struct conn_row) == 84, "CONN_ROW of control/conn_rows.py");

struct whole_conn {
    struct conn conn;
    struct conn_rest rest;
};

static bool copy_conn(const struct conn_table *t, uint32_t i, struct whole_conn *to)
{
    const uint32_t *gen_of = &t->rest[i].gen;
    const uint32_t gen = __atomic_load_n(gen_of, __ATOMIC_ACQUIRE);

    if (!(gen & 1))
        return false;
    to->conn = t->conn[i];
    to->rest = t->rest[i];
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(gen_of, __ATOMIC_RELAXED) == gen && to->rest.wheel_prev != CONN_NONE;
}

static void fill_row(const struct worker *w, const struct whole_conn *c, struct conn_row *row)
{
    const struct conn_side4 *client = &c->conn.side[SIDE_CLIENT];
    const struct conn_side4 *server = &c->conn.side[SIDE_SERVER];
    const uint32_t idle_ms = w->now_ms - conn_last_seen_ms(&c->conn);
    const uint32_t timeout_ms = c->rest.timeout_ms;

    *row = (struct conn_row){
        .worker = (uint8_t)w->id, .proto = client->proto, .state = client->state,
        .flags = client->flags, .client_family = 4, .server_family = 4,
        .timeout_s = idle_ms < timeout_ms ? (timeout_ms - idle_ms + 999) / 1000 : 0,
        .cport = rte_be_to_cpu_16(client->sport_be), .vport = rte_be_to_cpu_16(client->dport_be),
        .lport = rte_be_to_cpu_16(server->dport_be), .dport = rte_be_to_cpu_16(server->sport_be),
    };
    memcpy(row->caddr, &client->src_be, 4);
    memcpy(row->vaddr, &client->dst_be, 4);
    memcpy(row->laddr, &server->dst_be, 4);
    memcpy(row->daddr, &server->src_be, 4);
}

/* The cursor is worker << 32 | next slot, plus one; 0: from the beginning, and at the end. */
int core_conn_rows(struct core *core, uint64_t *cursor, void *buf, uint32_t max_rows)
{
    uint32_t w = *cursor ? (uint32_t)((*cursor - 1) >> 32) : 0;
    uint32_t slot = *cursor ? (uint32_t)(*cursor - 1) : 0, n = 0, scanned = 0;
    struct conn_row *rows = buf;

    CHECK_MASTER(core);
    for (; w < core->conf.n_workers; w++, slot = 0) {
        const struct conn_table *t = core->worker[w]->conns;

        for (; slot < t->fresh_conn; slot++, scanned++) {
            struct whole_conn c;

            if (n == max_rows || scanned == SCAN_SLOTS) {
                *cursor = ((uint64_t)w << 32 | slot) + 1;
                return (int)n;
            }
            if (copy_conn(t, slot, &c))
                fill_row(core->worker[w], &c, &rows[n++]);
        }
    }
    *cursor = 0;
    return (int)n;
}

int core_conn_find(struct core *core, uint8_t af, uint8_t proto, const uint8_t *src,
                   uint16_t sport, const uint8_t *dst, uint16_t dport, void *buf)
{
    struct key4 key = { .proto = proto, .sport_be = rte_cpu_to_be_16(sport),
                        .dport_be = rte_cpu_to_be_16(dport) };
    uint32_t hash;

    CHECK_MASTER(core);
    if (af != 4)
        return -EAFNOSUPPORT;
    memcpy(&key.src_be, src, 4);
    memcpy(&key.dst_be, dst, 4);
    hash = hash_16(&key, core->conf.hash_key);
    for (uint32_t w = 0; w < core->conf.n_workers; w++) {
        unsigned side;
        const struct conn_table *t = core->worker[w]->conns;
        const struct conn *c = conn_table_find(t, hash, &key, &side);
        struct whole_conn copy;

        if (c && copy_conn(t, conn_index(t, c), &copy)) {
            fill_row(core->worker[w], &copy, buf);
            return 1;
        }
    }
    return 0;
}
