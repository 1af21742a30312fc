/* fnat_bind.c - local address, port and sequence numbers of a new FULLNAT connection.
 *
 * The client's initial sequence number becomes one that rises with time for the same corners
 * (RFC 6528 with DPVS's 64 ns clock), so that a server in TIME_WAIT takes a re-used local port. It
 * must do so too after a restart and when the other director of a pair used the port before,
 * neither of which has the same secret: so the clock is the wall's, and the secret part at most
 * about a second of it.
 */
#include "lb/fnat_bind.h"

#include "base/siphash.h"
#include "lb/conn_table.h"
#include "lb/conn_tuple.h"
#include "lb/group.h"
#include "lb/lport.h"
#include "lb/lport_choice.h"
#include "lb/service.h"
#include "worker/worker.h"

enum {
    ISN_TICK_NS = 64,
    ISN_SECRET_MASK = 0xffffff, /* 1.07 s of ticks */
};

/* IPv6: one address after the other, each with what came before it (CBC). */
static __rte_always_inline uint64_t corners_hash(const uint64_t key[2], uint8_t af,
                                                 const struct conn_side *server)
{
    const uint64_t ports = (uint64_t)server->sport_be << 16 | server->dport_be;
    uint64_t words[2];

    if (af == 4) {
        words[0] = (uint64_t)side4(server)->src_be << 32 | side4(server)->dst_be;
        words[1] = ports;
        return siphash_16(key, words);
    }
    memcpy(words, side6(server)->src_be, sizeof words);
    words[0] ^= siphash_16(key, words);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t more;

        memcpy(&more, &side6(server)->dst_be[2 * i], sizeof more);
        words[1] = more;
        words[0] = siphash_16(key, words);
    }
    words[1] = ports;
    return siphash_16(key, words);
}

static __rte_always_inline uint32_t isn(const struct worker *w, uint8_t af,
                                        const struct conn_side *server)
{
    const uint32_t *k = w->core->conf.isn_key;
    const uint64_t key[2] = { (uint64_t)k[0] << 32 | k[1], (uint64_t)k[2] << 32 | k[3] };
    const uint64_t clock_us = w->now_us + w->core->conf.isn_epoch_us;

    return (uint32_t)((corners_hash(key, af, server) & ISN_SECRET_MASK) +
                      clock_us * (1000 / ISN_TICK_NS));
}

/* `af`: of the server. */
static __rte_always_inline void shift_sequence(struct worker *w, uint8_t af, struct conn *c,
                                               struct conn_side *server, const struct pkt *p)
{
    const uint32_t add = isn(w, af, server) - rte_be_to_cpu_32(pkt_tcp(p)->seq_be);

    c->client.seq_add = add;
    server->ack_add = -add;
    c->client.flags |= CONN_TOA;
}

/* Both tuples and their hashes; the index will be asked for the server's soon. */
static __rte_always_inline void set_tuples(const struct conn_table *t, uint8_t af, struct conn *c,
                                           const struct pkt *p, const struct dest *d,
                                           const struct lport_choice *local)
{
    struct conn_side *server = conn_server(c, af);

    server->sport_be = d->port_be;
    server->dport_be = rte_cpu_to_be_16(local->port);
    side_set_addrs(server, af, d->addr, local->laddr->addr);
    c->client.hash[SIDE_SERVER] = side_hash(server, af, t->seed);
    c->client.hash[SIDE_CLIENT] = p->hash;
    conn_table_fetch(t, c);
    side_set_key(&c->client, af, &p->key);
    conn_join(c, af);
}

/* A local address and port of the server's family, of the client's flow group; `af`: the client's. */
static __rte_always_inline bool take_local(struct worker *w, uint8_t af, const struct pkt *p,
                                           const struct service *s, const struct dest *d,
                                           struct conn *c, struct lport_choice *taken)
{
    const uint8_t group = service_group(w->core, s, af, &p->key, p->hash);
    struct conn_rest *rest = conn_rest(w->conns, c);

    if (!lport_choose(w, s, d, (uint8_t)p->key.proto, group, p->hash, taken))
        return false;
    rest->group = group;
    rest->laddr_id = (uint16_t)taken->laddr->id;
    rest->pool = taken->pool;
    c->client.flags |= CONN_LPORT;
    return true;
}

/* `af` is a constant: a copy for each family. */
static __rte_always_inline enum verdict bind(struct worker *w, uint8_t af, const struct pkt *p,
                                             const struct service *s, const struct dest *d,
                                             struct conn *c)
{
    struct lport_choice taken;

    if (!take_local(w, af, p, s, d, c, &taken))
        return V_DROP_NO_LPORT;
    set_tuples(w->conns, af, c, p, d, &taken);
    if (p->key.proto == PROTO_TCP)
        shift_sequence(w, af, c, conn_server(c, af), p);
    return V_CONTINUE;
}

/* Client and server of different families. */
static __rte_noinline enum verdict bind_across(struct worker *w, const struct pkt *p,
                                               const struct service *s, const struct dest *d,
                                               struct conn *c)
{
    struct lport_choice taken;
    union key server;

    if (!take_local(w, p->af, p, s, d, c, &taken))
        return V_DROP_NO_LPORT;
    server = key_of(d->af, addr6(d->addr), addr6(taken.laddr->addr));
    server.sport_be = d->port_be;
    server.dport_be = rte_cpu_to_be_16(taken.port);
    server.proto = p->key.proto;
    conn_set_tuples(w->conns, c, &p->key, &server);
    if (p->key.proto == PROTO_TCP)
        shift_sequence(w, d->af, c, conn_side(c, SIDE_SERVER), p);
    return V_CONTINUE;
}

enum verdict fnat_bind(struct worker *w, const struct pkt *p, const struct service *s,
                       const struct dest *d, struct conn *c)
{
    if (unlikely(p->af != d->af))
        return bind_across(w, p, s, d, c);
    return p->af == 4 ? bind(w, 4, p, s, d, c) : bind(w, 6, p, s, d, c);
}

void fnat_unbind(struct worker *w, struct conn *c)
{
    const struct conn_rest *rest = conn_rest(w->conns, c);

    if (c->client.flags & CONN_LPORT)
        lport_give(w->core->laddr[rest->laddr_id], rest->pool,
                   rte_be_to_cpu_16(conn_side(c, SIDE_SERVER)->dport_be));
}
