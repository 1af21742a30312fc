/* ports.c - where the packets of the audit come from and go to. */
#include "ports.h"

#include "memory.h"

enum { N_PACKETS = 1024, DATA_BYTES = 2048, MAX_GIVEN = 256 };

struct packet {
    struct rte_mbuf m;
    uint8_t meta[PKT_META_BYTES];
    uint8_t data[DATA_BYTES];
} __rte_cache_aligned;

struct queue {
    struct rte_mbuf *m[MAX_GIVEN];
    unsigned n, taken;
};

static struct packet packets[N_PACKETS];
static unsigned n_packets;
static struct queue given[N_WORKERS][N_DIRECTOR_DEVICES], sent[N_WORKERS][N_DIRECTOR_DEVICES];
static struct env_ops own_env;

struct rte_mbuf *ports_packet(void)
{
    struct packet *p = &packets[n_packets++];

    if (n_packets > N_PACKETS)
        fail("too few packets");
    p->m = (struct rte_mbuf){ .buf_addr = p->data, .buf_len = DATA_BYTES, .refcnt = 1,
                              .nb_segs = 1, .priv_size = PKT_META_BYTES };
    p->m.data_off = RTE_PKTMBUF_HEADROOM;
    return &p->m;
}

static struct rte_mbuf *own_alloc(struct env *env)
{
    (void)env;
    return ports_packet();
}

static void own_free(struct env *env, struct rte_mbuf *m)
{
    (void)env;
    (void)m;                    /* the verdicts tell of drops */
}

static void put(struct queue *q, struct rte_mbuf *m)
{
    if (q->n == MAX_GIVEN)
        fail("too many packets at once");
    q->m[q->n++] = m;
}

static uint16_t own_rx(struct core *core, uint32_t w, uint32_t dev, struct rte_mbuf **pkts,
                       uint16_t n)
{
    struct queue *q = &given[w][dev];
    uint16_t got = 0;

    (void)core;
    while (got < n && q->taken < q->n)
        pkts[got++] = q->m[q->taken++];
    if (q->taken == q->n)
        q->taken = q->n = 0;
    return got;
}

static uint16_t own_tx(struct core *core, uint32_t w, uint32_t dev, struct rte_mbuf **pkts,
                       uint16_t n)
{
    (void)core;
    for (uint16_t i = 0; i < n; i++)
        put(&sent[w][dev], pkts[i]);
    return n;
}

static uint16_t no_packets(struct core *core, uint32_t dev, struct rte_mbuf **pkts, uint16_t n)
{
    (void)core, (void)dev, (void)pkts, (void)n;
    return 0;
}

static void no_wake(struct core *core)
{
    (void)core;
}

static bool always_up(const struct core *core, uint32_t dev)
{
    (void)core;
    (void)dev;
    return true;
}

static const struct io_ops own_io = {
    .rx = own_rx, .tx = own_tx, .kernel_rx = no_packets, .kernel_tx = no_packets,
    .link_is_up = always_up, .wake_host = no_wake,
};

void ports_give(uint32_t worker, uint32_t dev, struct rte_mbuf *m)
{
    put(&given[worker][dev], m);
}

int ports_sent(const struct rte_mbuf *m, uint32_t *worker, uint32_t *dev)
{
    for (uint32_t w = 0; w < N_WORKERS; w++)
        for (uint32_t d = 0; d < N_DIRECTOR_DEVICES; d++)
            for (unsigned i = 0; i < sent[w][d].n; i++)
                if (sent[w][d].m[i] == m) {
                    *worker = w;
                    *dev = d;
                    return 1;
                }
    return 0;
}

void ports_forget_sent(void)
{
    for (unsigned w = 0; w < N_WORKERS; w++)
        for (unsigned dev = 0; dev < N_DIRECTOR_DEVICES; dev++)
            sent[w][dev].n = 0;
}

void ports_attach(struct core *core)
{
    own_env = *core->env.ops;
    own_env.pkt_alloc = own_alloc;
    own_env.pkt_free = own_free;
    core->env.ops = &own_env;
    core->io = &own_io;
    if (!n_packets)
        memory_name(packets, sizeof packets, "packet");
}
