/* one_way.c - the sides of a connection whose answers go another way.
 *
 * The client's side alone is in the index. The server's side says who the real server is, for
 * routes and listings; its destination is the client (F-051), or nothing where the families differ.
 * Nothing is taken, so nothing is given back.
 */
#include "lb/one_way.h"

#include "lb/conn_table.h"
#include "lb/conn_tuple.h"
#include "lb/group.h"
#include "lb/service.h"
#include "worker/worker.h"

enum verdict one_way_bind(struct worker *w, const struct pkt *p, const struct service *s,
                          const struct dest *d, struct conn *c)
{
    static const struct addr16 unspecified;
    struct conn_side *client = &c->client, *server = conn_side(c, SIDE_SERVER);
    const struct addr16 caddr = d->af == p->af ? key_src(p->af, &p->key) : unspecified;

    (void)s;
    conn_rest(w->conns, c)->group = flow_group(w->core, p->af, &p->key, p->hash);
    side_set_key(client, p->af, &p->key);
    client->hash[SIDE_CLIENT] = p->hash;
    server->flags |= SIDE_SILENT;
    server->sport_be = p->key.dport_be; /* of the packet, which keeps its ports */
    server->dport_be = p->key.sport_be;
    side_set_addrs(server, d->af, d->addr, caddr.byte);
    return V_CONTINUE;
}

void one_way_unbind(struct worker *w, struct conn *c)
{
    (void)w;
    (void)c;
}
