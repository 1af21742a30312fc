/* owner.c - the rule of ownership. */
#include "worker/owner.h"

#include "lb/group.h"
#include "lb/lport.h"
#include "lb/service.h"
#include "worker/worker.h"

int owner_group(const struct worker *w, uint8_t af, const union key *key, uint32_t hash,
                const struct laddr *to)
{
    const struct addr16 dst = key_dst(af, key);
    struct core_service_key service = { .af = af, .proto = (uint8_t)key->proto,
                                        .port = rte_be_to_cpu_16(key->dport_be) };

    if (key->proto != PROTO_TCP && key->proto != PROTO_UDP)
        return NO_GROUP;
    memcpy(service.addr, dst.byte, 16);
    if (lb_find(w->lb, &service))
        return flow_group(w->core, af, key, hash);
    if (to && service.port >= LPORT_FIRST)
        return service.port % CORE_GROUPS;
    return lb_vip(w->lb, af, service.addr) ? flow_group(w->core, af, key, hash) : NO_GROUP;
}
