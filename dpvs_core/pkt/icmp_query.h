/* icmp_query.h - ICMP messages that ask and answer under an id (RFC 792, 4443 4): one row a kind.
 *
 * In a tuple the asker's port is the id, the other's the type of the question: so question and
 * answer have tuples that are each other's reverse, as TCP's and UDP's are, and what is no query
 * (ports 0) never has such a one.
 */
#ifndef DPVS_PKT_ICMP_QUERY_H
#define DPVS_PKT_ICMP_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt/headers.h"

static const struct icmp_query {
    uint8_t af, asks, answers;
} icmp_queries[] = {
    { 4, ICMP_ECHO, ICMP_ECHO_REPLY },
    { 4, ICMP_TIMESTAMP, ICMP_TIMESTAMP_REPLY },
    { 6, ICMP6_ECHO, ICMP6_ECHO_REPLY },
};
enum { N_ICMP_QUERIES = sizeof icmp_queries / sizeof icmp_queries[0] };

/* Ports as in a tuple, of a message that begins at `icmp`; false: it is no query. */
static inline bool icmp_query_ports(uint8_t af, const struct icmp_hdr *icmp, uint16_t *sport_be,
                                    uint16_t *dport_be)
{
    for (unsigned i = 0; i < N_ICMP_QUERIES; i++) {
        const struct icmp_query *q = &icmp_queries[i];

        if (q->af != af || (icmp->type != q->asks && icmp->type != q->answers))
            continue;
        *sport_be = icmp->type == q->asks ? icmp->id_be : rte_cpu_to_be_16(q->asks);
        *dport_be = icmp->type == q->asks ? rte_cpu_to_be_16(q->asks) : icmp->id_be;
        return true;
    }
    return false;
}

#endif
