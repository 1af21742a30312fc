/* script.h - an input: options of the director, then records of what happens to it.
 *
 * Two bytes (enum scene_option, enum scene_scarcity), then records of RECORD_BYTES and n_data bytes
 * each; an input that ends within a record ends with a shorter one. seeds.py writes the same.
 */
#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum op {
    OP_FRAME,                   /* the data is a frame */
    OP_ANSWER,                  /* a frame of before, its ends swapped; a: TCP's flags, or a chunk */
    OP_QUOTE,                   /* an ICMP error about it: a type, b code, c the rest's last byte */
    OP_RETURN,                  /* the frame again, to where it left or came from */
    OP_FRAME_OF_KERNEL,         /* the data is a frame that Linux sends */
    OP_TIME,                    /* only time passes */
    OP_CHANGE,                  /* scene_change(a, b) */
    OP_WATCH,                   /* packets are captured: the data is the filter, in BPF */
    N_OPS,
};

enum record_flag {
    FLAG_LENGTHS = 1,           /* lengths and checksums are put right before it arrives */
    FLAG_CHECKSUMS = 2,
    FLAG_CUT = 4,               /* it arrives in fragments: of 8 << (b % 8) bytes, c: their order */
    FLAG_ANSWERED = 8,          /* OP_QUOTE: about the answer to the frame, not the frame */
    FLAG_EMITTED = 16,          /* of what left, not of what arrived, is the frame of before */
    FLAG_NO_TURN = 32,          /* what follows arrives in the same burst */
    FLAG_PADDED = 64,           /* bytes behind the packet, as Ethernet has them */
};

struct record {
    uint8_t op, flags;
    uint8_t where;              /* bit 0: device, the rest: queue */
    uint8_t time;               /* 0: none passes; else 1 << (time % 28) us */
    uint8_t pick;               /* which frame of before, counted from the last */
    uint8_t a, b, c;
    uint8_t n_data_be[2];
};

enum { SCRIPT_HEAD = 2, RECORD_BYTES = sizeof(struct record), MAX_DATA = 4000, MAX_RECORDS = 32 };

struct entry {
    struct record r;
    uint32_t n_data;
    uint8_t data[MAX_DATA];     /* OP_ANSWER, OP_QUOTE, OP_RETURN: pairs of offset, value to patch */
};

struct script {
    uint8_t head[SCRIPT_HEAD];
    uint32_t n;
    struct entry entry[MAX_RECORDS];
};

void script_read(const uint8_t *data, size_t n_bytes, struct script *out);
/* Its size, at most max_bytes: records that do not fit are left out. */
size_t script_write(const struct script *script, uint8_t *out, size_t max_bytes);

#endif
