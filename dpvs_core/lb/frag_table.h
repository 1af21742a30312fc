/* frag_table.h - what a worker knows of packets that arrive in fragments (RFC 791 3.2, 8200 4.5).
 *
 * Nothing is put together: the first fragment of a packet tells the ports, and the others, which
 * have none, go the same way. A fragment that comes before its first one waits in a room, a few at
 * once and not for long; all others pass at once. SCTP's wait for the last one too.
 *
 * Entries: one line each, in sets by hash, of eight where dpvs.conf says nothing; where a set is
 * full the oldest entry goes that has no room. So a flood of first fragments makes others' entries
 * short-lived, but one follows the other within microseconds; a flood of later ones takes all
 * rooms, and who comes in order needs none. All memory (64 B an entry, and 40 kB) is taken at
 * creation, waiting packets excepted; every operation is O(1), or O(entries of a set). Known by one
 * worker alone, the keeper (worker/fragment.c).
 */
#ifndef DPVS_LB_FRAG_TABLE_H
#define DPVS_LB_FRAG_TABLE_H

#include <stdbool.h>

#include "base/env.h"
#include "pkt/pkt.h"

enum {
    FRAG_SETS = 512, FRAG_SET_ENTRIES = 8, /* unless dpvs.conf says otherwise */
    FRAG_ROOMS = 128,           /* packets whose first fragment is awaited */
    FRAG_ROOM_PKTS = 64,        /* of one packet: the largest, in pieces of 1500 bytes, is 45 */
    FRAG_MAX_WAITING = 512,     /* of all packets */
    FRAG_NO_ROOM = 0xffff,
};

struct frag {
    union key key;              /* addresses and protocol; the identification instead of ports */
    uint32_t since_ms;          /* first heard of; all known: since then */
    uint32_t turn;              /* the same, among all: a millisecond sees many */
    uint32_t new_id;            /* instead of the sender's, where addresses are replaced */
    uint16_t sport_be, dport_be; /* has_first: its ports */
    uint16_t room;
    uint8_t af;                 /* 0: free */
    bool has_first;
    uint16_t n_bytes;           /* of all fragments together; 0: the last one has not come */
} __rte_cache_aligned;
static_assert(sizeof(struct frag) == RTE_CACHE_LINE_SIZE, "an entry is one line");

/* Waiting packets, in order of arrival; rooms in use are a list by age. */
struct frag_room {
    struct rte_mbuf *head, *tail;
    uint32_t entry;
    uint16_t n;
    uint16_t older, newer;      /* free: newer is the next free one */
};

struct frag_table {
    struct frag *entry;
    uint32_t n_sets, set_entries;
    struct frag_room room[FRAG_ROOMS];
    uint16_t oldest, newest, free_room;
    uint32_t n_waiting;
    uint32_t next_turn;
    struct rte_mbuf *ready, *ready_tail;
    uint32_t next_id;
};

/* 0: FRAG_SETS, FRAG_SET_ENTRIES. */
struct frag_table *frag_table_create(struct env *env, uint32_t n_sets, uint32_t set_entries);
void frag_table_destroy(struct env *env, struct frag_table *t);

/* `hash` is the key's. NULL: nothing known, or too old. */
struct frag *frag_find(struct frag_table *t, uint8_t af, const union key *key, uint32_t hash,
                       uint32_t now_ms, uint32_t timeout_ms);
/* A new entry; NULL: its set is full of packets that wait. */
struct frag *frag_make(struct frag_table *t, uint8_t af, const union key *key, uint32_t hash,
                       uint32_t now_ms);
/* Whether a packet that nothing is known of may wait. */
static inline bool frag_has_room(const struct frag_table *t)
{
    return t->free_room != FRAG_NO_ROOM && t->n_waiting < FRAG_MAX_WAITING;
}

/* Packet m waits for others, in front of those that do if it is the first fragment; false: no room
 * for it. */
bool frag_wait(struct frag_table *t, struct frag *f, struct rte_mbuf *m, bool is_first);
/* The first fragment came, with these ports. */
void frag_learn(struct frag_table *t, struct frag *f, uint16_t sport_be, uint16_t dport_be,
                uint32_t now_ms);
/* All is known: what waited is ready. */
void frag_release(struct frag_table *t, struct frag *f, uint32_t now_ms);
/* The next packet that need not wait any more, or NULL. */
struct rte_mbuf *frag_ready(struct frag_table *t);
/* The next packet that has waited for too long, or NULL. */
struct rte_mbuf *frag_expired(struct frag_table *t, uint32_t now_ms, uint32_t timeout_ms);

#endif
