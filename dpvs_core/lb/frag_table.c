/* frag_table.c - entries in sets, rooms by age. */
#include "lb/frag_table.h"

struct frag_table *frag_table_create(struct env *env, uint32_t n_sets, uint32_t set_entries)
{
    struct frag_table *t = env->ops->zalloc(sizeof(*t));

    if (!t)
        return NULL;
    t->n_sets = n_sets ? n_sets : FRAG_SETS;
    t->set_entries = set_entries ? set_entries : FRAG_SET_ENTRIES;
    t->entry = env->ops->zalloc((size_t)t->n_sets * t->set_entries * sizeof(*t->entry));
    if (!t->entry) {
        env->ops->free(t);
        return NULL;
    }
    t->oldest = t->newest = FRAG_NO_ROOM;
    for (unsigned i = 0; i < FRAG_ROOMS; i++)
        t->room[i].newer = (uint16_t)(i + 1 < FRAG_ROOMS ? i + 1 : FRAG_NO_ROOM);
    return t;
}

static struct rte_mbuf *pop(struct rte_mbuf **head)
{
    struct rte_mbuf *m = *head;

    if (m)
        *head = pkt_meta(m)->next;
    return m;
}

void frag_table_destroy(struct env *env, struct frag_table *t)
{
    struct rte_mbuf *m;

    if (!t)
        return;
    for (unsigned i = 0; i < FRAG_ROOMS; i++)
        while ((m = pop(&t->room[i].head)))
            pkt_free(env, m);
    while ((m = pop(&t->ready)))
        pkt_free(env, m);
    env->ops->free(t->entry);
    env->ops->free(t);
}

/* --- entries --------------------------------------------------------------------------------- */

static struct frag *set_of(const struct frag_table *t, uint32_t hash)
{
    return &t->entry[(size_t)(hash % t->n_sets) * t->set_entries];
}

static bool is_over(const struct frag *f, uint32_t now_ms, uint32_t timeout_ms)
{
    return now_ms - f->since_ms >= timeout_ms;
}

struct frag *frag_find(struct frag_table *t, uint8_t af, const union key *key, uint32_t hash,
                       uint32_t now_ms, uint32_t timeout_ms)
{
    struct frag *set = set_of(t, hash);

    for (unsigned i = 0; i < t->set_entries; i++)
        if (set[i].af == af && !memcmp(&set[i].key, key, sizeof *key) &&
            !is_over(&set[i], now_ms, timeout_ms))
            return &set[i];
    return NULL;
}

/* The entry of a set that is missed least, of those without a room. */
static struct frag *least_of(const struct frag_table *t, struct frag *set)
{
    struct frag *best = NULL;

    for (unsigned i = 0; i < t->set_entries; i++) {
        struct frag *f = &set[i];

        if (!f->af)
            return f;
        if (f->room == FRAG_NO_ROOM &&
            (!best || t->next_turn - f->turn > t->next_turn - best->turn))
            best = f;
    }
    return best;
}

struct frag *frag_make(struct frag_table *t, uint8_t af, const union key *key, uint32_t hash,
                       uint32_t now_ms)
{
    struct frag *f = least_of(t, set_of(t, hash));

    if (f)
        *f = (struct frag){ .key = *key, .since_ms = now_ms, .turn = t->next_turn++,
                            .room = FRAG_NO_ROOM, .af = af };
    return f;
}

/* --- rooms ----------------------------------------------------------------------------------- */

static bool take_room(struct frag_table *t, struct frag *f)
{
    const uint16_t id = t->free_room;

    if (id == FRAG_NO_ROOM)
        return false;
    t->free_room = t->room[id].newer;
    t->room[id] = (struct frag_room){ .entry = (uint32_t)(f - t->entry),
                                      .older = t->newest, .newer = FRAG_NO_ROOM };
    if (t->newest == FRAG_NO_ROOM)
        t->oldest = id;
    else
        t->room[t->newest].newer = id;
    t->newest = id;
    f->room = id;
    return true;
}

/* Its packets are somebody else's by now. */
static void leave_room(struct frag_table *t, struct frag *f)
{
    struct frag_room *r = &t->room[f->room];

    if (r->older == FRAG_NO_ROOM)
        t->oldest = r->newer;
    else
        t->room[r->older].newer = r->newer;
    if (r->newer == FRAG_NO_ROOM)
        t->newest = r->older;
    else
        t->room[r->newer].older = r->older;
    t->n_waiting -= r->n;
    *r = (struct frag_room){ .newer = t->free_room };
    t->free_room = f->room;
    f->room = FRAG_NO_ROOM;
}

static void append(struct rte_mbuf **head, struct rte_mbuf **tail, struct rte_mbuf *first,
                   struct rte_mbuf *last)
{
    if (*head)
        pkt_meta(*tail)->next = first;
    else
        *head = first;
    *tail = last;
}

static void prepend(struct rte_mbuf **head, struct rte_mbuf **tail, struct rte_mbuf *m)
{
    pkt_meta(m)->next = *head;
    if (!*head)
        *tail = m;
    *head = m;
}

bool frag_wait(struct frag_table *t, struct frag *f, struct rte_mbuf *m, bool is_first)
{
    struct frag_room *r;

    if (t->n_waiting == FRAG_MAX_WAITING || (f->room == FRAG_NO_ROOM && !take_room(t, f)))
        return false;
    r = &t->room[f->room];
    if (r->n == FRAG_ROOM_PKTS)
        return false;
    pkt_meta(m)->next = NULL;
    if (is_first)
        prepend(&r->head, &r->tail, m);
    else
        append(&r->head, &r->tail, m, m);
    r->n++;
    t->n_waiting++;
    return true;
}

static void begin_anew(struct frag_table *t, struct frag *f, uint32_t now_ms)
{
    f->since_ms = now_ms;
    f->turn = t->next_turn++;
}

void frag_learn(struct frag_table *t, struct frag *f, uint16_t sport_be, uint16_t dport_be,
                uint32_t now_ms)
{
    f->sport_be = sport_be;
    f->dport_be = dport_be;
    f->has_first = true;
    if (f->room == FRAG_NO_ROOM) /* else rooms would not be by age any more */
        begin_anew(t, f, now_ms);
}

void frag_release(struct frag_table *t, struct frag *f, uint32_t now_ms)
{
    if (f->room == FRAG_NO_ROOM)
        return;
    begin_anew(t, f, now_ms);
    append(&t->ready, &t->ready_tail, t->room[f->room].head, t->room[f->room].tail);
    leave_room(t, f);
}

struct rte_mbuf *frag_ready(struct frag_table *t)
{
    return pop(&t->ready);
}

struct rte_mbuf *frag_expired(struct frag_table *t, uint32_t now_ms, uint32_t timeout_ms)
{
    struct frag_room *r;
    struct rte_mbuf *m;

    if (t->oldest == FRAG_NO_ROOM)
        return NULL;
    r = &t->room[t->oldest];
    if (!is_over(&t->entry[r->entry], now_ms, timeout_ms))
        return NULL;
    m = pop(&r->head);
    r->n--;
    t->n_waiting--;
    if (!r->head) {
        struct frag *f = &t->entry[r->entry];

        leave_room(t, f);
        f->af = 0;
    }
    return m;
}
