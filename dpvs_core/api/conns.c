/* conns.c - connections as rows of bytes, read beside the workers without asking them.
 *
 * A row is taken only if the connection's generation is odd and unchanged before and after the
 * copy. The layout is CONN_ROW of control/conn_rows.py.
 */
#include <string.h>

#include "lb/conn_table.h"
#include "worker/check.h"
#include "worker/worker.h"

enum { SCAN_UNITS = 8192 };     /* looked at in one call: well below a millisecond */

struct conn_row {
    uint8_t worker, proto, client_family, server_family;
    uint16_t state;
    uint8_t flags, local_family;
    uint32_t timeout_s;
    uint16_t cport, vport, lport, dport;
    uint8_t caddr[16], vaddr[16], laddr[16], daddr[16];
} __attribute__((packed));
_Static_assert(sizeof(struct conn_row) == 84, "CONN_ROW of control/conn_rows.py");

/* A record of either size, as it was at one moment. */
struct whole_conn {
    union {
        struct conn conn;
        struct conn_unit unit[2];
    };
    struct conn_rest rest;
};

static bool copy_conn(const struct conn_table *t, uint32_t i, struct whole_conn *to)
{
    const uint32_t *gen_of = &t->pool.rest[i].gen;
    const uint32_t gen = __atomic_load_n(gen_of, __ATOMIC_ACQUIRE);

    if (!(gen & 1))
        return false;
    to->unit[0] = t->pool.unit[i];
    if (conn_is_wide(&to->conn)) {
        if (i + 1 >= t->pool.n_units)
            return false;       /* the record changed while it was copied */
        to->unit[1] = t->pool.unit[i + 1];
    }
    to->rest = t->pool.rest[i];
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(gen_of, __ATOMIC_RELAXED) == gen && to->rest.wheel_prev != CONN_NONE;
}

/* A side's tuple as addresses of a row. */
static void copy_addrs(const struct conn_side *side, uint8_t src[16], uint8_t dst[16])
{
    const union key key = side_key(side);
    const struct addr16 from = key_src(side_af(side), &key), to = key_dst(side_af(side), &key);

    memcpy(src, from.byte, 16);
    memcpy(dst, to.byte, 16);
}

static void fill_row(const struct worker *w, const struct whole_conn *c, struct conn_row *row)
{
    const struct conn_side *client = &c->conn.client, *server = conn_side(&c->conn, SIDE_SERVER);
    const bool one_way = server->flags & SIDE_SILENT;
    const uint32_t idle_ms = w->now_ms - conn_last_seen_ms(&c->conn);
    const uint32_t timeout_ms = c->rest.timeout_ms;

    *row = (struct conn_row){
        .worker = (uint8_t)w->id, .proto = client->proto, .state = client->state,
        .flags = client->flags,
        .client_family = side_af(client), .server_family = side_af(server),
        .local_family = side_af(one_way ? client : server),
        .timeout_s = idle_ms < timeout_ms ? (timeout_ms - idle_ms + 999) / 1000 : 0,
        .cport = rte_be_to_cpu_16(client->sport_be), .vport = rte_be_to_cpu_16(client->dport_be),
        .lport = rte_be_to_cpu_16(server->dport_be), .dport = rte_be_to_cpu_16(server->sport_be),
    };
    copy_addrs(client, row->caddr, row->vaddr);
    copy_addrs(server, row->daddr, row->laddr);
    if (one_way)                /* the client itself, of whatever family (F-051) */
        memcpy(row->laddr, row->caddr, sizeof row->laddr);
}

/* The cursor is worker << 32 | next unit, plus one; 0: from the beginning, and at the end. */
int core_conn_rows(struct core *core, uint64_t *cursor, void *buf, uint32_t max_rows)
{
    uint32_t w = *cursor ? (uint32_t)((*cursor - 1) >> 32) : 0;
    uint32_t unit = *cursor ? (uint32_t)(*cursor - 1) : 0, n = 0, scanned = 0;
    struct conn_row *rows = buf;

    CHECK_MASTER(core);
    for (; w < core->conf.n_workers; w++, unit = 0) {
        const struct conn_table *t = core->worker[w]->conns;

        for (; unit < t->pool.n_fresh; unit++, scanned++) {
            struct whole_conn c;

            if (n == max_rows || scanned == SCAN_UNITS) {
                *cursor = ((uint64_t)w << 32 | unit) + 1;
                return (int)n;
            }
            if (copy_conn(t, unit, &c))
                fill_row(core->worker[w], &c, &rows[n++]);
        }
    }
    *cursor = 0;
    return (int)n;
}

/* The side may be another connection's by now, and what it says of its place wrong. */
static bool copy_of(const struct conn_table *t, const struct conn_side *side,
                    struct whole_conn *to)
{
    const uint32_t unit = conn_index(t, side_conn(side));

    return unit < t->pool.n_fresh && copy_conn(t, unit, to);
}

static bool has_key(const struct whole_conn *c, uint8_t af, const union key *key)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct conn_side *side = conn_side(&c->conn, i);

        if (side_af(side) == af && side_has_key(side, af, key))
            return true;
    }
    return false;
}

int core_conn_find(struct core *core, uint8_t af, uint8_t proto, const uint8_t *src,
                   uint16_t sport, const uint8_t *dst, uint16_t dport, void *buf)
{
    union key key;
    uint32_t hash;

    CHECK_MASTER(core);
    if (af != 4 && af != 6)
        return -EAFNOSUPPORT;
    key = key_of(af, addr6(src), addr6(dst));
    key.proto = proto;
    key.sport_be = rte_cpu_to_be_16(sport);
    key.dport_be = rte_cpu_to_be_16(dport);
    hash = tuple_hash(af, &key, core->conf.hash_key);
    for (uint32_t w = 0; w < core->conf.n_workers; w++) {
        const struct conn_table *t = core->worker[w]->conns;
        const struct conn_side *side = conn_table_find(t, af, hash, &key);
        struct whole_conn copy;

        if (side && copy_of(t, side, &copy) && has_key(&copy, af, &key)) {
            fill_row(core->worker[w], &copy, buf);
            return 1;
        }
    }
    return 0;
}
