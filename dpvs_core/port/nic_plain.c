/* nic_plain.c - a network card in a few lines: RSS with key and table, or flow rules.
 *
 * Before it is told otherwise it spreads like a card with a key of its own. The hash is DPDK's
 * rte_softrss: it shares nothing with base/toeplitz.c, which has to agree with it.
 */
#include "port/nic_plain.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_thash.h>

#include "base/toeplitz.h"
#include "port/nic.h"

enum {
    ENTRIES = 128, MAX_RULES = 1024,
    IP6_HDR = 40, FRAGMENT = 0x3fff, /* more fragments, or an offset */
    MAX_WORDS = TOEPLITZ_TUPLE6_BYTES / 4,
};

struct plain_nic {
    uint32_t key[TOEPLITZ_MAX_KEY_BYTES / 4];
    uint16_t table[ENTRIES];
    uint8_t kind;               /* enum core_plain_nic */
    uint16_t max_rules, n_rules;
    struct nic_rule rules[MAX_RULES]; /* af 0: a free place */
};

/* What the card reads of a frame. */
struct seen {
    struct nic_rule to;         /* af, proto, addr, port */
    uint32_t tuple[MAX_WORDS];  /* host order, as rte_softrss wants it */
    unsigned n_words;           /* 0: not IP */
};

struct plain_nic *plain_nic_create(uint8_t kind, uint16_t max_rules, uint16_t n_rxq)
{
    struct plain_nic *nic = env_plain.zalloc(sizeof(*nic));

    if (!nic)
        return NULL;
    nic->kind = kind;
    nic->max_rules = RTE_MIN(max_rules, (uint16_t)MAX_RULES);
    for (unsigned i = 0; i < RTE_DIM(nic->key); i++)
        nic->key[i] = 0x9e3779b9u * (i + 1);
    for (unsigned i = 0; i < ENTRIES; i++)
        nic->table[i] = (uint16_t)(i % n_rxq);
    return nic;
}

void plain_nic_destroy(struct plain_nic *nic)
{
    env_plain.free(nic);
}

/* --- what it is told ------------------------------------------------------------------------- */

static int plain_rss(const struct device *d, const uint8_t *key, const uint16_t *queue_of,
                     char *why)
{
    struct plain_nic *nic = d->plain_nic;

    if (nic->kind != CORE_NIC_RSS) {
        snprintf(why, CORE_ERR_BYTES, "the simulated card has no redirection table");
        return -ENOTSUP;
    }
    memcpy(nic->key, key, sizeof nic->key);
    for (unsigned i = 0; i < ENTRIES; i++)
        nic->table[i] = queue_of[i % CORE_GROUPS];
    return ENTRIES;
}

static int plain_rule_check(const struct device *d, const struct nic_rule *rule, char *why)
{
    (void)rule;
    if (d->plain_nic->kind == CORE_NIC_FLOW)
        return 0;
    snprintf(why, CORE_ERR_BYTES, "the simulated card takes none");
    return -ENOTSUP;
}

static void *plain_rule_add(const struct device *d, const struct nic_rule *rule, char *why)
{
    struct plain_nic *nic = d->plain_nic;
    unsigned i = 0;

    if (nic->n_rules == nic->max_rules) {
        snprintf(why, CORE_ERR_BYTES, "the simulated card is full");
        return NULL;
    }
    while (nic->rules[i].af)
        i++;
    nic->rules[i] = *rule;
    nic->n_rules++;
    return &nic->rules[i];
}

static void plain_rule_del(const struct device *d, void *rule)
{
    ((struct nic_rule *)rule)->af = 0;
    d->plain_nic->n_rules--;
}

const struct nic_ops nic_plain = {
    .rss = plain_rss, .rule_check = plain_rule_check, .rule_add = plain_rule_add,
    .rule_del = plain_rule_del,
};

/* --- what it does ----------------------------------------------------------------------------- */

/* Addresses and, of whole TCP and UDP packets, ports. */
static struct seen look(const uint8_t *frame, uint32_t n_bytes)
{
    const uint16_t type = n_bytes < RTE_ETHER_HDR_LEN ? 0 : (uint16_t)(frame[12] << 8 | frame[13]);
    const uint8_t *l3 = frame + RTE_ETHER_HDR_LEN;
    const bool is4 = type == RTE_ETHER_TYPE_IPV4;
    const uint32_t hdr = is4 && n_bytes > RTE_ETHER_HDR_LEN ? (l3[0] & 15u) * 4 : IP6_HDR;
    const unsigned addr_bytes = is4 ? 4 : 16, addrs_at = is4 ? 12 : 8;
    uint8_t raw[TOEPLITZ_TUPLE6_BYTES] = { 0 };
    struct seen s = { 0 };

    if ((!is4 && type != RTE_ETHER_TYPE_IPV6) || n_bytes < RTE_ETHER_HDR_LEN + hdr + 4)
        return s;
    s.to.af = is4 ? 4 : 6;
    s.to.proto = l3[is4 ? 9 : 6];
    memcpy(raw, l3 + addrs_at, 2 * addr_bytes);
    memcpy(s.to.addr, raw + addr_bytes, addr_bytes);
    s.n_words = 2 * addr_bytes / 4;
    if ((s.to.proto == IPPROTO_TCP || s.to.proto == IPPROTO_UDP) &&
        !(is4 && ((l3[6] << 8 | l3[7]) & FRAGMENT))) {
        memcpy(raw + 2 * addr_bytes, l3 + hdr, 4);
        s.to.port = (uint16_t)(l3[hdr + 2] << 8 | l3[hdr + 3]);
        s.n_words++;
    } else {
        s.to.proto = 0;
    }
    for (unsigned i = 0; i < s.n_words; i++) {
        memcpy(&s.tuple[i], raw + 4 * i, 4);
        s.tuple[i] = rte_be_to_cpu_32(s.tuple[i]);
    }
    return s;
}

static bool matches(const struct nic_rule *rule, const struct nic_rule *to)
{
    return rule->af && rule->af == to->af && rule->proto == to->proto &&
           !memcmp(rule->addr, to->addr, 16) && rule->port == (to->port & rule->port_mask);
}

uint16_t plain_nic_queue(const struct plain_nic *nic, const uint8_t *frame, uint32_t n_bytes)
{
    struct seen s = look(frame, n_bytes);

    for (unsigned i = 0; nic->n_rules && i < MAX_RULES; i++)
        if (matches(&nic->rules[i], &s.to))
            return nic->rules[i].queue;
    return nic->table[rte_softrss(s.tuple, s.n_words, (const uint8_t *)nic->key) % ENTRIES];
}
