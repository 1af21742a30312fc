/* fnat.h - scenarios of established connections: FNAT, NAT, SNAT, FNAT between families, DR, tunnel. */
#ifndef DPVS_BENCH_FNAT_H
#define DPVS_BENCH_FNAT_H

#include "scenario.h"

int fnat_run(struct bench *b, struct report *r);
int fnat_tcp_run(struct bench *b, struct report *r);
int fnat6_run(struct bench *b, struct report *r);
int masq_run(struct bench *b, struct report *r);
int masq_tcp_run(struct bench *b, struct report *r);
int snat_run(struct bench *b, struct report *r);
int nat64_run(struct bench *b, struct report *r);
int dr_run(struct bench *b, struct report *r);
int tunnel_run(struct bench *b, struct report *r);
int redirect_run(struct bench *b, struct report *r);

#endif
