/* match.c - does a match take a packet? */
#include "lb/match.h"

#include <string.h>

#include "pkt/ip.h"

_Static_assert(sizeof(struct core_match) == 6 + 2 * 36, "no padding is compared");

static const uint8_t no_addr[16];

/* IPv4's addresses are followed by zeros, so that one comparison serves both families. */
static bool addr_in(const struct core_range *range, const uint8_t addr[16])
{
    return !memcmp(range->last, no_addr, 16) ||
           (memcmp(addr, range->first, 16) >= 0 && memcmp(addr, range->last, 16) <= 0);
}

static bool port_in(const struct core_range *range, const struct match_packet *p, uint16_t port)
{
    return !range->last_port ||
           (p->has_ports && port >= range->first_port && port <= range->last_port);
}

static bool dev_in(uint16_t wanted, uint16_t dev)
{
    return wanted == CORE_ANY_DEV || wanted == dev;
}

static bool takes(const struct core_match *m, const struct match_packet *p)
{
    return m->af == p->af && (!m->proto || m->proto == p->proto) && dev_in(m->iif, p->iif) &&
           dev_in(m->oif, p->oif) && addr_in(&m->src, p->src) && addr_in(&m->dst, p->dst) &&
           port_in(&m->src, p, p->sport) && port_in(&m->dst, p, p->dport);
}

struct service *match_find(const struct match_list *list, const struct match_packet *packet)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (takes(&list->row[i].match, packet))
            return list->row[i].service;
    return NULL;
}

uint32_t match_place(const struct match_list *list, const struct core_match *match)
{
    uint32_t i = 0;

    while (list && i < list->n && memcmp(&list->row[i].match, match, sizeof *match))
        i++;
    return i;
}

static bool range_is_sound(const struct core_range *r)
{
    return (!memcmp(r->last, no_addr, 16) || memcmp(r->first, r->last, 16) <= 0) &&
           (!r->last_port || r->first_port <= r->last_port);
}

bool match_is_sound(const struct core_match *m, uint32_t n_devices)
{
    const bool known_af = m->af == 4 || m->af == 6;
    const bool known_proto = !m->proto || m->proto == PROTO_TCP || m->proto == PROTO_UDP ||
                             m->proto == PROTO_SCTP || m->proto == icmp_proto(m->af);

    return known_af && known_proto && (m->iif == CORE_ANY_DEV || m->iif < n_devices) &&
           (m->oif == CORE_ANY_DEV || m->oif < n_devices) && range_is_sound(&m->src) &&
           range_is_sound(&m->dst);
}
