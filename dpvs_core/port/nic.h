/* nic.h - what steering asks of a network card: a row for ethdevs, one for simulated cards. */
#ifndef DPVS_PORT_NIC_H
#define DPVS_PORT_NIC_H

#include "worker/core.h"

/* TCP or UDP packets to this address whose destination port has these low bits. */
struct nic_rule {
    uint8_t af, proto;
    uint8_t addr[16];
    uint16_t port, port_mask;   /* host order */
    uint16_t queue;
};

/* Functions that fail give a negative errno or NULL, and a sentence in why[CORE_ERR_BYTES]. */
struct nic_ops {
    /* Hash TCP and UDP tuples with the key; entry i of the table is queue_of[i % CORE_GROUPS].
     * Returns the number of entries. */
    int (*rss)(const struct device *d, const uint8_t *key, const uint16_t *queue_of, char *why);
    /* 0: rules of this kind would be taken. */
    int (*rule_check)(const struct device *d, const struct nic_rule *rule, char *why);
    void *(*rule_add)(const struct device *d, const struct nic_rule *rule, char *why);
    void (*rule_del)(const struct device *d, void *rule);
};

extern const struct nic_ops nic_ethdev;
extern const struct nic_ops nic_plain;

static inline const struct nic_ops *nic_of(const struct device *d)
{
    return d->port_id < 0 ? &nic_plain : &nic_ethdev;
}

#endif
