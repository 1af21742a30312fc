/* mutate.c - libFuzzer's custom mutator: a few changes to a script, most of them to its meaning.
 *
 * Bytes alone would seldom reach what lies behind a table look-up: so frames get addresses, ports
 * and types of the scene, records answer or quote what left before, and lengths and checksums are
 * put right when a frame arrives (script.h), unless a change took that away.
 */
#include "mutate.h"

#include <string.h>

#include "scene.h"
#include "wire.h"

enum { MAX_CHANGES = 4 };

uint32_t dice_roll(struct dice *dice, uint32_t n)
{
    dice->state = dice->state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(dice->state >> 33) % n;
}

/* --- records --------------------------------------------------------------------------------- */

static void put_entry(struct script *s, uint32_t at, const struct entry *e)
{
    if (s->n == MAX_RECORDS)
        s->n--;
    if (at > s->n)
        at = s->n;
    memmove(&s->entry[at + 1], &s->entry[at], (s->n - at) * sizeof *e);
    s->entry[at] = *e;
    s->n++;
}

static void drop_record(struct script *s, struct dice *dice)
{
    const uint32_t at = dice_roll(dice, s->n);

    memmove(&s->entry[at], &s->entry[at + 1], (s->n - at - 1) * sizeof s->entry[0]);
    s->n--;
}

static void repeat_record(struct script *s, struct dice *dice)
{
    static struct entry e;

    e = s->entry[dice_roll(dice, s->n)];
    put_entry(s, dice_roll(dice, s->n + 1), &e);
}

static void swap_records(struct script *s, struct dice *dice)
{
    static struct entry e;
    struct entry *a = &s->entry[dice_roll(dice, s->n)], *b = &s->entry[dice_roll(dice, s->n)];

    e = *a;
    *a = *b;
    *b = e;
}

static const uint8_t error_types[] = { 3, 11, 12, 4, 5, 1, 2, 3, 4 };

/* What other hosts, or time, do to what there is. */
static void add_consequence(struct script *s, struct dice *dice)
{
    static const uint8_t ops[] = {
        OP_ANSWER, OP_ANSWER, OP_QUOTE, OP_QUOTE, OP_RETURN, OP_TIME, OP_CHANGE,
    };
    static struct entry e;

    e.n_data = 0;
    e.r = (struct record){
        .op = ops[dice_roll(dice, sizeof ops)],
        .flags = (uint8_t)(FLAG_LENGTHS | FLAG_CHECKSUMS | (dice_roll(dice, 4) ? FLAG_EMITTED : 0) |
                           (dice_roll(dice, 4) ? 0 : FLAG_ANSWERED) |
                           (dice_roll(dice, 8) ? 0 : FLAG_CUT)),
        .where = (uint8_t)dice_roll(dice, 16),
        .pick = (uint8_t)dice_roll(dice, 4),
        .b = (uint8_t)dice_roll(dice, 8), .c = (uint8_t)dice_roll(dice, 256),
    };
    e.r.time = e.r.op == OP_TIME ? (uint8_t)(10 + dice_roll(dice, 14)) : 0;
    e.r.a = e.r.op == OP_QUOTE ? error_types[dice_roll(dice, sizeof error_types)]
            : e.r.op == OP_CHANGE ? (uint8_t)dice_roll(dice, 8)
            : dice_roll(dice, 2) ? 0 : (uint8_t)dice_roll(dice, 32);
    if (e.r.op == OP_QUOTE && !dice_roll(dice, 3))
        e.r.where |= (uint8_t)(dice_roll(dice, 16) << 4);
    put_entry(s, dice_roll(dice, s->n + 1), &e);
}

static void change_field(struct script *s, struct dice *dice)
{
    struct record *r = &s->entry[dice_roll(dice, s->n)].r;

    switch (dice_roll(dice, 8)) {
    case 0: r->flags ^= (uint8_t)(1 << dice_roll(dice, 7)); break;
    case 1: r->where ^= (uint8_t)(1 << dice_roll(dice, 4)); break;
    case 2: r->time = dice_roll(dice, 2) ? 0 : (uint8_t)dice_roll(dice, 24); break;
    case 3: r->pick = (uint8_t)dice_roll(dice, 8); break;
    case 4: r->a = (uint8_t)dice_roll(dice, 20); break;
    case 5: r->b = (uint8_t)dice_roll(dice, 10); break;
    case 6: r->c = (uint8_t)dice_roll(dice, 256); break;
    default: r->flags |= FLAG_LENGTHS | FLAG_CHECKSUMS; break;
    }
}

/* A patch of what is derived from a frame of before; of a filter a byte. */
static void patch_derived(struct script *s, struct dice *dice)
{
    struct entry *e = &s->entry[dice_roll(dice, s->n)];

    if (e->r.op == OP_WATCH && e->n_data) {
        e->data[dice_roll(dice, e->n_data)] = (uint8_t)dice_roll(dice, 256);
        return;
    }
    if (e->r.op == OP_FRAME || e->r.op == OP_FRAME_OF_KERNEL || e->n_data > 20) {
        change_field(s, dice);
        return;
    }
    e->data[e->n_data++] = (uint8_t)dice_roll(dice, 120);
    e->data[e->n_data++] = (uint8_t)dice_roll(dice, 256);
}

bool mutate_records(struct script *s, struct dice *dice)
{
    if (!s->n)
        return false;
    switch (dice_roll(dice, 8)) {
    case 0: drop_record(s, dice); break;
    case 1: repeat_record(s, dice); break;
    case 2: swap_records(s, dice); break;
    case 3: patch_derived(s, dice); break;
    case 4: s->head[dice_roll(dice, 2)] ^= (uint8_t)(1 << dice_roll(dice, 8)); break;
    case 5: change_field(s, dice); break;
    default: add_consequence(s, dice); break;
    }
    return true;
}

/* --- libFuzzer's entries --------------------------------------------------------------------- */

static void mutate_one(struct script *s, struct dice *dice)
{
    struct entry *e = s->n ? &s->entry[dice_roll(dice, s->n)] : NULL;

    if (e && dice_roll(dice, 2) && e->n_data > WIRE_ETH &&
        (e->r.op == OP_FRAME || e->r.op == OP_FRAME_OF_KERNEL) && mutate_frame(e, dice))
        return;
    mutate_records(s, dice);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n_bytes, size_t max_bytes, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t n_one, const uint8_t *two, size_t n_two,
                                 uint8_t *out, size_t max_bytes, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n_bytes, size_t max_bytes, unsigned seed)
{
    static struct script script;
    struct dice dice = { seed };

    if (!dice_roll(&dice, 50))
        return LLVMFuzzerMutate(data, n_bytes, max_bytes);
    script_read(data, n_bytes, &script);
    for (uint32_t n = 1 + dice_roll(&dice, MAX_CHANGES); n; n--)
        mutate_one(&script, &dice);
    return script_write(&script, data, max_bytes);
}

/* The beginning of one, then the end of the other. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t n_one, const uint8_t *two, size_t n_two,
                                 uint8_t *out, size_t max_bytes, unsigned seed)
{
    static struct script first, second;
    struct dice dice = { seed };
    uint32_t from;

    script_read(one, n_one, &first);
    script_read(two, n_two, &second);
    first.n = dice_roll(&dice, first.n + 1);
    from = dice_roll(&dice, second.n + 1);
    while (from < second.n && first.n < MAX_RECORDS)
        first.entry[first.n++] = second.entry[from++];
    return script_write(&first, out, max_bytes);
}
