/* nic_ethdev.c - steering of a DPDK port.
 *
 * Drivers differ in what they have, and some say 0 and do nothing: so what can be read back is read
 * back and compared.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_flow.h>

#include "base/toeplitz.h"
#include "port/nic.h"

enum { MAX_ENTRIES = 4096 };

static const uint64_t hashed = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP |
                               RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP;
static const uint64_t others = RTE_ETH_RSS_IP; /* fragments and other protocols */

static int refuse(char *why, int error, const char *text)
{
    if (error == -ENOTSUP)
        snprintf(why, CORE_ERR_BYTES, "%s", text);
    else
        snprintf(why, CORE_ERR_BYTES, "%s (%s)", text, strerror(-error));
    return error;
}

/* --- RSS -------------------------------------------------------------------------------------- */

/* Drivers that tell no size have the ordinary one. */
static uint8_t key_bytes(const struct rte_eth_dev_info *info)
{
    return info->hash_key_size ? info->hash_key_size : TOEPLITZ_KEY_BYTES;
}

static const char *rss_lacks(const struct rte_eth_dev_info *info)
{
    const uint16_t n = info->reta_size;

    if ((info->flow_type_rss_offloads & hashed) != hashed)
        return "the driver does not hash TCP and UDP of both families";
    if (!n)
        return "the driver has no redirection table";
    if (n < CORE_GROUPS || n > MAX_ENTRIES || (n & (n - 1)))
        return "the driver's redirection table has an odd size";
    if (key_bytes(info) < TOEPLITZ_KEY_BYTES || key_bytes(info) > TOEPLITZ_MAX_KEY_BYTES)
        return "the driver's hash key has an odd size";
    return NULL;
}

static int set_key(uint16_t port_id, const struct rte_eth_dev_info *info, const uint8_t *key,
                   char *why)
{
    uint8_t ours[TOEPLITZ_MAX_KEY_BYTES], kept[TOEPLITZ_MAX_KEY_BYTES];
    struct rte_eth_rss_conf conf = {
        .rss_key = ours, .rss_key_len = key_bytes(info),
        .rss_hf = hashed | (others & info->flow_type_rss_offloads),
    };
    int error;

    memcpy(ours, key, sizeof ours);
    memset(kept, 0, sizeof kept);
    error = rte_eth_dev_rss_hash_update(port_id, &conf);
    if (error)
        return refuse(why, error, "the driver takes no hash key");
    conf.rss_key = kept;
    conf.rss_hf = hashed;
    error = rte_eth_dev_rss_hash_conf_get(port_id, &conf);
    if (error == -ENOTSUP)
        return 0;
    if (error || memcmp(kept, key, key_bytes(info)) || (conf.rss_hf & hashed) != hashed)
        return refuse(why, error ? error : -ENOTSUP, "the driver does not keep the hash key");
    return 0;
}

static int set_table(uint16_t port_id, uint16_t n, const uint16_t *queue_of, char *why)
{
    struct rte_eth_rss_reta_entry64 ours[MAX_ENTRIES / RTE_ETH_RETA_GROUP_SIZE] = { 0 };
    struct rte_eth_rss_reta_entry64 kept[MAX_ENTRIES / RTE_ETH_RETA_GROUP_SIZE] = { 0 };
    int error;

    static_assert(CORE_GROUPS == RTE_ETH_RETA_GROUP_SIZE, "a piece of the table has all groups");
    for (unsigned i = 0; i < n / RTE_ETH_RETA_GROUP_SIZE; i++) {
        ours[i].mask = kept[i].mask = UINT64_MAX;
        memcpy(ours[i].reta, queue_of, sizeof ours[i].reta);
    }
    error = rte_eth_dev_rss_reta_update(port_id, ours, n);
    if (error)
        return refuse(why, error, "the driver does not take the redirection table");
    error = rte_eth_dev_rss_reta_query(port_id, kept, n);
    if (error == -ENOTSUP)
        return 0;
    if (error || memcmp(ours, kept, sizeof ours))
        return refuse(why, error ? error : -ENOTSUP,
                      "the driver does not keep the redirection table");
    return 0;
}

