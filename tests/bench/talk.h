/* talk.h - conversations step by step, before anything is timed: every flow through a script.
 *
 * One thread: generator's hands and workers' turns alternate, bursts of 32, the flows one after
 * the other with as many at a time as there are packets. What comes out is matched by its tag.
 */
#ifndef DPVS_BENCH_TALK_H
#define DPVS_BENCH_TALK_H

#include "feed.h"
#include "flows.h"

/* Scripts: UDP there, and there and back; TCP until the client has acknowledged data (option 254 is not due
 * any more); TCP from the first packet to the last. */
enum { TALK_ONE_WAY_STEPS = 1, TALK_UDP_STEPS = 2, TALK_TCP_STEPS = 6, TALK_TCP_PAYLOAD = 6, TALK_CLOSE_STEPS = 8 };
extern const struct step talk_one_way[TALK_ONE_WAY_STEPS];
extern const struct step talk_udp[TALK_UDP_STEPS];
extern const struct step talk_tcp[TALK_TCP_STEPS];
extern const struct step talk_close[TALK_CLOSE_STEPS];
/* The step of talk_close at which talk_tcp's connections stand. */
enum { TALK_CLOSE_FROM = 5 };

/* All flows through the script, from feeds[0..n_workers - 1]. 0, or -1 and why on stderr. */
int talk_all(struct bench *b, struct flows *f, struct feed *const *feeds, const struct step *steps,
             unsigned n_steps);

#endif
