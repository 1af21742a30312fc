/* nexthop.h - where a packet goes next: device and Ethernet header, one cache line each.
 *
 * The host thread is the only writer and changes an entry in place under its sequence word;
 * connections and routes keep a handle (id and generation), so a moved MAC is seen by the very
 * next packet, and a handle to a re-used entry is noticed. Workers read without writing, but for
 * `used`, a byte in a separate array set at most once a period.
 */
#ifndef DPVS_NET_NEXTHOP_H
#define DPVS_NET_NEXTHOP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

enum { NH_L2_BYTES = 24, NH_ETHERNET_BYTES = 14, NH_NONE = 0 };

enum nexthop_state { NH_FREE, NH_UNRESOLVED, NH_USABLE };

struct nexthop {
    uint32_t seq;               /* odd while the host thread writes */
    union {
        struct {
            uint16_t gen;
            uint16_t state;     /* enum nexthop_state */
        };
        uint32_t gen_state;     /* nexthop_usable_word() of its handle: usable, still the same */
    };
    uint16_t dev;
    uint16_t mtu;
    uint8_t af;
    uint8_t l2_len;             /* 14, more with VLAN tags */
    uint8_t pad[2];
    uint8_t l2[NH_L2_BYTES];
    uint8_t addr[16];
} __rte_cache_aligned;
_Static_assert(sizeof(struct nexthop) == RTE_CACHE_LINE_SIZE, "a next hop is one line");

/* Handle: generation in the high half, id in the low; NH_NONE: not looked up. Id 0 is not used. */
static inline uint32_t nexthop_handle(uint16_t id, uint16_t gen)
{
    return (uint32_t)gen << 16 | id;
}

/* All entries, the index from (device, address) to id, and the marks of use. */
struct nexthops {
    struct nexthop *entry;      /* [n] */
    uint8_t *used;              /* [n], set by workers, cleared by the host thread */
    uint16_t *index;            /* open addressing; 0: free, 0xffff: removed */
    uint32_t n;
    uint32_t index_mask;
};

static inline uint32_t nexthop_hash(uint16_t dev, const uint8_t addr[16])
{
    uint32_t w[4], h = dev * 0x85ebca6bu;

    memcpy(w, addr, sizeof w);
    for (int i = 0; i < 4; i++)
        h = (h ^ w[i]) * 0x9e3779b1u ^ h >> 15;
    return h ^ h >> 16;
}

/* The handle for (dev, addr), or NH_NONE; address as 16 bytes. Safe beside the host's writes. */
static inline uint32_t nexthop_find(const struct nexthops *t, uint16_t dev, uint8_t af,
                                    const uint8_t addr[16])
{
    uint32_t i = nexthop_hash(dev, addr);

    for (uint32_t probes = 0; probes <= t->index_mask; probes++, i++) {
        uint16_t id = __atomic_load_n(&t->index[i & t->index_mask], __ATOMIC_ACQUIRE);
        const struct nexthop *nh = &t->entry[id];

        if (id == 0)
            break;
        if (id != 0xffff && nh->dev == dev && nh->af == af && !memcmp(nh->addr, addr, 16))
            return nexthop_handle(id, nh->gen);
    }
    return NH_NONE;
}

static inline const struct nexthop *nexthop_at(const struct nexthops *t, uint32_t handle)
{
    return &t->entry[handle & 0xffff];
}

static inline const struct nexthop *nexthop_get(const struct nexthops *t, uint32_t handle)
{
    const struct nexthop *nh = nexthop_at(t, handle);

    return handle != NH_NONE && nh->gen == handle >> 16 ? nh : NULL;
}

/* What gen_state holds (little endian) while the handle's entry is usable; never so for NH_NONE,
 * since entry 0 stays free. */
static inline uint32_t nexthop_usable_word(uint32_t handle)
{
    return handle >> 16 | (uint32_t)NH_USABLE << 16;
}

/* To be read before anything else of the entry, and given to nexthop_copy_l2. */
static inline uint32_t nexthop_seq(const struct nexthop *nh)
{
    return __atomic_load_n(&nh->seq, __ATOMIC_ACQUIRE);
}

/* Copy the Ethernet header in front of l3; false: the entry was written since seq was read. */
static inline bool nexthop_copy_l2(const struct nexthop *nh, uint8_t *l3, uint32_t seq)
{
    if (likely(nh->l2_len == NH_ETHERNET_BYTES))
        memcpy(l3 - NH_ETHERNET_BYTES, nh->l2, NH_ETHERNET_BYTES); /* three moves, no call */
    else
        memcpy(l3 - nh->l2_len, nh->l2, nh->l2_len);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return !(seq & 1) && __atomic_load_n(&nh->seq, __ATOMIC_RELAXED) == seq;
}

/* The same at once; false: not usable (unresolved, or just changing). */
static inline bool nexthop_write_l2(const struct nexthop *nh, uint8_t *l3)
{
    const uint32_t seq = nexthop_seq(nh);

    return nh->state == NH_USABLE && nexthop_copy_l2(nh, l3, seq);
}

static inline void nexthop_mark_used(const struct nexthops *t, uint32_t handle)
{
    uint8_t *used = &t->used[handle & 0xffff];

    if (!*used)
        *used = 1;
}

#endif
