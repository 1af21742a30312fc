/* load.h - what the command line asks for, and the three programs it may ask for. */
#ifndef DPVS_BENCH_MEMIF_LOAD_H
#define DPVS_BENCH_MEMIF_LOAD_H

#include <stdint.h>

#include <rte_mempool.h>

struct load {
    uint32_t n_flows;
    uint32_t n_bytes;           /* of a frame, without the frame check sequence */
    uint32_t window;            /* packets on the way at most */
    double seconds;             /* of the measured part; 0: until SIGTERM */
    double rate_mpps;           /* 0: as fast as the window allows */
    uint32_t vip, own, first_client; /* host order */
    uint32_t first_server, last_server;
    uint16_t vip_port;
    uint64_t hz;
    struct rte_mempool *pool;
    const volatile int *stop;   /* set by SIGTERM */
};

/* Each returns the exit status. */
int generate(const struct load *load);
int answer(const struct load *load);
int forward(const struct load *load);

#endif
