/* neigh.c - the neighbours' states and timers (RFC 826, 4861 7.3; states as DPVS's, F-207).
 *
 *   (new) --packet--> SEND --answer--> REACHABLE --timeout--> PROBE --used--> DELAY --answer-->
 *   REACHABLE; SEND and DELAY without an answer after three requests --> NONE --2 s--> (gone);
 *   PROBE unused for 30 s --> (gone).
 *
 * REACHABLE, PROBE and DELAY forward. A next hop in use is thus verified before it is given up, by
 * unicast and at last by broadcast or multicast; DPVS forgets a neighbour when it ages. What is
 * only heard (gratuitous ARP) changes an entry at once and is verified when used; an IPv6 neighbour
 * says itself whether it overrides. PROBE is STALE of RFC 4861. O(1) a packet and a timer.
 */
#include "host/neigh.h"

#include "host/entry.h"
#include "host/protocol.h"
#include "host/waiting.h"

enum {
    N_PROBES = 3, N_UNICAST_PROBES = 2,
    MAX_UNRESOLVED = 4096, MAX_WAITING = 4096,
};
static const uint64_t PROBE_INTERVAL_US = 1000000, PROBE_STATE_US = 30000000, NONE_US = 2000000;

int neigh_create(struct host *host)
{
    const struct core *core = host->core;
    struct neigh_table *t = &host->neighs;
    const uint32_t n = core->nexthops.n, n_mbufs = core->conf.n_mbufs;

    /* A scan of a wide prefix must neither fill the table nor hold the packet pool. */
    t->max_unresolved = RTE_MIN(RTE_MAX(n / 4, 1u), (uint32_t)MAX_UNRESOLVED);
    t->max_learnt = RTE_MAX(n - n / 4, 1u);
    t->max_waiting = n_mbufs ? RTE_MIN(RTE_MAX(n_mbufs / 8, 1u), (uint32_t)MAX_WAITING)
                             : MAX_WAITING;
    t->neigh = core->env.ops->zalloc((n + 1) * sizeof(*t->neigh));
    return t->neigh ? wheel_create(&t->wheel, &host->core->env, n) : -1;
}

void neigh_destroy(struct host *host)
{
    struct neigh_table *t = &host->neighs;

    for (uint32_t id = 1; t->neigh && id <= host->core->nexthops.n; id++)
        waiting_free(host, (uint16_t)id);
    host->core->env.ops->free(t->neigh);
    wheel_destroy(&t->wheel, &host->core->env);
}

/* --- states --------------------------------------------------------------------------------- */

static bool counts_unresolved(uint8_t state)
{
    return state == CORE_NEIGH_NONE || state == CORE_NEIGH_SEND;
}

static void set_state(struct host *host, uint16_t id, enum core_neigh_state state,
                      uint64_t after_us)
{
    struct neigh *ne = &host->neighs.neigh[id];

    host->neighs.n_unresolved += counts_unresolved(state) - counts_unresolved(ne->state);
    ne->state = state;
    wheel_arm(&host->neighs.wheel, id, host->now_us + after_us);
}

static uint16_t create(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16])
{
    const uint16_t id = entry_new(host, dev, af, addr);

    if (id)
        host->neighs.n_unresolved++; /* state NONE */
    return id;
}

static void forget(struct host *host, uint16_t id)
{
    struct neigh_table *t = &host->neighs;

    waiting_drop(host, id);
    wheel_disarm(&t->wheel, id);
    t->n_unresolved -= counts_unresolved(t->neigh[id].state);
    entry_free(host, id);
}

static bool take_used_mark(struct host *host, uint16_t id)
{
    return __atomic_exchange_n(&host->core->nexthops.used[id], 0, __ATOMIC_RELAXED);
}

static bool send_request(struct host *host, uint16_t id)
{
    const struct nexthop *nh = &host->core->nexthops.entry[id];
    struct neigh *ne = &host->neighs.neigh[id];
    const bool unicast = ne->state == CORE_NEIGH_DELAY && ne->n_probes < N_UNICAST_PROBES;

    ne->n_probes++;
    return protocol_of(nh->af)->request(host, nh->dev, nh->addr, unicast ? ne->mac : NULL);
}

