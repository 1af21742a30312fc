/* run.c - one input, run: libFuzzer's entry. */
#include <string.h>

#include "base/env.h"
#include "judge.h"
#include "make.h"
#include "scene.h"
#include "script.h"
#include "watch.h"
#include "wire.h"

enum { TURNS = 3, END_SLICES = 18, END_SLICE_US = 1000000 };

struct run {
    struct scene scene;
    struct past arrived, left;
    struct judge judge;
    uint32_t n_cuts;
};

/* --- out ------------------------------------------------------------------------------------- */

static void collect(struct run *r)
{
    static uint8_t for_kernel[FRAME_MAX_BYTES];

    for (uint32_t dev = 0; dev < N_DEVICES; dev++) {
        static struct frame f;
        int n;

        while ((n = core_take(r->scene.core, dev, f.bytes, sizeof f.bytes)) > 0) {
            f.n_bytes = (uint32_t)n;
            f.dev = (uint8_t)dev;
            judge_leaves(&r->judge, &f);
            *past_next(&r->left) = f;
        }
        while (core_take_kernel(r->scene.core, dev, for_kernel, sizeof for_kernel) > 0)
            ;
    }
}

static void turns(struct run *r)
{
    scene_turns(&r->scene, TURNS);
    collect(r);
    watch_read(r->scene.core);
}

/* --- in -------------------------------------------------------------------------------------- */

static void arrive(struct run *r, const struct frame *f, uint8_t queue, bool is_piece)
{
    if (core_inject(r->scene.core, queue % r->scene.n_workers, f->dev, f->bytes, f->n_bytes))
        return;                 /* no packet memory */
    judge_arrives(&r->judge, f, is_piece);
    *past_next(&r->arrived) = *f;
}

static uint32_t place(const struct entry *e, uint32_t i, uint32_t n)
{
    return e->r.c & 1 ? n - 1 - i : i;
}

/* `c`: in reverse; the first missing; the last twice; over all queues. */
static void arrive_in_pieces(struct run *r, const struct entry *e, const struct pieces *pieces)
{
    static struct frame piece;
    const bool was_right = r->judge.all_right;

    for (uint32_t i = 0; i < pieces->n; i++) {
        const uint32_t at = place(e, i, pieces->n);

        pieces_make(pieces, at, &piece);
        if (!at && (e->r.c & 2))
            continue;
        arrive(r, &piece, (uint8_t)((e->r.where >> 1 & 3) + (e->r.c & 8 ? i : 0)), was_right);
        if (at == pieces->n - 1 && (e->r.c & 4))
            arrive(r, &piece, e->r.where >> 1 & 3, was_right);
    }
}

static void frame_record(struct run *r, const struct entry *e)
{
    static struct frame f;
    struct pieces pieces;

    make_frame(e, &r->arrived, &r->left, &f);
    if (!f.n_bytes)
        return;
    if ((e->r.flags & FLAG_CUT) && pieces_begin(&pieces, &f, e->r.b, 0x4000 + r->n_cuts++)) {
        if (wire_wrong(f.bytes + WIRE_ETH, f.n_bytes - WIRE_ETH))
            r->judge.all_right = false;
        arrive_in_pieces(r, e, &pieces);
    } else {
        arrive(r, &f, e->r.where >> 1 & 3, false);
    }
}

static void kernel_record(struct run *r, const struct entry *e)
{
    static struct frame f;

    make_frame(e, &r->arrived, &r->left, &f);
    if (f.n_bytes && f.n_bytes <= RTE_MBUF_DEFAULT_DATAROOM && /* a chain would be DPDK's to join */
        !core_inject_kernel(r->scene.core, f.dev, f.bytes, f.n_bytes))
        judge_from_kernel(&r->judge, &f);
}

static void record(struct run *r, const struct entry *e)
{
    if (e->r.time)
        r->scene.now_us += 1ull << e->r.time % 24;
    switch (e->r.op % N_OPS) {
    case OP_TIME: break;
    case OP_CHANGE: scene_change(&r->scene, e->r.a, e->r.b); break;
    case OP_WATCH: watch_begin(r->scene.core, e->r.where & 1, e->data, e->n_data); break;
    case OP_FRAME_OF_KERNEL: kernel_record(r, e); break;
    default: frame_record(r, e);
    }
}

/* --- all ------------------------------------------------------------------------------------- */

/* Until every connection, fragment and neighbour has run out. */
static void run_out(struct run *r)
{
    for (unsigned i = 0; i < END_SLICES; i++) {
        r->scene.now_us += END_SLICE_US;
        scene_turns(&r->scene, 1);
        collect(r);
    }
    turns(r);                   /* listeners' reports may be due at any time */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    static struct script script;
    static struct run r;
    const uint32_t n_pieces = env_plain_memory.n_pieces;

    script_read(data, n_bytes, &script);
    r.arrived.n = r.left.n = r.n_cuts = 0;
    scene_create(&r.scene, script.head[0], script.head[1]);
    judge_begin(&r.judge, &r.scene);
    for (uint32_t i = 0; i < script.n; i++) {
        record(&r, &script.entry[i]);
        if (!(script.entry[i].r.flags & FLAG_NO_TURN))
            turns(&r);
    }
    turns(&r);
    judge_counts(&r.judge);
    run_out(&r);
    judge_counts(&r.judge);
    judge_end(&r.judge);
    scene_destroy(&r.scene);
    if (env_plain_memory.n_pieces != n_pieces)
        judge_fail("memory that is not freed with the core", NULL);
    return 0;
}
