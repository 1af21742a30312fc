/* service.c - the published set of services: finding one, and what the set is made of. */
#include "lb/service.h"

#include <stddef.h>
#include <string.h>

#include "base/hash.h"
#include "lb/lport.h"
#include "worker/core.h"

uint32_t lb_addr_hash(uint8_t af, const uint8_t addr[16])
{
    return hash_16(addr, af);
}

uint32_t lb_key_hash(const struct core_service_key *key)
{
    return hash_mix(lb_addr_hash(key->af, key->addr) ^ ((uint32_t)key->port << 8 | key->proto));
}

static uint32_t service_row_hash(const void *row)
{
    const struct service *const *s = row;

    return lb_key_hash(&(*s)->key);
}

static uint32_t vip_row_hash(const void *row)
{
    const struct lb_vip *vip = row;

    return lb_addr_hash(vip->af, vip->addr);
}

const struct page_kind lb_service_kind = { sizeof(struct service *), service_row_hash };
const struct page_kind lb_vip_kind = { sizeof(struct lb_vip), vip_row_hash };

static inline bool service_row_equal(const void *row, const void *key)
{
    const struct service *const *s = row;
    const struct core_service_key *a = &(*s)->key, *b = key;

    return a->port == b->port && a->proto == b->proto && a->af == b->af &&
           !memcmp(a->addr, b->addr, 16);
}

struct vip_key {
    const uint8_t *addr;
    uint8_t af;
};

static inline bool vip_row_equal(const void *row, const void *key)
{
    const struct lb_vip *vip = row;
    const struct vip_key *k = key;

    return vip->af == k->af && !memcmp(vip->addr, k->addr, 16);
}

struct service *const *lb_row(const struct lb *lb, const struct core_service_key *key)
{
    const uint32_t hash = lb_key_hash(key);

    return page_find(page_of(&lb->services, hash), sizeof(struct service *), hash,
                     service_row_equal, key);
}

const struct service *lb_find(const struct lb *lb, const struct core_service_key *key)
{
    struct service *const *row = lb_row(lb, key);

    return row ? *row : NULL;
}

const struct lb_vip *lb_vip(const struct lb *lb, uint8_t af, const uint8_t addr[16])
{
    const uint32_t hash = lb_addr_hash(af, addr);

    return page_find(page_of(&lb->vips, hash), sizeof(struct lb_vip), hash, vip_row_equal,
                     &(struct vip_key){ addr, af });
}

bool service_is_standby(const struct service *s)
{
    for (uint32_t i = 0; i < s->n_laddrs; i++)
        if (laddr_is_active(s->laddr[i]))
            return false;
    return s->n_laddrs != 0;
}

struct lb *lb_create(struct core *core)
{
    struct lb *lb = core->env.ops->zalloc(sizeof(*lb));

    if (!lb)
        return NULL;
    if (page_table_create(core, &lb->services, &lb_service_kind) ||
        page_table_create(core, &lb->vips, &lb_vip_kind)) {
        lb_destroy(core, lb);
        return NULL;
    }
    return lb;
}

void lb_destroy(struct core *core, struct lb *lb)
{
    struct service **row;

    if (!lb)
        return;
    for (uint64_t at = 0; lb->services.dir &&
                          (row = page_table_next(&lb->services, &lb_service_kind, &at));)
        service_free(core, *row);
    page_table_free(core, &lb->services);
    page_table_free(core, &lb->vips);
    core->env.ops->free(lb);
}
