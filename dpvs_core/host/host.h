/* host.h - the host thread: ARP, waiting packets, and the Linux side of the exception path.
 *
 * One step takes what workers put on its rings, ARP and kernel deliveries, reads the kernel
 * ports, and runs the neighbours' timers. It sends through the workers' rings only: it never
 * touches a port's queue. It is the only writer of core->nexthops.
 */
#ifndef DPVS_HOST_HOST_H
#define DPVS_HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

struct core;
struct host;

struct host *host_create(struct core *core);
void host_destroy(struct core *core);
/* One turn; returns the number of packets handled (0: may sleep). */
unsigned host_step(struct core *core, uint64_t now_us);
/* Its counters, [N_VERDICTS]. */
const uint64_t *host_verdicts(const struct core *core);
const uint64_t *host_ip6_counts(const struct core *core); /* [N_IP6_COUNTERS] */
/* Master: look at the links, and tell the host thread which came up since the last call. */
void host_watch_links(struct core *core);
/* Microseconds until a timer of the host thread is due, at most max_us. */
uint64_t host_wait_us(const struct core *core, uint64_t now_us, uint64_t max_us);

#endif
