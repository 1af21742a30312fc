/* ports.h - packet input and output in place of a plain core's lists.
 *
 * Those lists are shared by all workers and would be found. A packet handed to `ports_give` comes
 * back with `ports_sent`, so a flow keeps its buffers and nobody else has them; what the core
 * frees or makes itself is not used again.
 */
#ifndef DPVS_AUDIT_PORTS_H
#define DPVS_AUDIT_PORTS_H

#include <stdint.h>

#include "director.h"
#include "worker/core.h"

/* The core receives and sends, makes and frees packets here from now on. */
void ports_attach(struct core *core);
struct rte_mbuf *ports_packet(void);
void ports_give(uint32_t worker, uint32_t dev, struct rte_mbuf *m);
/* Whether the packet was sent since ports_forget_sent, by which worker and on which device. */
int ports_sent(const struct rte_mbuf *m, uint32_t *worker, uint32_t *dev);
void ports_forget_sent(void);

#endif
