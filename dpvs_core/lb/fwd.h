/* fwd.h - how a connection's packets reach the other side: one row a forwarding mode and pair of
 * families, so that a row's code knows both without asking. */
#ifndef DPVS_LB_FWD_H
#define DPVS_LB_FWD_H

#include <stdbool.h>

#include "dpvs_core.h"
#include "lb/conn.h"
#include "pkt/verdict.h"

struct dest;
struct service;
struct worker;

struct fwd_ops {
    const char *name;
    uint8_t mode;               /* enum core_fwd */
    uint8_t client_af, server_af;
    uint8_t proto;              /* whose connections it is for; 0: all without a row of their own */
    bool one_way;               /* answers go another way: the server's side is not looked up */
    /* Fill both sides of a new connection; V_CONTINUE or why it cannot be. */
    enum verdict (*bind)(struct worker *w, const struct pkt *p, const struct service *s,
                         const struct dest *d, struct conn *c);
    /* Give back what bind took. */
    void (*unbind)(struct worker *w, struct conn *c);
    /* Rewrite and send a packet that arrived from the side; one_way: from the client's alone. */
    enum verdict (*xmit[2])(struct worker *w, struct conn_side *in, struct pkt *p);
    /* The same for a fragment that is not the first, so has no transport header: fwd_later, or xmit
     * again where that touches nothing behind the IP header. */
    enum verdict (*later[2])(struct worker *w, struct conn_side *in, struct pkt *p);
};

enum { N_FWD_ROWS = 22, NO_FWD_ROW = -1 };

extern const struct fwd_ops fwd_fnat4, fwd_fnat6, fwd_fnat64, fwd_fnat46; /* client, server */
extern const struct fwd_ops fwd_nat4, fwd_nat6, fwd_snat4, fwd_snat6;
extern const struct fwd_ops fwd_dr4, fwd_dr6;
/* Inner family first. */
extern const struct fwd_ops fwd_tunnel44, fwd_tunnel46, fwd_tunnel64, fwd_tunnel66;
extern const struct fwd_ops fwd_sctp_fnat4, fwd_sctp_fnat6, fwd_sctp_fnat64, fwd_sctp_fnat46;
extern const struct fwd_ops fwd_sctp_nat4, fwd_sctp_nat6, fwd_sctp_snat4, fwd_sctp_snat6;
extern const struct fwd_ops *const fwd_table[N_FWD_ROWS]; /* conn_side.fwd */

/* What a packet that arrived from the side counts as when it went on: "in" comes from the world, where
 * with SNAT the server is. */
enum verdict fwd_verdict(const struct conn_side *in);
/* For modes within a family: addresses replaced as the side has them (fwd_later.c). */
enum verdict fwd_later(struct worker *w, struct conn_side *in, struct pkt *p);

/* The row for a mode between clients and servers of these families, or NO_FWD_ROW. */
int fwd_row(uint8_t mode, uint8_t client_af, uint8_t server_af);
/* The same for a protocol that may have a row of its own: SCTP. */
int fwd_row_of(uint8_t proto, uint8_t mode, uint8_t client_af, uint8_t server_af);
/* What may be inserted into packets that arrive from the side: their sender, told of an MTU, must
 * leave room for it. */
uint16_t fwd_option_bytes(const struct conn_side *from);

#endif
