/* director.h - a plain core of N_WORKERS workers between clients (device 0) and servers (device 1).
 *
 * The shipped code and its steps; only packet input and output are this program's (ports.h).
 */
#ifndef DPVS_AUDIT_DIRECTOR_H
#define DPVS_AUDIT_DIRECTOR_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "base/addr.h"
#include "dpvs_core.h"

enum { N_WORKERS = 3, N_DIRECTOR_DEVICES = 2, HOST_ACTOR = N_WORKERS, VIP_PORT = 80 };
enum { DIRECTOR_TIMEOUT_S = 20 }; /* of a connection */

/* What an IPv6 address ends in too, after fd00::. */
#define CLIENT_ADDR 0x0a000001u
#define DIRECTOR_VIP 0xc0a80101u

struct director_conf {
    uint8_t af;
    enum core_sched sched;
    uint32_t upper_threshold;
    uint32_t lport_pools;
};

extern struct core *director;

/* Exits with a message where anything is not as it should be, as all of this program does. */
void director_make(const struct director_conf *conf);
void director_unmake(void);
/* The address of the director's family that ends in these four bytes. */
struct addr16 director_addr(uint32_t addr);
/* Turns of all workers and the host thread, recorded or not. */
void director_turns(unsigned n_turns, int recorded);
void director_pass_ms(uint32_t ms);
/* Next hops are not marked as used, as when the host thread has just looked. */
void director_forget_use(void);
void director_mark_verdicts(void);
/* What was counted since the mark, as text: verdict, name, count. */
void director_print_verdicts(void);
void fail(const char *why) __attribute__((noreturn));

#endif
