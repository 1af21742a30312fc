/* fwd.h - how a connection's packets reach the other side: one row a forwarding mode. */
#ifndef DPVS_LB_FWD_H
#define DPVS_LB_FWD_H

#include "dpvs_core.h"
#include "lb/conn.h"
#include "pkt/verdict.h"

struct dest;
struct service;
struct worker;

struct fwd_ops {
    const char *name;
    /* Fill both sides of a new connection; V_CONTINUE or why it cannot be. */
    enum verdict (*bind)(struct worker *w, const struct pkt *p, const struct service *s,
                         const struct dest *d, struct conn *c);
    /* Give back what bind took. */
    void (*unbind)(struct worker *w, struct conn *c);
    /* Rewrite and send a packet that arrived from the side. */
    enum verdict (*xmit[2])(struct worker *w, struct conn *c, struct pkt *p);
};

extern const struct fwd_ops fwd_fnat;
extern const struct fwd_ops *const fwd_table[CORE_N_FWDS];

#endif
