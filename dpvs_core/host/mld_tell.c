/* mld_tell.c - reports about a device's groups, in as few packets as there is room for. */
#include "host/mld_tell.h"

#include "net/fib.h"

enum mld_version mld_version_on(const struct host *host, uint16_t dev)
{
    return host->now_us < host->mld.link[dev].v1_until_us ? MLD_V1 : MLD_V2;
}

bool mld_change_of(struct mld_group *g, enum mld_record *kind)
{
    *kind = g->is_joined ? MLD_TO_EXCLUDE : MLD_TO_INCLUDE;
    return g->n_changes && !g->is_told;
}

bool mld_answer_of(struct mld_group *g, enum mld_record *kind)
{
    *kind = MLD_IS_EXCLUDE;
    return g->is_asked;
}

/* A link-local address that is verified, or the unspecified one (RFC 3810 5.2.13). */
static const uint8_t *source_on(const struct host *host, uint16_t dev)
{
    static const uint8_t unspecified[16], any_link_local[16] = { 0xfe, 0x80 };
    const struct fib_addr *a = fib_source(host->fib, 6, dev, any_link_local);

    return a && fib_is_link_local(6, a->addr) ? a->addr : unspecified;
}

/* Without a packet it is as if lost on the wire: counted. */
static struct rte_mbuf *new_packet(struct host *host)
{
    struct rte_mbuf *m = host->core->env.ops->pkt_alloc(&host->core->env);

    if (!m)
        host_count(host, V_DROP_NO_MBUF);
    return m;
}

static void mark_told(struct mld_group *g, enum mld_record kind)
{
    if (kind == MLD_IS_EXCLUDE)
        g->is_asked = 0;
    else
        g->is_told = 1;
}

/* One packet with what there is to tell from group *id on; false: nothing is left, or no packet. */
static bool send_v2(struct host *host, uint16_t dev, mld_tell_fn *tell, uint16_t *id)
{
    struct mld_table *t = &host->mld;
    struct mld_report report = { .m = NULL };
    enum mld_record kind;

    for (; *id <= t->n_fresh; ++*id) {
        struct mld_group *g = &t->group[*id];

        if (!g->is_used || g->dev != dev || !tell(g, &kind))
            continue;
        if (!report.m) {
            struct rte_mbuf *m = new_packet(host);

            if (!m)
                return false;
            mld_report_begin(&report, m, host->core->device[dev].mtu);
        }
        mld_report_add(&report, kind, g->addr);
        mark_told(g, kind);
        if (report.n_records == report.max_records)
            break;
    }
    if (!report.m)
        return false;
    mld_report_end(&report, host->core->device[dev].mac, source_on(host, dev));
    host_send_ip6(host, report.m, dev);
    return true;
}

static bool send_v1(struct host *host, uint16_t dev, mld_tell_fn *tell, uint16_t *id)
{
    struct mld_table *t = &host->mld;
    enum mld_record kind;
    struct rte_mbuf *m;

    for (; *id <= t->n_fresh; ++*id)
        if (t->group[*id].is_used && t->group[*id].dev == dev && tell(&t->group[*id], &kind))
            break;
    m = *id <= t->n_fresh ? new_packet(host) : NULL;
    if (!m)
        return false;
    mark_told(&t->group[*id], kind);
    mld_write_v1(m, kind, t->group[*id].addr, host->core->device[dev].mac, source_on(host, dev));
    host_send_ip6(host, m, dev);
    return true;
}

bool mld_tell(struct host *host, uint16_t dev, mld_tell_fn *tell)
{
    const bool v1 = mld_version_on(host, dev) == MLD_V1;
    uint16_t id = 1;

    for (unsigned n = 0; n < BURST; n++)
        if (!(v1 ? send_v1 : send_v2)(host, dev, tell, &id))
            return true;
    return false;
}
