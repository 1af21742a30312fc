/* mutate_frame.c - a frame with another address, port, type, flag, option, header or length. */
#include <string.h>

#include "mutate.h"
#include "scene.h"
#include "wire.h"

enum { SCTP_CHUNKS = 12 };      /* where they begin */

static void set_addr(struct wire *w, struct dice *dice)
{
    uint8_t addr[16];
    const uint32_t n = wire_addr_bytes(w->af);

    scene_addr(w->af, (uint8_t)dice_roll(dice, 2 * SCENE_ROWS + 10), addr);
    memcpy(wire_addrs(w) + (dice_roll(dice, 2) ? n : 0), addr, n);
}

static void set_ports(struct wire *w, struct dice *dice)
{
    static const uint16_t ports[] = {
        SCENE_TCP_PORT, SCENE_UDP_PORT, SCENE_SCTP_PORT, SCENE_ONE_PACKET_PORT, 8080, 40000, 179,
        3784, 1024,
    };
    const uint32_t n = sizeof ports / sizeof ports[0];

    if (w->l4_bytes >= 4)
        wire_put16(w->l4 + (dice_roll(dice, 2) ? 2 : 0), ports[dice_roll(dice, n)]);
}

/* One of the first chunks: another type, or a length that may lie. */
static void set_chunk(struct wire *w, struct dice *dice)
{
    static const uint16_t lengths[] = { 0, 1, 3, 4, 5, 8, 12, 16, 20, 255, 1000, 65535 };
    uint32_t at = SCTP_CHUNKS;

    for (uint32_t n = dice_roll(dice, 4); n; n--) {
        const uint32_t next = at + ((wire_get16(w->l4 + at + 2) + 3u) & ~3u);

        if (next <= at || next + 4 > w->l4_bytes)
            break;
        at = next;
    }
    if (dice_roll(dice, 2))
        w->l4[at] = (uint8_t)dice_roll(dice, 16);
    else
        wire_put16(w->l4 + at + 2, lengths[dice_roll(dice, sizeof lengths / 2)]);
}

static void set_type(struct wire *w, struct dice *dice)
{
    static const uint8_t types4[] = { 0, 3, 4, 5, 8, 11, 12, 13, 14, 30 };
    static const uint8_t types6[] = { 1, 2, 3, 4, 128, 129, 130, 131, 133, 135, 136, 137 };

    if (w->l4_bytes < 14)
        return;
    if (w->proto == WIRE_TCP)
        w->l4[13] = (uint8_t)dice_roll(dice, 64);
    else if (w->proto == WIRE_SCTP && w->l4_bytes >= SCTP_CHUNKS + 4)
        set_chunk(w, dice);
    else if (w->proto == WIRE_ICMP)
        w->l4[0] = types4[dice_roll(dice, sizeof types4)];
    else if (w->proto == WIRE_ICMP6)
        w->l4[0] = types6[dice_roll(dice, sizeof types6)];
}

static void set_header(struct wire *w, struct dice *dice)
{
    static const uint8_t ttls[] = { 0, 1, 2, 64, 254, 255 };
    static const uint8_t protos[] = { 6, 17, 1, 58, 4, 41, 50, 132, 112 };

    switch (dice_roll(dice, 4)) {
    case 0: *wire_ttl(w) = ttls[dice_roll(dice, sizeof ttls)]; break;
    case 1: w->l3[w->af == 4 ? 9 : 6] = protos[dice_roll(dice, sizeof protos)]; break;
    case 2: w->l3[w->af == 4 ? 6 : 1] ^= (uint8_t)(0x20 << dice_roll(dice, 3)); break;
    default: w->l3[w->af == 4 ? 7 : 5] = (uint8_t)dice_roll(dice, 256); break;
    }
}

/* Room for n bytes at `at`; false: there is none. */
static bool open_gap(struct entry *e, uint8_t *at, uint32_t n)
{
    const uint32_t off = (uint32_t)(at - e->data);

    if (e->n_data + n > MAX_DATA || off > e->n_data)
        return false;
    memmove(at + n, at, e->n_data - off);
    e->n_data += n;
    return true;
}

static void add_ip_option(struct entry *e, struct wire *w, struct dice *dice)
{
    static const uint8_t kinds[] = { 7, 131, 137, 148, 1, 0, 68, 130 };
    uint8_t *at = w->l3 + 20;
    const uint8_t n = (uint8_t)(4 * (1 + dice_roll(dice, 3)));

    if ((w->l3[0] & 15) + n / 4 > 15 || !open_gap(e, at, n))
        return;
    memset(at, 1, n);
    at[0] = kinds[dice_roll(dice, sizeof kinds)];
    at[1] = (uint8_t)(dice_roll(dice, 4) ? n : dice_roll(dice, 16));
    at[2] = (uint8_t)(dice_roll(dice, 2) ? 4 : dice_roll(dice, 16));
    w->l3[0] = (uint8_t)(w->l3[0] + n / 4);
}

