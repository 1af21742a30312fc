/* owner.c - the rule of ownership. */
#include "worker/owner.h"

#include "lb/group.h"
#include "lb/lport.h"
#include "lb/service.h"
#include "worker/worker.h"

int owner_group(const struct worker *w, const struct key4 *key, uint32_t hash,
                const struct laddr *to)
{
    struct core_service_key service = { .af = 4, .proto = (uint8_t)key->proto,
                                        .port = rte_be_to_cpu_16(key->dport_be) };

    if (key->proto != PROTO_TCP && key->proto != PROTO_UDP)
        return NO_GROUP;
    memcpy(service.addr, &key->dst_be, 4);
    if (lb_find(w->lb, &service))
        return flow_group4(w->core, key, hash);
    if (to && service.port >= LPORT_FIRST)
        return service.port % CORE_GROUPS;
    return lb_vip(w->lb, 4, service.addr) ? flow_group4(w->core, key, hash) : NO_GROUP;
}
