/* talk.c - conversations step by step. */
#include "talk.h"

#include <stdio.h>

#include <rte_cycles.h>

#include "pkt/headers.h"
#include "queue.h"

enum {
    BEGIN_BELOW = QUEUE_SLOTS / 2, /* the rest has room for all packets on their way */
    IDLE_TURNS = 100000,        /* so many without a packet: it will not come */
    P = TALK_TCP_PAYLOAD,
};

const struct step talk_one_way[TALK_ONE_WAY_STEPS] = { { .from = FROM_CLIENT } };

const struct step talk_udp[TALK_UDP_STEPS] = {
    { .from = FROM_CLIENT }, { .from = FROM_SERVER },
};

/*    from         flags              payload  seq    ack */
const struct step talk_tcp[TALK_TCP_STEPS] = {
    { FROM_CLIENT, TCP_SYN,               0,       0,     0 },
    { FROM_SERVER, TCP_SYN | TCP_ACK,     0,       0,     1 },
    { FROM_CLIENT, TCP_ACK,               0,       1,     1 },
    { FROM_CLIENT, TCP_PSH | TCP_ACK,     P,       1,     1 },
    { FROM_SERVER, TCP_PSH | TCP_ACK,     P,       1, 1 + P },
    { FROM_CLIENT, TCP_ACK,               0,   1 + P, 1 + P },
};

const struct step talk_close[TALK_CLOSE_STEPS] = {
    { FROM_CLIENT, TCP_SYN,               0,       0,     0 },
    { FROM_SERVER, TCP_SYN | TCP_ACK,     0,       0,     1 },
    { FROM_CLIENT, TCP_ACK,               0,       1,     1 },
    { FROM_CLIENT, TCP_PSH | TCP_ACK,     P,       1,     1 },
    { FROM_SERVER, TCP_PSH | TCP_ACK,     P,       1, 1 + P },
    { FROM_CLIENT, TCP_FIN | TCP_ACK,     0,   1 + P, 1 + P },
    { FROM_SERVER, TCP_FIN | TCP_ACK,     0,   1 + P, 2 + P },
    { FROM_CLIENT, TCP_ACK,               0,   2 + P, 2 + P },
};

struct talk {
    struct flows *flows;
    const struct step *steps;
    unsigned n_steps;
    struct queue ready[2];      /* flows whose next packet can be sent, by the side that sends it */
    uint32_t n_begun, n_done;
    uint64_t n_strays;
};

static bool talk_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    struct talk *t = self;
    struct queue *q = &t->ready[p];
    uint32_t i;

    (void)w;
    if (queue_count(q))
        i = queue_take(q);
    else if (p == FROM_CLIENT && t->n_begun < t->flows->n &&
             queue_count(&t->ready[FROM_SERVER]) < BEGIN_BELOW)
        i = t->n_begun++;
    else
        return false;
    flows_write(t->flows, m, i, &t->steps[t->flows->flow[i].step]);
    return true;
}

static void talk_took(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    struct talk *t = self;
    const struct director_conf *conf = &t->flows->director->conf;
    struct frame_view view;
    struct flow *flow;

    if (!frame_read(m, director_af(t->flows->director, p), conf->proto, &view) || view.tag >= t->flows->n) {
        t->n_strays++;
        return;
    }
    flow = &t->flows->flow[view.tag];
    if (flow->step == t->n_steps || t->steps[flow->step].from != 1 - p) {
        t->n_strays++;
        return;
    }
    if (flow->step == 0)
        flows_learn(t->flows, view.tag, &view, w);
    if (++flow->step == t->n_steps) {
        t->n_done++;
        return;
    }
    queue_put(&t->ready[t->steps[flow->step].from], view.tag);
}

/* Generator's hands and turn of each worker; packets that moved. */
static unsigned round_of(struct bench *b, const struct talk *t, const struct load *load,
                         struct feed *const *feeds)
{
    unsigned moved = 0;

    for (unsigned w = 0; w < b->n_workers; w++) {
        for (unsigned p = 0; p < WIRE_PORTS; p++)
            feed_push(feeds[w], load, p);
        moved += director_turn(t->flows->director, w, rte_rdtsc() / b->cycles_per_us);
        for (unsigned n = 1; n; moved += n)
            n = feed_pull(feeds[w], load);
    }
    return moved;
}

int talk_all(struct bench *b, struct flows *f, struct feed *const *feeds, const struct step *steps,
             unsigned n_steps)
{
    static struct talk t;
    const struct load load = { .self = &t, .n_ports = WIRE_PORTS, .fill = talk_fill,
                               .took = talk_took };
    unsigned idle = 0;

    t = (struct talk){ .flows = f, .steps = steps, .n_steps = n_steps };
    while (t.n_done < f->n && idle < IDLE_TURNS)
        idle = round_of(b, &t, &load, feeds) ? 0 : idle + 1;
    if (t.n_done == f->n && !t.n_strays)
        return 0;
    fprintf(stderr, "%u of %u flows went through; %llu packets that no flow waited for\n", t.n_done,
            f->n, (unsigned long long)t.n_strays);
    director_blame(f->director);
    return -1;
}