static void become_none(struct host *host, uint16_t id)
{
    struct neigh_table *t = &host->neighs;

    waiting_drop(host, id);
    t->neigh[id].has_mac = 0;
    entry_set_unresolved(host, id);
    set_state(host, id, CORE_NEIGH_NONE, NONE_US);
    if (t->n_unresolved > t->max_unresolved / 2)
        forget(host, id);       /* room for others */
}

static void become_reachable(struct host *host, uint16_t id)
{
    take_used_mark(host, id);
    set_state(host, id, CORE_NEIGH_REACHABLE, host->settings->neigh_timeout_s * 1000000ull);
}

static void become_probe(struct host *host, uint16_t id, uint64_t check_us)
{
    host->neighs.neigh[id].probe_end_us = host->now_us + PROBE_STATE_US;
    set_state(host, id, CORE_NEIGH_PROBE, check_us);
}

/* --- timers --------------------------------------------------------------------------------- */

static void on_none(struct host *host, uint16_t id)
{
    forget(host, id);
}

static void on_asking(struct host *host, uint16_t id)
{
    const struct neigh *ne = &host->neighs.neigh[id];

    if (ne->n_probes >= N_PROBES || !send_request(host, id))
        become_none(host, id);
    else
        wheel_arm(&host->neighs.wheel, id, host->now_us + PROBE_INTERVAL_US);
}

static void on_probe(struct host *host, uint16_t id)
{
    struct neigh *ne = &host->neighs.neigh[id];

    if (take_used_mark(host, id)) {
        ne->n_probes = 0;
        set_state(host, id, CORE_NEIGH_DELAY, 0);
        on_asking(host, id);
    } else if (host->now_us >= ne->probe_end_us) {
        forget(host, id);
    } else {
        wheel_arm(&host->neighs.wheel, id, host->now_us + PROBE_INTERVAL_US);
    }
}

static void on_reachable(struct host *host, uint16_t id)
{
    become_probe(host, id, PROBE_INTERVAL_US);
    on_probe(host, id);
}

static void (*const on_timer[])(struct host *, uint16_t) = {
    [CORE_NEIGH_NONE] = on_none,
    [CORE_NEIGH_SEND] = on_asking,
    [CORE_NEIGH_REACHABLE] = on_reachable,
    [CORE_NEIGH_PROBE] = on_probe,
    [CORE_NEIGH_DELAY] = on_asking,
};

unsigned neigh_timers(struct host *host)
{
    unsigned n = 0;

    for (uint16_t id; n < BURST && (id = wheel_pop(&host->neighs.wheel, host->now_us)); n++)
        on_timer[host->neighs.neigh[id].state](host, id);
    return n;
}

/* --- what happens to a neighbour ------------------------------------------------------------ */

static void set_mac(struct host *host, uint16_t id, const uint8_t mac[MAC_BYTES])
{
    struct neigh *ne = &host->neighs.neigh[id];

    ne->has_mac = 1;
    memcpy(ne->mac, mac, MAC_BYTES);
    entry_set_usable(host, id, mac);
}

bool neigh_learn(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16],
                 const uint8_t mac[MAC_BYTES], enum neigh_source source)
{
    struct neigh_table *t = &host->neighs;
    uint16_t id = entry_find(host, dev, af, addr);
    struct neigh *ne;
    bool is_new_mac;

    if (!id && source != LEARN_HEARD && t->n_entries < t->max_learnt)
        id = create(host, dev, af, addr);
    if (!id || t->neigh[id].is_static)
        return false;
    ne = &t->neigh[id];
    is_new_mac = !ne->has_mac || memcmp(ne->mac, mac, MAC_BYTES);
    if (is_new_mac)
        set_mac(host, id, mac);
    if (source == LEARN_REPLY)
        become_reachable(host, id);
    else if (is_new_mac)
        become_probe(host, id, PROBE_INTERVAL_US);
    waiting_send(host, id);
    return true;
}

