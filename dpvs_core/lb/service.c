/* service.c - the published set of services: finding one, and what the set is made of. */
#include "lb/service.h"

#include <stddef.h>
#include <string.h>

#include "lb/laddr_list.h"
#include "lb/lport.h"
#include "lb/match.h"
#include "worker/core.h"

static uint32_t service_row_hash(const void *row)
{
    const struct service *const *s = row;

    return lb_key_hash(&(*s)->key);
}

static uint32_t vip_row_hash(const void *row)
{
    const struct lb_vip *vip = row;

    return hash_addr(vip->af, vip->addr);
}

static uint32_t nat_server_row_hash(const void *row)
{
    const struct lb_nat_server *server = row;

    return hash_addr((uint8_t)server->af, server->addr);
}

const struct page_kind lb_service_kind = { sizeof(struct service *), service_row_hash };
const struct page_kind lb_vip_kind = { sizeof(struct lb_vip), vip_row_hash };
const struct page_kind lb_nat_server_kind = { sizeof(struct lb_nat_server), nat_server_row_hash };

static inline bool service_row_equal(const void *row, const void *key)
{
    const struct service *const *s = row;

    return !memcmp(&(*s)->key, key, sizeof (*s)->key);
}
_Static_assert(sizeof(struct core_service_key) == 20, "no padding is compared");

struct addr_key {
    const uint8_t *addr;
    uint8_t af;
};

static inline bool vip_row_equal(const void *row, const void *key)
{
    const struct lb_vip *vip = row;
    const struct addr_key *k = key;

    return vip->af == k->af && !memcmp(vip->addr, k->addr, 16);
}

static inline bool nat_server_row_equal(const void *row, const void *key)
{
    const struct lb_nat_server *server = row;
    const struct addr_key *k = key;

    return server->af == k->af && !memcmp(server->addr, k->addr, 16);
}

static inline struct service *const *row_of(const struct lb *lb, const struct core_service_key *key,
                                            uint32_t hash)
{
    return page_find(page_of(&lb->services, hash), sizeof(struct service *), hash,
                     service_row_equal, key);
}

struct service *const *lb_row(const struct lb *lb, const struct core_service_key *key)
{
    return row_of(lb, key, lb_key_hash(key));
}

const struct service *lb_find_at(const struct lb *lb, const struct core_service_key *key,
                                 uint32_t addr_hash)
{
    struct service *const *row = row_of(lb, key, lb_key_hash_at(key, addr_hash));

    return row ? *row : NULL;
}

static inline bool any_row(const void *row, const void *key)
{
    (void)row;
    (void)key;
    return true;
}

const struct service *lb_likely(const struct lb *lb, uint32_t hash)
{
    struct service *const *row = page_find(page_of(&lb->services, hash), sizeof(struct service *),
                                           hash, any_row, NULL);

    return row ? *row : NULL;
}

const struct lb_vip *lb_vip_at(const struct lb *lb, uint8_t af, const uint8_t addr[16],
                               uint32_t addr_hash)
{
    return page_find(page_of(&lb->vips, addr_hash), sizeof(struct lb_vip), addr_hash,
                     vip_row_equal, &(struct addr_key){ addr, af });
}

const struct lb_nat_server *lb_nat_server(const struct lb *lb, uint8_t af, const uint8_t addr[16])
{
    const uint32_t hash = hash_addr(af, addr);

    return page_find(page_of(&lb->nat_servers, hash), sizeof(struct lb_nat_server), hash,
                     nat_server_row_equal, &(struct addr_key){ addr, af });
}

bool service_is_standby(const struct service *s)
{
    for (uint32_t i = 0; i < s->n_laddrs; i++)
        if (laddr_is_active(s->laddrs->laddr[i]))
            return false;
    return s->n_laddrs != 0;
}

struct lb *lb_create(struct core *core)
{
    struct lb *lb = core->env.ops->zalloc(sizeof(*lb));

    if (!lb)
        return NULL;
    if (page_table_create(core, &lb->services, &lb_service_kind) ||
        page_table_create(core, &lb->vips, &lb_vip_kind) ||
        page_table_create(core, &lb->nat_servers, &lb_nat_server_kind)) {
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
    for (uint32_t i = 0; lb->matches && i < lb->matches->n; i++)
        service_free(core, lb->matches->row[i].service);
    core->env.ops->free((void *)(uintptr_t)lb->matches);
    page_table_free(core, &lb->services);
    page_table_free(core, &lb->vips);
    page_table_free(core, &lb->nat_servers);
    core->env.ops->free(lb);
}
