/* traffic.h - the ends: clients and servers of a million flows, and strangers.
 *
 * A slot is one client's socket at a time; its tuple comes from a space four times as large, and is
 * often the one just closed. The ends know only what they would know: a server learns the client's
 * corner and numbers from what reached it. What the core forgot is news to them. A visit of a slot
 * is one packet, or a few in a row, from one end into one queue; a slot is visited once a batch.
 */
#ifndef SOAK_TRAFFIC_H
#define SOAK_TRAFFIC_H

#include "batch.h"
#include "scene.h"

struct traffic;

struct traffic *traffic_make(const struct scene *s);
void traffic_free(struct traffic *t);
/* Up to n packets of the ends' choice into an empty batch. */
void traffic_fill(struct traffic *t, struct batch *b, uint32_t n);
/* The batch was judged: the ends receive what was forwarded or answered. */
void traffic_receive(struct traffic *t, const struct batch *b);

#endif
