/* owner.c - the rule of ownership. */
#include "worker/owner.h"

#include "lb/proto.h"
#include "lb/service.h"
#include "net/fib.h"
#include "pkt/ip.h"

static const struct service *service_at(const struct worker *w, uint8_t af, const union key *key,
                                        const struct addr16 *dst)
{
    const struct service *likely_one = w->likely_service;
    struct core_service_key service = { .af = af, .proto = (uint8_t)key->proto,
                                        .port = rte_be_to_cpu_16(key->dport_be) };

    memcpy(service.addr, dst->byte, 16);
    if (likely_one && !memcmp(&likely_one->key, &service, sizeof service))
        return likely_one;
    return lb_find_at(w->lb, &service, hash_addr(af, dst->byte));
}

struct target target_of(const struct worker *w, uint8_t af, const union key *key)
{
    const struct addr16 dst = key_dst(af, key);
    struct target to = { .service = service_at(w, af, key, &dst) };
    uint32_t addr_hash;

    if (likely(to.service != NULL))
        return to;
    addr_hash = hash_addr(af, dst.byte);
    to.laddr = laddr_find_at(&w->core->laddr_by_addr, af, dst.byte, addr_hash);
    to.vip = lb_vip_at(w->lb, af, dst.byte, addr_hash);
    if (!to.laddr && !to.vip) {
        to.answers = lb_is_nat_server(w->lb, af, key_src(af, key).byte);
        to.through = w->lb->matches && !fib_addr(w->fib, af, dst.byte);
    }
    return to;
}

int owner_group(const struct worker *w, uint8_t af, const union key *key, uint32_t hash,
                const struct target *to)
{
    const uint16_t port = rte_be_to_cpu_16(key->dport_be);

    if (!proto_has_tuple(key))
        return NO_GROUP;
    if (!to->service && to->laddr && port >= LPORT_FIRST)
        return port % CORE_GROUPS;
    if (to->through)
        return through_group(w->core, w->lb, af, key, hash);
    if (key->proto == icmp_proto(af))
        return NO_GROUP;        /* asks an address of ours */
    if (to->service)
        return service_group(w->core, to->service, af, key, hash);
    if (to->answers)
        return client_group(w->core, key_dst(af, key), key->dport_be, key->proto);
    return to->vip ? flow_group(w->core, af, key, hash) : NO_GROUP;
}

void owner_look_up(struct worker *w, struct owner_hint *hint, uint8_t af, const struct addr16 *addr)
{
    const uint32_t hash = hash_addr(af, addr->byte);

    hint->addr = *addr;
    hint->stamp = owner_stamp(w, af);
    hint->is_laddr = laddr_find_at(&w->core->laddr_by_addr, af, addr->byte, hash) != NULL;
    hint->is_vip = lb_vip_at(w->lb, af, addr->byte, hash) != NULL;
}

bool owner_is_service(const struct worker *w, uint8_t af, const union key *key)
{
    const struct addr16 dst = key_dst(af, key);

    return service_at(w, af, key, &dst) != NULL;
}

int owner_looked_up(const struct worker *w, const struct pkt *p)
{
    const struct target to = target_of(w, p->af, &p->key);
    const int group = owner_group(w, p->af, &p->key, p->hash, &to);

    if (group == NO_GROUP || w->group_worker[group] == w->id)
        return NO_WORKER;
    return w->group_worker[group];
}
