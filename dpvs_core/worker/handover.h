/* handover.h - packets that another thread goes on with: the host thread, or another worker. */
#ifndef DPVS_WORKER_HANDOVER_H
#define DPVS_WORKER_HANDOVER_H

#include "pkt/pkt.h"
#include "worker/worker.h"

/* meta is filled; `ok` if the ring took it, else the drop that says which ring was full. */
enum verdict handover_to_host(struct worker *w, struct rte_mbuf *m, enum host_class class,
                              enum verdict ok);
/* For Linux: by class, bulk policed. */
enum verdict handover_to_kernel(struct worker *w, struct pkt *p);
/* To the owner of its flow group, once. */
enum verdict handover_to_worker(struct worker *w, struct pkt *p, uint32_t to);
/* This worker has no transmit queue on the device: a worker that has sends it. */
void handover_to_sender(struct worker *w, uint16_t dev, struct rte_mbuf *m);

#endif
