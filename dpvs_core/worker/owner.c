/* owner.c - the rule of ownership. */
#include "worker/owner.h"

#include "base/hash.h"
#include "lb/lport.h"
#include "lb/service.h"
#include "worker/worker.h"

int owner_group(const struct worker *w, const struct key4 *key, uint32_t hash,
                const struct fib_addr *to)
{
    const uint16_t dport = rte_be_to_cpu_16(key->dport_be);
    uint8_t dst[16] = { 0 };

    if (key->proto != PROTO_TCP && key->proto != PROTO_UDP)
        return NO_GROUP;
    if (to && to->laddr_id != CORE_NO_ID && dport >= LPORT_FIRST)
        return dport % CORE_GROUPS;
    memcpy(dst, &key->dst_be, 4);
    return lb_vip(w->lb, 4, dst) ? hash_group(hash) : NO_GROUP;
}
