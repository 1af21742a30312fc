/* everything.h - precompiled: exact.h and the DPDK headers that all sources take. */
#include "exact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_rcu_qsbr.h>
#include <rte_ring.h>
