/* oracle_inside.h - what the parts of the oracle share. */
#ifndef SOAK_ORACLE_INSIDE_H
#define SOAK_ORACLE_INSIDE_H

#include "oracle.h"

enum { FIRST_LOCAL_PORT = 1025 };

enum presence { GONE, MAYBE, THERE };

struct oracle {
    const struct scene *scene;
    struct flow_table flows;
    struct totals totals;
    uint32_t now_ms;
    uint8_t (*corner_seen)[65536][(N_SERVERS + 7) / 8]; /* [laddr][lport], a bit for each server */
};

/* oracle.c */
/* The flow of a packet by its client's or its server's corner; NULL: none. */
struct flow *flow_of(const struct oracle *o, const struct packet *p);
/* A SYN of the client that ends this one and begins another. */
bool begins_again(const struct flow *f, const struct view *in);

/* oracle_time.c */
uint8_t proto_of_flow(const struct oracle *o, const struct flow *f);
/* Established, with the server's numbers known: its expiry is told to both ends. */
bool ends_with_resets(const struct oracle *o, const struct flow *f);
/* Since when its time is over; below 0: it is not. */
int32_t overdue_ms(const struct oracle *o, const struct flow *f);
enum presence presence_of(const struct oracle *o, const struct flow *f);
void forget(struct oracle *o, struct flow *f);

/* oracle_resets.c */
/* Takes the resets of expired connections out of the batch's list: what is left are answers. */
void judge_expiries(struct oracle *o, struct batch *b);
/* No connection: a segment is answered unless it is a reset itself, a datagram is dropped. */
void expect_refusal(struct oracle *o, struct batch *b, struct packet *p);
void expect_nothing(const struct packet *p, const char *why);

/* oracle_forward.c */
void expect_forwarded(struct oracle *o, struct packet *p, struct flow *f, unsigned side);
/* The first packet of a connection: learn its corner. */
void expect_begun(struct oracle *o, struct packet *p, unsigned service);
/* It arrived where `port`'s group is not at home: handed over, once. */
void count_redirect(struct oracle *o, const struct packet *p, uint16_t port);

#endif