/* RFC 4861 7.2.5. */
bool neigh_advertised(struct host *host, uint16_t dev, const uint8_t addr[16],
                      const uint8_t *mac, bool is_solicited, bool overrides)
{
    const uint16_t id = entry_find(host, dev, 6, addr);
    struct neigh *ne = &host->neighs.neigh[id];
    bool is_new_mac;

    if (!id || ne->is_static || (!mac && !ne->has_mac))
        return false;
    is_new_mac = mac && (!ne->has_mac || memcmp(ne->mac, mac, MAC_BYTES));
    if (is_new_mac && ne->has_mac && !overrides) {
        if (ne->state == CORE_NEIGH_REACHABLE)
            become_probe(host, id, PROBE_INTERVAL_US);
        return false;
    }
    if (is_new_mac)
        set_mac(host, id, mac);
    if (is_solicited)
        become_reachable(host, id);
    else if (is_new_mac)
        become_probe(host, id, PROBE_INTERVAL_US);
    waiting_send(host, id);
    return true;
}

/* The entry a packet may wait for, asking already or from now on; or why not. */
static enum verdict start_asking(struct host *host, const struct pkt_meta *meta, uint16_t *id)
{
    struct neigh_table *t = &host->neighs;

    if (!*id) {
        if (t->n_unresolved >= t->max_unresolved)
            return V_DROP_UNRES_FULL;
        *id = create(host, meta->dev, meta->af, meta->next_hop);
        if (!*id)
            return V_DROP_UNRES_FULL;
    }
    if (t->neigh[*id].state != CORE_NEIGH_NONE)
        return V_CONTINUE;
    t->neigh[*id].n_probes = 0;
    set_state(host, *id, CORE_NEIGH_SEND, PROBE_INTERVAL_US);
    if (send_request(host, *id))
        return V_CONTINUE;
    forget(host, *id);          /* nothing to ask with: no address of ours is there */
    return V_DROP_UNRESOLVED;
}

void neigh_resolve(struct host *host, struct rte_mbuf *m)
{
    const struct pkt_meta *meta = pkt_meta(m);
    uint16_t id = entry_find(host, meta->dev, meta->af, meta->next_hop);
    enum verdict v;

    if (id && host->core->nexthops.entry[id].state == NH_USABLE) {
        waiting_pass(host, id, m); /* answered while the packet was on its way here */
        return;
    }
    if (!waiting_has_room(host, id)) {
        host_drop(host, m, V_DROP_UNRES_FULL);
        return;
    }
    v = start_asking(host, meta, &id);
    if (v == V_CONTINUE)
        waiting_put(host, id, m);
    else
        host_drop(host, m, v);
}

/* --- the operator's entries ------------------------------------------------------------------ */

bool neigh_add_static(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16],
                      const uint8_t mac[MAC_BYTES])
{
    uint16_t id = entry_find(host, dev, af, addr);

    if (!id)
        id = create(host, dev, af, addr);
    if (!id)
        return false;
    host->neighs.neigh[id].is_static = 1;
    set_mac(host, id, mac);
    set_state(host, id, CORE_NEIGH_REACHABLE, 0);
    wheel_disarm(&host->neighs.wheel, id); /* never ages */
    waiting_send(host, id);
    return true;
}

void neigh_del(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16])
{
    const uint16_t id = entry_find(host, dev, af, addr);

    if (id)
        forget(host, id);
}

void neigh_device_changed(struct host *host, uint16_t dev)
{
    const struct nexthops *t = &host->core->nexthops;

    for (uint32_t id = 1; id <= host->neighs.n_fresh; id++)
        if (t->entry[id].dev == dev && t->entry[id].state == NH_USABLE)
            entry_set_usable(host, (uint16_t)id, host->neighs.neigh[id].mac);
        else if (t->entry[id].dev == dev && t->entry[id].state == NH_UNRESOLVED)
            entry_set_unresolved(host, (uint16_t)id);
}

void neigh_link_up(struct host *host, uint16_t dev)
{
    const struct neigh_table *t = &host->neighs;

    for (uint32_t id = 1; id <= t->n_fresh; id++)
        if (host->core->nexthops.entry[id].dev == dev && !t->neigh[id].is_static &&
            host->core->nexthops.entry[id].state == NH_USABLE &&
            t->neigh[id].state == CORE_NEIGH_REACHABLE)
            become_probe(host, (uint16_t)id, PROBE_INTERVAL_US);
}