static int ethdev_rss(const struct device *d, const uint8_t *key, const uint16_t *queue_of,
                      char *why)
{
    const uint16_t port_id = (uint16_t)d->port_id;
    struct rte_eth_dev_info info;
    const char *lacks;
    int error = rte_eth_dev_info_get(port_id, &info);

    if (error)
        return refuse(why, error, "the driver cannot be asked");
    lacks = rss_lacks(&info);
    if (lacks)
        return refuse(why, -ENOTSUP, lacks);
    error = set_key(port_id, &info, key, why);
    if (!error)
        error = set_table(port_id, info.reta_size, queue_of, why);
    return error ? error : info.reta_size;
}

/* --- flow rules ------------------------------------------------------------------------------- */

/* A rule as rte_flow reads it: points into itself. */
struct flow {
    struct rte_flow_item_ipv4 ip4, ip4_mask;
    struct rte_flow_item_ipv6 ip6, ip6_mask;
    struct rte_flow_item_tcp tcp, tcp_mask;
    struct rte_flow_item_udp udp, udp_mask;
    struct rte_flow_action_queue queue;
    struct rte_flow_item pattern[4];
    struct rte_flow_action actions[2];
};

static const struct rte_flow_attr ingress = { .ingress = 1 };

static void flow_fill(struct flow *f, const struct nic_rule *r)
{
    const uint16_t port_be = rte_cpu_to_be_16(r->port), mask_be = rte_cpu_to_be_16(r->port_mask);

    *f = (struct flow){ .queue.index = r->queue };
    f->pattern[0].type = RTE_FLOW_ITEM_TYPE_ETH;
    if (r->af == 4) {
        memcpy(&f->ip4.hdr.dst_addr, r->addr, 4);
        memset(&f->ip4_mask.hdr.dst_addr, 0xff, 4);
        f->pattern[1] = (struct rte_flow_item){ .type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &f->ip4,
                                                .mask = &f->ip4_mask };
    } else {
        memcpy(&f->ip6.hdr.dst_addr, r->addr, 16);
        memset(&f->ip6_mask.hdr.dst_addr, 0xff, 16);
        f->pattern[1] = (struct rte_flow_item){ .type = RTE_FLOW_ITEM_TYPE_IPV6, .spec = &f->ip6,
                                                .mask = &f->ip6_mask };
    }
    f->tcp.hdr.dst_port = f->udp.hdr.dst_port = port_be;
    f->tcp_mask.hdr.dst_port = f->udp_mask.hdr.dst_port = mask_be;
    if (r->proto == IPPROTO_TCP)
        f->pattern[2] = (struct rte_flow_item){ .type = RTE_FLOW_ITEM_TYPE_TCP, .spec = &f->tcp,
                                                .mask = &f->tcp_mask };
    else
        f->pattern[2] = (struct rte_flow_item){ .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &f->udp,
                                                .mask = &f->udp_mask };
    f->pattern[3].type = RTE_FLOW_ITEM_TYPE_END;
    f->actions[0] = (struct rte_flow_action){ .type = RTE_FLOW_ACTION_TYPE_QUEUE,
                                              .conf = &f->queue };
    f->actions[1].type = RTE_FLOW_ACTION_TYPE_END;
}

static int ethdev_rule_check(const struct device *d, const struct nic_rule *rule, char *why)
{
    struct rte_flow_error said = { 0 };
    struct flow f;
    int error;

    flow_fill(&f, rule);
    error = rte_flow_validate((uint16_t)d->port_id, &ingress, f.pattern, f.actions, &said);
    if (error)
        refuse(why, -ENOTSUP, said.message ? said.message : strerror(-error));
    return error;
}

static void *ethdev_rule_add(const struct device *d, const struct nic_rule *rule, char *why)
{
    struct rte_flow_error said = { 0 };
    struct rte_flow *made;
    struct flow f;

    flow_fill(&f, rule);
    made = rte_flow_create((uint16_t)d->port_id, &ingress, f.pattern, f.actions, &said);
    if (!made)
        refuse(why, -ENOTSUP, said.message ? said.message : "refused");
    return made;
}

static void ethdev_rule_del(const struct device *d, void *rule)
{
    struct rte_flow_error said;

    rte_flow_destroy((uint16_t)d->port_id, rule, &said); /* a rule that stays only misleads */
}

const struct nic_ops nic_ethdev = {
    .rss = ethdev_rss, .rule_check = ethdev_rule_check, .rule_add = ethdev_rule_add,
    .rule_del = ethdev_rule_del,
};
