/* conflict.h - other stations that use an address of ours (RFC 5227 2.4), for the master to report.
 *
 * A fixed number of rows, one an (address, device), written by the host thread and read beside it
 * by the master under each row's sequence word. A claim costs a few rows looked at, whatever
 * arrives; where more addresses are disputed than there are rows, those heard last stay.
 */
#ifndef DPVS_HOST_CONFLICT_H
#define DPVS_HOST_CONFLICT_H

#include <stdint.h>

#include <rte_common.h>

enum { CONFLICT_ROWS = 256, CONFLICT_PROBES = 8 };

struct conflict {
    uint32_t seq;               /* odd while the host thread writes; 0: never used */
    uint32_t n_seen;
    uint64_t last_us;
    uint16_t dev;
    uint8_t af;
    uint8_t mac[6];             /* of the station heard last */
    uint8_t addr[16];
} __rte_cache_aligned;
_Static_assert(sizeof(struct conflict) == RTE_CACHE_LINE_SIZE, "a row is one line");

struct conflicts {
    struct conflict row[CONFLICT_ROWS];
    /* of the master alone: how far it has told */
    uint32_t told_seq[CONFLICT_ROWS];
    uint32_t next;              /* the row its next call begins with */
};

/* Host thread: the station `mac` on `dev` uses our address. */
void conflict_note(struct conflicts *t, uint16_t dev, uint8_t af, const uint8_t addr[16],
                   const uint8_t mac[6], uint64_t now_us);

#endif
