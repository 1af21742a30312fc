/* steer_rules.c - flow rules of local addresses.
 *
 * A connection's local port has its flow group in the low six bits, and with groups dealt out in
 * turn to a power of two of workers the low bits of those are the worker: so one rule for each
 * worker and protocol says where a server's answer goes. A port that refuses one of them has none
 * of that address. Owned by the master; memory from the core's environment.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkt/headers.h"
#include "port/nic.h"
#include "port/steer.h"

static const uint8_t protocols[] = { PROTO_TCP, PROTO_UDP };

struct steer_rules {
    uint32_t n;
    void *rule[RTE_DIM(protocols) * CORE_MAX_WORKERS];
};

static bool groups_are_dealt_in_turn(const struct core *core)
{
    for (unsigned g = 0; g < CORE_GROUPS; g++)
        if ((*core->group_worker)[g] != g % core->conf.n_workers)
            return false;
    return true;
}

static struct nic_rule rule_of(const struct core *core, uint8_t af, const uint8_t *addr,
                               uint8_t proto, uint32_t w, uint16_t queue)
{
    struct nic_rule rule = {
        .af = af, .proto = proto, .port = (uint16_t)w, .queue = queue,
        .port_mask = (uint16_t)(core->conf.n_workers - 1),
    };

    memcpy(rule.addr, addr, sizeof rule.addr);
    return rule;
}

/* Some drivers find a rule valid and refuse to make it: so one is made and taken away. */
static int try_rule(const struct device *d, const struct nic_rule *rule, char *why)
{
    const int error = nic_of(d)->rule_check(d, rule, why);
    void *made = error ? NULL : nic_of(d)->rule_add(d, rule, why);

    if (!made)
        return error ? error : -ENOTSUP;
    nic_of(d)->rule_del(d, made);
    return 0;
}

int steer_rules_try(struct core *core, struct device *d, const uint16_t *queue_of, char *why)
{
    static const uint8_t some_addr[16] = { 192, 0, 2, 1 }; /* RFC 5737 */
    const uint32_t n = core->conf.n_workers;

    if (n & (n - 1) || !groups_are_dealt_in_turn(core)) {
        snprintf(why, CORE_ERR_BYTES, "masks need a power of two of workers with groups in turn");
        return -ENOTSUP;
    }
    for (unsigned i = 0; i < RTE_DIM(protocols); i++) {
        const struct nic_rule rule = rule_of(core, 4, some_addr, protocols[i], n - 1,
                                             queue_of[n - 1]);
        const int error = try_rule(d, &rule, why);

        if (error)
            return error;
    }
    d->rules = core->env.ops->zalloc((core->conf.max_laddrs + 1) * sizeof(struct steer_rules *));
    if (d->rules)
        return 0;
    snprintf(why, CORE_ERR_BYTES, "no memory");
    return -ENOMEM;
}

static void destroy(struct core *core, struct device *d, struct steer_rules *rules)
{
    while (rules->n)
        nic_of(d)->rule_del(d, rules->rule[--rules->n]);
    core->env.ops->free(rules);
}

static void add(struct core *core, struct device *d, uint32_t laddr_id, uint8_t af,
                const uint8_t *addr)
{
    struct steer_rules *rules = core->env.ops->zalloc(sizeof(*rules));
    bool whole = rules != NULL;

    for (unsigned i = 0; whole && i < RTE_DIM(protocols); i++)
        for (uint32_t w = 0; whole && w < core->conf.n_workers; w++) {
            const struct nic_rule rule = rule_of(core, af, addr, protocols[i], w,
                                                 (uint16_t)d->rxq[w]);
            void *made = nic_of(d)->rule_add(d, &rule, d->steering.why);

            whole = made != NULL;
            if (whole)
                rules->rule[rules->n++] = made;
        }
    if (whole) {
        d->rules[laddr_id] = rules;
        d->steering.n_addrs++;
        return;
    }
    if (rules)
        destroy(core, d, rules);
    else
        snprintf(d->steering.why, sizeof d->steering.why, "no memory");
    d->steering.n_refused++;
}

void steer_laddr_add(struct core *core, uint32_t laddr_id, uint8_t af, const uint8_t *addr)
{
    for (uint32_t dev = 0; dev < core->n_devices; dev++)
        if (core->device[dev].rules)
            add(core, &core->device[dev], laddr_id, af, addr);
}

void steer_laddr_del(struct core *core, uint32_t laddr_id)
{
    for (uint32_t dev = 0; dev < core->n_devices; dev++) {
        struct device *d = &core->device[dev];

        if (!d->rules)
            continue;
        if (!d->rules[laddr_id]) {
            d->steering.n_refused--;
            continue;
        }
        destroy(core, d, d->rules[laddr_id]);
        d->rules[laddr_id] = NULL;
        d->steering.n_addrs--;
    }
}

void steer_rules_drop(struct core *core, struct device *d)
{
    for (uint32_t id = 0; d->rules && id < core->conf.max_laddrs; id++)
        if (d->rules[id])
            destroy(core, d, d->rules[id]);
    core->env.ops->free(d->rules);
    d->rules = NULL;
}
