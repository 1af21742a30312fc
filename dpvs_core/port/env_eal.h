/* env_eal.h - memory and packets from EAL: hugepages, or EAL's own heap with --no-huge. */
#ifndef DPVS_PORT_ENV_EAL_H
#define DPVS_PORT_ENV_EAL_H

#include <stdint.h>

#include "base/env.h"

/* Make the packet pool: n_mbufs packets of 2 KB with room for pkt_meta, `cache` a thread. Sets
 * env->ops and env->pool. 0 or -errno. It lives as long as EAL: ports hold its packets. */
int env_eal_init(struct env *env, uint32_t n_mbufs, uint32_t cache);

#endif
