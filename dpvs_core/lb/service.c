/* service.c - finding a service, and what one is made of. */
#include "lb/service.h"

#include <stddef.h>
#include <string.h>

#include "base/hash.h"
#include "lb/lport.h"
#include "lb/sched.h"
#include "worker/core.h"

#include <netinet/in.h>

static uint32_t addr_hash(uint8_t af, const uint8_t addr[16])
{
    return hash_16(addr, af);
}

static uint32_t key_hash(const struct core_service_key *key)
{
    return hash_mix(addr_hash(key->af, key->addr) ^ ((uint32_t)key->port << 8 | key->proto));
}

static bool key_equal(const struct core_service_key *a, const struct core_service_key *b)
{
    return a->port == b->port && a->proto == b->proto && a->af == b->af &&
           !memcmp(a->addr, b->addr, 16);
}

uint32_t lb_slot(const struct lb *lb, const struct core_service_key *key)
{
    uint32_t h = key_hash(key);

    while (lb->slot[h & lb->mask] && !key_equal(&lb->slot[h & lb->mask]->key, key))
        h++;
    return h & lb->mask;
}

const struct service *lb_find(const struct lb *lb, const struct core_service_key *key)
{
    return lb->slot[lb_slot(lb, key)];
}

bool service_is_standby(const struct service *s)
{
    for (uint32_t i = 0; i < s->n_laddrs; i++)
        if (laddr_is_active(s->laddr[i]))
            return false;
    return s->n_laddrs != 0;
}

const struct lb_vip *lb_vip(const struct lb *lb, uint8_t af, const uint8_t addr[16])
{
    for (uint32_t h = addr_hash(af, addr);; h++) {
        const struct lb_vip *v = &lb->vip[h & lb->mask];

        if (!v->af)
            return NULL;
        if (v->af == af && !memcmp(v->addr, addr, 16))
            return v->n_tcp + v->n_udp ? v : NULL;
    }
}

/* The entry of an address, made if it has none. */
static struct lb_vip *vip_of(struct lb *lb, const struct core_service_key *key)
{
    uint32_t h = addr_hash(key->af, key->addr);
    struct lb_vip *vip;

    for (;; h++) {
        vip = &lb->vip[h & lb->mask];
        if (!vip->af || (vip->af == key->af && !memcmp(vip->addr, key->addr, 16)))
            break;
    }
    lb->n_vips += !vip->af;
    vip->af = key->af;
    memcpy(vip->addr, key->addr, 16);
    return vip;
}

void lb_put(struct lb *lb, struct service *s)
{
    struct lb_vip *vip = vip_of(lb, &s->key);

    lb->slot[lb_slot(lb, &s->key)] = s;
    lb->n_services++;
    vip->n_tcp += s->key.proto == IPPROTO_TCP;
    vip->n_udp += s->key.proto == IPPROTO_UDP;
}

/* Later services of the same run of slots move up, so that no search ends too early. The entry of
 * the address stays, with counts of zero, until the set is next built anew. */
void lb_take(struct lb *lb, uint32_t slot)
{
    struct lb_vip *vip = vip_of(lb, &lb->slot[slot]->key);

    vip->n_tcp -= lb->slot[slot]->key.proto == IPPROTO_TCP;
    vip->n_udp -= lb->slot[slot]->key.proto == IPPROTO_UDP;
    lb->n_services--;
    lb->slot[slot] = NULL;
    for (uint32_t i = (slot + 1) & lb->mask; lb->slot[i]; i = (i + 1) & lb->mask) {
        struct service *s = lb->slot[i];

        lb->slot[i] = NULL;
        lb->slot[lb_slot(lb, &s->key)] = s;
    }
}

struct lb *lb_create(struct core *core, uint32_t n_slots)
{
    struct env *env = &core->env;
    struct lb *lb = env->ops->zalloc(sizeof(*lb));

    if (!lb)
        return NULL;
    lb->mask = n_slots - 1;
    lb->slot = env->ops->zalloc(n_slots * sizeof(struct service *));
    lb->vip = env->ops->zalloc(n_slots * sizeof(*lb->vip));
    if (!lb->slot || !lb->vip) {
        lb_free(core, lb);
        return NULL;
    }
    return lb;
}

/* The set only; its services are freed one by one. */
void lb_free(struct core *core, struct lb *lb)
{
    if (!lb)
        return;
    core->env.ops->free(lb->slot);
    core->env.ops->free(lb->vip);
    core->env.ops->free(lb);
}

void service_free(struct core *core, struct service *s)
{
    if (!s)
        return;
    if (sched_table[s->sched]->release)
        sched_table[s->sched]->release(core, s);
    core->env.ops->free(s->dest);
    core->env.ops->free(s->laddr);
    core->env.ops->free(s);
}
