/* judge.c - frames and counters against what must hold. */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

enum { ARP_TYPE = 0x0806, ND_TTL = 255, MLD_QUERY = 130, MLD_DONE = 132, MLD_REPORT2 = 143 };

void judge_fail(const char *why, const struct frame *f)
{
    fprintf(stderr, "FINDING: %s\n", why);
    for (uint32_t i = 0; f && i < f->n_bytes; i++)
        fprintf(stderr, "%02x%s", f->bytes[i], i % 32 == 31 ? "\n" : "");
    if (f)
        fprintf(stderr, "\n(%u bytes on device %u)\n", f->n_bytes, f->dev);
    abort();
}

static void must(bool holds, const char *why, const struct frame *f)
{
    if (!holds)
        judge_fail(why, f);
}

void judge_begin(struct judge *j, const struct scene *s)
{
    memset(j, 0, offsetof(struct judge, from_kernel));
    j->scene = s;
    j->all_right = j->fragments_right = true;
    j->ttl_seen[SCENE_TTL] = true; /* our own errors about what waited come back as a router's */
}

/* --- what arrives ---------------------------------------------------------------------------- */

void judge_arrives(struct judge *j, const struct frame *f, bool is_piece)
{
    uint8_t *l3 = (uint8_t *)(uintptr_t)f->bytes + WIRE_ETH;
    struct wire w;

    j->n_arrived++;
    if (!wire_is_ip(f->bytes, f->n_bytes))
        return;
    if (wire_wrong(l3, f->n_bytes - WIRE_ETH))
        j->all_right = false;
    if (!wire_read(l3, f->n_bytes - WIRE_ETH, &w))
        return;
    if (w.is_fragment && !is_piece)
        j->fragments_right = false;
    j->ttl_seen[*wire_ttl(&w)] = true;
}

void judge_from_kernel(struct judge *j, const struct frame *f)
{
    if (j->n_from_kernel < MAX_FROM_KERNEL)
        j->from_kernel[j->n_from_kernel++] = *f;
}

static bool is_from_kernel(const struct judge *j, const struct frame *f)
{
    for (uint32_t i = 0; i < j->n_from_kernel; i++)
        if (j->from_kernel[i].n_bytes == f->n_bytes &&
            !memcmp(j->from_kernel[i].bytes, f->bytes, f->n_bytes))
            return true;
    return false;
}

/* --- what leaves ----------------------------------------------------------------------------- */

/* Of multicast listeners: never further than the link (RFC 3810 5). */
static bool is_listeners(const struct wire *w)
{
    return w->proto == WIRE_ICMP6 && w->l4_bytes >= 8 && w->l4[0] >= MLD_QUERY &&
           (w->l4[0] <= MLD_DONE || w->l4[0] == MLD_REPORT2);
}

/* Made here, or one hop less than something that arrived. */
static bool is_right_ttl(const struct judge *j, const struct wire *w)
{
    const uint8_t options = j->scene->options, ttl = *wire_ttl(w);
    const bool one_less = ttl < 255 && j->ttl_seen[ttl + 1];

    if (ttl == SCENE_TTL || ttl == ND_TTL || (ttl == 1 && is_listeners(w)))
        return true;
    if ((options & (SCENE_XMIT_TTL | SCENE_FORWARDING)) && one_less)
        return true;
    return !(options & SCENE_XMIT_TTL) && j->ttl_seen[ttl];
}

static void leaves_ip(struct judge *j, struct frame *f)
{
    uint8_t *l3 = f->bytes + WIRE_ETH;
    const char *wrong = j->all_right ? wire_wrong(l3, f->n_bytes - WIRE_ETH) : NULL;
    struct wire w;

    must(wire_read(l3, f->n_bytes - WIRE_ETH, &w), "IP lengths of what leaves", f);
    must(w.l3_bytes <= j->scene->mtu[f->dev], "larger than the MTU", f);
    must(is_right_ttl(j, &w), "hop limit of what leaves", f);
    if (wrong)
        judge_fail(wrong, f);
    if (w.is_fragment && j->all_right && j->fragments_right)
        judge_fragment(j, f);
}

void judge_leaves(struct judge *j, struct frame *f)
{
    j->n_left++;
    if (is_from_kernel(j, f))
        return;
    must(f->n_bytes > WIRE_ETH, "less than an Ethernet header leaves", f);
    must(!memcmp(f->bytes + 6, scene_mac[f->dev], 6), "another Ethernet source than ours", f);
    if (wire_is_ip(f->bytes, f->n_bytes))
        leaves_ip(j, f);
    else
        must(wire_get16(f->bytes + 12) == ARP_TYPE && f->n_bytes >= WIRE_ETH + 28,
             "neither IP nor ARP leaves", f);
}

/* --- counters -------------------------------------------------------------------------------- */

void judge_counts(const struct judge *j)
{
    struct core *core = j->scene->core;
    uint64_t n_in = 0, n_out = 0, n_conns = 0, n_counted = 0;

    for (uint32_t w = 0; w < j->scene->n_workers; w++) {
        struct core_worker_stats stats;

        must(!core_worker_stats(core, w, &stats), "core_worker_stats", NULL);
        n_in += stats.ipackets;
        n_out += stats.opackets;
        n_conns += stats.conns;
    }
    must(n_in == j->n_arrived, "packets in are not those that arrived", NULL);
    must(n_out == j->n_left, "packets out are not those that left", NULL);
    for (uint32_t id = 0; id < SCENE_N_DESTS; id++) {
        struct core_dest_stats stats;

        must(!core_dest_stats(core, -1, id, &stats), "core_dest_stats", NULL);
        n_counted += stats.active + stats.inactive;
    }
    must(n_counted == n_conns, "active and inactive connections are not those in the table", NULL);
}

void judge_end(const struct judge *j)
{
    struct core *core = j->scene->core;

    for (uint32_t w = 0; w < j->scene->n_workers; w++) {
        struct core_worker_stats stats;

        core_worker_stats(core, w, &stats);
        must(!stats.conns, "a connection outlives its timeout", NULL);
    }
    for (uint32_t id = 0; id < SCENE_N_LADDRS; id++) {
        struct core_laddr_stats stats;

        must(!core_laddr_stats(core, id, &stats), "core_laddr_stats", NULL);
        must(!stats.used, "a local port is used by no connection", NULL);
    }
    must(!core_mbufs_in_use(core), "a packet is neither sent nor freed", NULL);
}