static void add_ext_header(struct entry *e, struct wire *w, struct dice *dice)
{
    static const uint8_t kinds[] = { 0, 43, 44, 60 };
    uint8_t *at = w->l3 + 40;
    const uint8_t kind = kinds[dice_roll(dice, sizeof kinds)];
    const uint8_t n = (uint8_t)(kind == 44 ? 8 : 8 * (1 + dice_roll(dice, 2)));

    if (!open_gap(e, at, n))
        return;
    memset(at, 0, n);
    at[0] = w->l3[6];
    at[1] = (uint8_t)(kind == 44 ? 0 : dice_roll(dice, 6) ? n / 8 - 1 : dice_roll(dice, 256));
    at[2] = kind == 44 ? (uint8_t)dice_roll(dice, 4) : 0;
    at[3] = (uint8_t)(dice_roll(dice, 2) ? 0 : dice_roll(dice, 256));
    w->l3[6] = kind;
}

static void add_tcp_option(struct entry *e, struct wire *w, struct dice *dice)
{
    static const uint8_t options[][2] = { /* kind, length */
        { 2, 4 }, { 3, 3 }, { 4, 2 }, { 5, 10 }, { 5, 18 }, { 8, 10 }, { 254, 8 }, { 254, 20 },
        { 1, 1 }, { 0, 1 }, { 8, 0 }, { 5, 255 }, { 30, 12 },
    };
    const uint8_t *option = options[dice_roll(dice, sizeof options / sizeof options[0])];
    const uint8_t n = (uint8_t)((option[1] % 41 + 3) / 4 * 4 ? (option[1] % 41 + 3) / 4 * 4 : 4);
    uint8_t *at = w->l4 + 20;

    if (w->proto != WIRE_TCP || w->l4_bytes < 20 || (w->l4[12] >> 4) + n / 4 > 15 ||
        !open_gap(e, at, n))
        return;
    memset(at, 1, n);
    at[0] = option[0];
    if (option[0] > 1)
        at[1] = option[1];
    w->l4[12] = (uint8_t)(w->l4[12] + (n / 4 << 4));
}

/* In front of the others. */
static void add_chunk(struct entry *e, struct wire *w, struct dice *dice)
{
    uint8_t *at = w->l4 + SCTP_CHUNKS;
    const uint8_t n = (uint8_t)(4 * (1 + dice_roll(dice, 5)));

    if (w->l4_bytes < SCTP_CHUNKS || !open_gap(e, at, n))
        return;
    memset(at, 0, n);
    at[0] = (uint8_t)dice_roll(dice, 15);
    at[3] = (uint8_t)(n - dice_roll(dice, 4));
}

static void add_extra_header(struct entry *e, struct wire *w, struct dice *dice)
{
    if (w->proto == WIRE_SCTP && dice_roll(dice, 2))
        add_chunk(e, w, dice);
    else if (w->proto == WIRE_TCP && dice_roll(dice, 2))
        add_tcp_option(e, w, dice);
    else if (w->af == 4)
        add_ip_option(e, w, dice);
    else
        add_ext_header(e, w, dice);
}

static void set_length(struct entry *e, struct dice *dice)
{
    static const uint16_t lengths[] = { 14, 33, 34, 42, 54, 60, 62, 74, 94, 590, 1294, 1514, 2100 };
    const uint32_t n = dice_roll(dice, 2) ? lengths[dice_roll(dice, sizeof lengths / 2)]
                                          : e->n_data + dice_roll(dice, 17) - 8;

    if (n > e->n_data && n <= MAX_DATA)
        memset(e->data + e->n_data, 0x77, n - e->n_data);
    if (n >= 1 && n <= MAX_DATA)
        e->n_data = n;
}

static void set_bytes(struct entry *e, struct dice *dice)
{
    const uint32_t n_head = e->n_data < 110 ? e->n_data : 110;

    if (dice_roll(dice, 2))
        e->data[dice_roll(dice, n_head)] ^= (uint8_t)(1 << dice_roll(dice, 8));
    else
        LLVMFuzzerMutate(e->data, n_head, n_head);
}

bool mutate_frame(struct entry *e, struct dice *dice)
{
    struct wire w;

    if (!wire_is_ip(e->data, e->n_data) ||
        !wire_read(e->data + WIRE_ETH, e->n_data - WIRE_ETH, &w)) {
        set_bytes(e, dice);
        return true;
    }
    switch (dice_roll(dice, 8)) {
    case 0: set_addr(&w, dice); break;
    case 1: set_ports(&w, dice); break;
    case 2: set_type(&w, dice); break;
    case 3: set_header(&w, dice); break;
    case 4: add_extra_header(e, &w, dice); break;
    case 5: set_length(e, dice); break;
    default: set_bytes(e, dice); break;
    }
    return true;
}
