/* judge.h - what must hold of every frame that leaves, and of the director when all is over.
 *
 * Lengths, MTU, our Ethernet address and the hop limit always. Checksums (also of a quoted packet,
 * and of a packet in fragments when all have left) if whatever arrived had right ones: a difference
 * keeps a wrong one wrong. What Linux sends leaves as it came and is not judged.
 */
#ifndef FUZZ_JUDGE_H
#define FUZZ_JUDGE_H

#include <stdbool.h>

#include "history.h"
#include "scene.h"

enum { MAX_FROM_KERNEL = 24, MAX_DATAGRAMS = 32, DATAGRAM_BYTES = 4096, MAX_PARTS = 40 };

/* A packet whose fragments left. */
struct datagram {
    uint8_t af, proto, dev;
    uint8_t addrs[32];
    uint32_t id, n_bytes, n_have; /* n_bytes 0: its last fragment has not come */
    bool overlaps;
    uint8_t have[DATAGRAM_BYTES / 8];
    uint8_t payload[DATAGRAM_BYTES];
};

struct judge {
    const struct scene *scene;
    bool all_right, fragments_right; /* whatever arrived so far */
    bool ttl_seen[256];
    uint32_t n_arrived, n_left, n_from_kernel, n_datagrams;
    struct frame from_kernel[MAX_FROM_KERNEL];
    struct datagram datagram[MAX_DATAGRAMS];
};

void judge_begin(struct judge *j, const struct scene *s);
/* `is_piece`: a fragment made of a right packet. */
void judge_arrives(struct judge *j, const struct frame *f, bool is_piece);
void judge_from_kernel(struct judge *j, const struct frame *f);
void judge_leaves(struct judge *j, struct frame *f);
/* Counters against what was seen; at the end, when everything ran out: that nothing is left. */
void judge_counts(const struct judge *j);
void judge_end(const struct judge *j);

/* Says why and ends the process, as a sanitizer does. */
void judge_fail(const char *why, const struct frame *f) __attribute__((noreturn));
/* A datagram whose fragments all left (datagram.c). */
void judge_fragment(struct judge *j, struct frame *f);

#endif
