/* capture.c - packets copied into one byte ring a worker; the master reads them in time order.
 *
 * Rings are single producer, single consumer and hold whole records (messages.CapturePackets). A
 * worker writes a record or counts it as lost; it never waits. The rings are heap memory, taken
 * when a capture starts and freed when no worker can write any more (core_retire).
 */
#include "worker/capture.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bpf.h"
#include "worker/check.h"

enum { CAPTURE_RING_BYTES = 1 << 20 };

struct record {
    uint64_t time_ns;
    uint32_t wire_bytes, n_bytes;
    uint8_t direction, pad[3];
} __attribute__((packed));
_Static_assert(sizeof(struct record) == 20, "messages.CapturePackets");

/* Offsets only grow; the place is the offset modulo the size. */
struct capture_ring {
    uint64_t written __rte_cache_aligned; /* by the worker */
    uint64_t lost;
    uint64_t read __rte_cache_aligned; /* by the master */
    uint8_t bytes[CAPTURE_RING_BYTES] __rte_cache_aligned;
};

struct capture {
    uint32_t dev, snaplen, n_rings, n_insns;
    struct capture_ring *ring;
    struct bpf_insn insn[];
};

/* --- the worker's side ---------------------------------------------------------------------- */

static void ring_copy_in(struct capture_ring *ring, uint64_t at, const void *from, uint32_t n)
{
    const uint32_t place = at % CAPTURE_RING_BYTES;
    const uint32_t first = RTE_MIN(n, CAPTURE_RING_BYTES - place);

    memcpy(ring->bytes + place, from, first);
    memcpy(ring->bytes, (const uint8_t *)from + first, n - first);
}

static void put(struct capture_ring *ring, const struct record *rec, const struct rte_mbuf *m)
{
    const uint64_t at = ring->written;
    const uint64_t read = __atomic_load_n(&ring->read, __ATOMIC_ACQUIRE);
    const uint64_t room = CAPTURE_RING_BYTES - (at - read);
    const uint32_t total = sizeof *rec + rec->n_bytes;

    if (total > room) {
        __atomic_store_n(&ring->lost, ring->lost + 1, __ATOMIC_RELAXED);
        return;
    }
    ring_copy_in(ring, at, rec, sizeof *rec);
    ring_copy_in(ring, at + sizeof *rec, rte_pktmbuf_mtod(m, const void *), rec->n_bytes);
    __atomic_store_n(&ring->written, at + total, __ATOMIC_RELEASE);
}

void capture_packets(struct core *core, uint32_t dev, int direction, uint32_t thread,
                     struct rte_mbuf **pkts, uint16_t n)
{
    struct capture *c = __atomic_load_n(&core->capture, __ATOMIC_ACQUIRE);
    struct timespec now;
    uint64_t now_ns;

    if (!c || c->dev != dev || thread >= c->n_rings)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    now_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    for (uint16_t i = 0; i < n; i++) {
        const struct rte_mbuf *m = pkts[i];
        const uint32_t here = rte_pktmbuf_data_len(m); /* of chains the first piece */
        uint32_t keep = c->snaplen;

        if (c->n_insns)
            keep = RTE_MIN(keep, bpf_run(c->insn, rte_pktmbuf_mtod(m, const uint8_t *),
                                         rte_pktmbuf_pkt_len(m), here));
        if (keep)
            put(&c->ring[thread],
                &(struct record){ now_ns, rte_pktmbuf_pkt_len(m), RTE_MIN(keep, here),
                                  (uint8_t)direction, { 0 } }, m);
    }
}

/* --- the master's side ---------------------------------------------------------------------- */

int core_capture_start(struct core *core, uint32_t dev, const void *insns, uint32_t n_insns,
                       uint32_t snaplen)
{
    const size_t insn_bytes = n_insns * sizeof(struct bpf_insn);
    struct capture *c;

    CHECK_MASTER(core);
    if (core->capture)
        return -EBUSY;
    if (dev >= core->n_devices)
        return -ENODEV;
    if (!snaplen || n_insns > BPF_MAX_INSNS || (n_insns && !bpf_is_valid(insns, n_insns)))
        return -EINVAL;
    c = calloc(1, sizeof *c + insn_bytes);
    if (!c)
        return -ENOMEM;
    *c = (struct capture){ .dev = dev, .snaplen = snaplen, .n_rings = core->conf.n_workers,
                           .n_insns = n_insns };
    if (n_insns)
        memcpy(c->insn, insns, insn_bytes);
    if (posix_memalign((void **)&c->ring, RTE_CACHE_LINE_SIZE, c->n_rings * sizeof *c->ring)) {
        free(c);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < c->n_rings; i++)
        c->ring[i].written = c->ring[i].lost = c->ring[i].read = 0;
    __atomic_store_n(&core->capture, c, __ATOMIC_RELEASE);
    return 0;
}

static void ring_copy_out(const struct capture_ring *ring, uint64_t at, void *to, uint32_t n)
{
    const uint32_t place = at % CAPTURE_RING_BYTES;
    const uint32_t first = RTE_MIN(n, CAPTURE_RING_BYTES - place);

    memcpy(to, ring->bytes + place, first);
    memcpy((uint8_t *)to + first, ring->bytes, n - first);
}

/* The ring whose next record is the oldest, and that record's head; NULL: all are empty. */
static struct capture_ring *oldest(const struct capture *c, struct record *rec)
{
    struct capture_ring *best = NULL;

    for (uint32_t i = 0; i < c->n_rings; i++) {
        struct capture_ring *ring = &c->ring[i];
        struct record head;

        if (__atomic_load_n(&ring->written, __ATOMIC_ACQUIRE) == ring->read)
            continue;
        ring_copy_out(ring, ring->read, &head, sizeof head);
        if (!best || head.time_ns < rec->time_ns) {
            best = ring;
            *rec = head;
        }
    }
    return best;
}

int core_capture_read(struct core *core, void *buf, uint32_t max_bytes, uint64_t *lost)
{
    const struct capture *c = core->capture;
    struct capture_ring *ring;
    struct record rec;
    uint32_t n = 0;

    CHECK_MASTER(core);
    if (!c)
        return -ENOENT;
    *lost = 0;
    for (uint32_t i = 0; i < c->n_rings; i++)
        *lost += __atomic_load_n(&c->ring[i].lost, __ATOMIC_RELAXED);
    while ((ring = oldest(c, &rec))) {
        const uint32_t total = sizeof rec + rec.n_bytes;

        if (n + total > max_bytes)
            return n ? (int)n : -EMSGSIZE;
        ring_copy_out(ring, ring->read, (uint8_t *)buf + n, total);
        __atomic_store_n(&ring->read, ring->read + total, __ATOMIC_RELEASE);
        n += total;
    }
    return (int)n;
}

static void release(struct core *core, void *capture)
{
    struct capture *c = capture;

    (void)core;
    free(c->ring);
    free(c);
}

int core_capture_stop(struct core *core)
{
    struct capture *c = core->capture;

    CHECK_MASTER(core);
    if (!c)
        return -ENOENT;
    __atomic_store_n(&core->capture, NULL, __ATOMIC_RELEASE);
    core_retire(core, c, release);
    return 0;
}
