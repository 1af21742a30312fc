/* layout.c - what one thread writes and another reads, and sizes of what stands in arrays. */
#include "layout.h"

#include <stddef.h>
#include <stdio.h>

#include "lb/conn_table.h"
#include "lb/lport.h"
#include "lb/service.h"
#include "worker/worker.h"

#define FIELD(type, name) { #type, #name, offsetof(struct type, name), \
                            sizeof(((struct type *)0)->name) }
#define ARRAY(type, name) { #type, #name, offsetof(struct type, name), 0 } /* of any length */
#define SIZE(type) { #type, NULL, 0, sizeof(struct type) }

static const struct {
    const char *type, *name;    /* no name: the whole */
    size_t offset, n_bytes;
} rows[] = {
    FIELD(core, host_sleeps),
    FIELD(core, running),
    FIELD(core, rcu),
    FIELD(core, lb),
    FIELD(core, peer),
    FIELD(core, dest_count),
    FIELD(core, retired),
    FIELD(core, n_retired),
    FIELD(rte_ring, prod),
    FIELD(rte_ring, cons),
    FIELD(rte_rcu_qsbr, token),
    ARRAY(rte_rcu_qsbr, qsbr_cnt),
    SIZE(rte_ring),
    SIZE(rte_rcu_qsbr_cnt),
    SIZE(dest_count),
    SIZE(service_live),
    SIZE(nexthop),
    SIZE(conn_side4),
    SIZE(conn_side6),
    SIZE(conn_unit),
    SIZE(lport_heads),
    SIZE(lport_bits),
    SIZE(lport_misses),
    SIZE(conn_bucket),
};

void layout_print(void)
{
    for (size_t i = 0; i < RTE_DIM(rows); i++)
        if (rows[i].name)
            printf("field %s %s %zu %zu\n", rows[i].type, rows[i].name, rows[i].offset,
                   rows[i].n_bytes);
        else
            printf("size %s %zu\n", rows[i].type, rows[i].n_bytes);
}
