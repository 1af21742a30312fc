/* core_device.h - devices, and which receive queue a device gives a packet to. */
#ifndef DPVS_CORE_DEVICE_H
#define DPVS_CORE_DEVICE_H

#include "core_base.h"

/* --- devices ---------------------------------------------------------------------------- */

struct core_device_conf {
    char name[CORE_NAME_BYTES];
    int32_t port_id;            /* ethdev; -1 in a plain core */
    uint16_t n_rxq, n_txq, n_rxd, n_txd;
    uint16_t mtu;
    uint8_t promisc, allmulticast, fast_free;
    uint8_t mac[6];             /* used in a plain core; otherwise the port's own */
    uint8_t plain_nic;          /* enum core_plain_nic: how a plain core's device steers */
    uint16_t plain_max_rules;   /* ... and how many flow rules it has room for */
};

/* What the card that a plain core's device simulates can do beside its own spreading. */
enum core_plain_nic { CORE_NIC_OWN, CORE_NIC_RSS, CORE_NIC_FLOW };

struct core_link {
    uint8_t mac[6];
    uint8_t up, full_duplex, autoneg, promisc, allmulticast;
    uint16_t mtu, n_rxq, n_txq;
    int32_t socket;
    uint32_t speed_mbps;
    char driver[CORE_NAME_BYTES];
    uint64_t rx_offloads, tx_offloads; /* switched on */
    uint64_t ipackets, opackets, ibytes, obytes, ierrors, oerrors, imissed, rx_nombuf;
    uint32_t mbuf_avail, mbuf_inuse;
};

enum core_link_item { CORE_LINK_PROMISC, CORE_LINK_ALLMULTICAST, CORE_LINK_UP, CORE_LINK_MTU };

/* Configure, set up queues, start. Device ids count from 0. Before core_start. */
int core_device_add(struct core *core, const struct core_device_conf *conf, char *err);
/* Worker `w` polls rx queue `rxq` (-1: none) and sends on `txq` (-1: through another worker). */
int core_device_poll(struct core *core, uint32_t w, uint32_t dev, int rxq, int txq);
/* The device's kernel port: an ethdev (net_tap, virtio_user) already probed; plain: port_id -1. */
int core_device_kernel(struct core *core, uint32_t dev, int port_id, char *err);
int core_device_link(struct core *core, uint32_t dev, struct core_link *out);
int core_device_set(struct core *core, uint32_t dev, enum core_link_item item, uint32_t value);
int core_device_mac(struct core *core, uint32_t dev, const uint8_t *mac);

/* --- steering: which receive queue the port gives a packet to -------------------------------- */

/* Right are all of them, for a worker hands on what another owns; but that costs. */
enum core_steer {
    CORE_STEER_UNDECIDED,       /* core_steer was not called */
    CORE_STEER_ONE,             /* one worker */
    CORE_STEER_RSS,             /* the port hashes with our key into our table: both directions */
    CORE_STEER_FLOW,            /* rules for local addresses and low bits of ports: the answers */
    CORE_STEER_SOFTWARE,        /* the port spreads as it likes */
};

struct core_steering {
    uint8_t kind;               /* enum core_steer */
    uint32_t n_entries;         /* RSS: of the redirection table */
    uint32_t n_addrs;           /* FLOW: local addresses with rules */
    uint32_t n_refused;         /* ... and those whose rules the port refused: software */
    char why[CORE_ERR_BYTES];   /* SOFTWARE: why not the others; FLOW: the last refusal */
};

/* Choose for each device what works, and how flow groups are computed. After core_device_poll and
 * core_groups_set, before core_start and the first packet. */
int core_steer(struct core *core);
int core_device_steering(struct core *core, uint32_t dev, struct core_steering *out);

#endif
