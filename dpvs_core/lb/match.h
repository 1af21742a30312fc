/* match.h - services by match (SNAT, F-021): which service takes a packet that is for no address
 * here.
 *
 * An immutable list swapped with the set of services: what was added last stands first and is asked
 * first. A lookup is O(n), for first packets only; a change copies the list. A packet must lie in
 * both ranges; a range with ports takes only what has ports, so no ICMP.
 */
#ifndef DPVS_LB_MATCH_H
#define DPVS_LB_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "dpvs_core.h"

struct service;

struct match_row {
    struct service *service;
    struct core_match match;
};

struct match_list {
    uint32_t n;
    uint32_t edit;              /* the serial of the edit that made it */
    uint32_t made_at;           /* its place in that edit's list */
    struct match_row row[];
};

/* A packet, as matches see it. */
struct match_packet {
    uint8_t src[16], dst[16];
    uint16_t sport, dport;      /* host order */
    uint16_t iif, oif;          /* received on; where its route leads */
    uint8_t af, proto;
    bool has_ports;
};

/* May it stand in a list? Families, protocols and ranges that make sense, devices that exist. */
bool match_is_sound(const struct core_match *match, uint32_t n_devices);
/* The first service whose match takes the packet, or NULL. */
struct service *match_find(const struct match_list *list, const struct match_packet *packet);
/* Where an equal match stands; list->n: nowhere. `list` may be NULL. */
uint32_t match_place(const struct match_list *list, const struct core_match *match);

#endif
