/* icmp_kind.c - what errors mean, and how the other family says it (RFC 7915 4.2, 5.2). */
#include "pkt/icmp_error.h"

enum { ANY_CODE = 0xff, NOWHERE = 0xff };

enum rest { NOTHING, MTU, POINTER, POINTS_AT_PROTOCOL };

struct kind_row {
    uint8_t type, code, other_type, other_code;
    enum rest rest;
};

static const struct kind_row from4[] = {
    { ICMP_UNREACHABLE, 0, ICMP6_UNREACHABLE, 0, NOTHING }, /* network */
    { ICMP_UNREACHABLE, 1, ICMP6_UNREACHABLE, 0, NOTHING }, /* host */
    { ICMP_UNREACHABLE, 2, ICMP6_PARAMETER, 1, POINTS_AT_PROTOCOL },
    { ICMP_UNREACHABLE, 3, ICMP6_UNREACHABLE, 4, NOTHING }, /* port */
    { ICMP_UNREACHABLE, 4, ICMP6_TOO_BIG, 0, MTU },
    { ICMP_UNREACHABLE, 5, ICMP6_UNREACHABLE, 0, NOTHING }, /* source route */
    { ICMP_UNREACHABLE, 6, ICMP6_UNREACHABLE, 0, NOTHING }, /* network or host unknown ... */
    { ICMP_UNREACHABLE, 7, ICMP6_UNREACHABLE, 0, NOTHING },
    { ICMP_UNREACHABLE, 8, ICMP6_UNREACHABLE, 0, NOTHING },
    { ICMP_UNREACHABLE, 9, ICMP6_UNREACHABLE, 1, NOTHING }, /* prohibited */
    { ICMP_UNREACHABLE, 10, ICMP6_UNREACHABLE, 1, NOTHING },
    { ICMP_UNREACHABLE, 11, ICMP6_UNREACHABLE, 0, NOTHING }, /* for this type of service */
    { ICMP_UNREACHABLE, 12, ICMP6_UNREACHABLE, 0, NOTHING },
    { ICMP_UNREACHABLE, 13, ICMP6_UNREACHABLE, 1, NOTHING }, /* prohibited by a filter */
    { ICMP_UNREACHABLE, 15, ICMP6_UNREACHABLE, 1, NOTHING }, /* precedence cutoff */
    { ICMP_TIME_EXCEEDED, 0, ICMP6_TIME_EXCEEDED, 0, NOTHING },
    { ICMP_TIME_EXCEEDED, 1, ICMP6_TIME_EXCEEDED, 1, NOTHING },
    { ICMP_PARAMETER, 0, ICMP6_PARAMETER, 0, POINTER },
    { ICMP_PARAMETER, 2, ICMP6_PARAMETER, 0, POINTER },
};

static const struct kind_row from6[] = {
    { ICMP6_UNREACHABLE, 0, ICMP_UNREACHABLE, 1, NOTHING }, /* no route */
    { ICMP6_UNREACHABLE, 1, ICMP_UNREACHABLE, 10, NOTHING }, /* prohibited */
    { ICMP6_UNREACHABLE, 2, ICMP_UNREACHABLE, 1, NOTHING }, /* beyond scope */
    { ICMP6_UNREACHABLE, 3, ICMP_UNREACHABLE, 1, NOTHING }, /* address */
    { ICMP6_UNREACHABLE, 4, ICMP_UNREACHABLE, 3, NOTHING }, /* port */
    { ICMP6_TOO_BIG, ANY_CODE, ICMP_UNREACHABLE, ICMP_CODE_FRAG_NEEDED, MTU },
    { ICMP6_TIME_EXCEEDED, 0, ICMP_TIME_EXCEEDED, 0, NOTHING },
    { ICMP6_TIME_EXCEEDED, 1, ICMP_TIME_EXCEEDED, 1, NOTHING },
    { ICMP6_PARAMETER, 0, ICMP_PARAMETER, 0, POINTER },
    { ICMP6_PARAMETER, 1, ICMP_UNREACHABLE, 2, NOTHING }, /* next header unknown */
};

/* Bytes of a header, and where the other family's has the same field. */
struct pointer_row {
    uint8_t first, last, other;
};

static const struct pointer_row pointer4[] = {
    { 0, 0, 0 }, { 1, 1, 1 }, { 2, 3, 4 }, { 8, 8, 7 }, { 9, 9, 6 }, { 12, 15, 8 }, { 16, 19, 24 },
};
static const struct pointer_row pointer6[] = {
    { 0, 0, 0 }, { 1, 1, 1 }, { 4, 5, 2 }, { 6, 6, 9 }, { 7, 7, 8 }, { 8, 23, 12 }, { 24, 39, 16 },
};
enum { POINTER_ROWS = 7, IP6_PROTOCOL_AT = 6, POINTER4_SHIFT = 24 };
static_assert(RTE_DIM(pointer4) == POINTER_ROWS && RTE_DIM(pointer6) == POINTER_ROWS,
              "same fields");

static uint8_t translate_pointer(uint8_t from_af, uint32_t at)
{
    const struct pointer_row *rows = from_af == 4 ? pointer4 : pointer6;

    for (unsigned i = 0; i < POINTER_ROWS; i++)
        if (at >= rows[i].first && at <= rows[i].last)
            return rows[i].other;
    return NOWHERE;
}

static bool translate_rest(uint8_t from_af, enum rest what, uint32_t *rest)
{
    uint8_t other;

    switch (what) {
    case MTU:
        *rest = from_af == 4 ? *rest & 0xffff : RTE_MIN(*rest, (uint32_t)UINT16_MAX);
        return true;
    case POINTER:
        other = translate_pointer(from_af, from_af == 4 ? *rest >> POINTER4_SHIFT : *rest);
        *rest = from_af == 4 ? other : (uint32_t)other << POINTER4_SHIFT;
        return other != NOWHERE;
    case POINTS_AT_PROTOCOL:
        *rest = IP6_PROTOCOL_AT;
        return true;
    default:
        *rest = 0;
        return true;
    }
}

bool icmp_is_error(uint8_t af, uint8_t type)
{
    if (af == 4)
        return type == ICMP_UNREACHABLE || type == ICMP_QUENCH || type == ICMP_TIME_EXCEEDED ||
               type == ICMP_PARAMETER;
    return type == ICMP6_UNREACHABLE || type == ICMP6_TOO_BIG || type == ICMP6_TIME_EXCEEDED ||
           type == ICMP6_PARAMETER;
}

bool icmp_kind_translate(uint8_t from_af, struct icmp_kind *kind)
{
    const struct kind_row *rows = from_af == 4 ? from4 : from6;
    const unsigned n = from_af == 4 ? RTE_DIM(from4) : RTE_DIM(from6);

    for (unsigned i = 0; i < n; i++) {
        const struct kind_row *row = &rows[i];

        if (row->type != kind->type || (row->code != kind->code && row->code != ANY_CODE))
            continue;
        kind->type = row->other_type;
        kind->code = row->other_code;
        return translate_rest(from_af, row->rest, &kind->rest);
    }
    return false;
}

bool icmp_kind_is_too_big(uint8_t af, const struct icmp_kind *kind)
{
    if (af == 4)
        return kind->type == ICMP_UNREACHABLE && kind->code == ICMP_CODE_FRAG_NEEDED;
    return kind->type == ICMP6_TOO_BIG;
}

uint16_t icmp_plateau(uint16_t l3_len)
{
    static const uint16_t plateau[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296 };

    for (unsigned i = 0; i < RTE_DIM(plateau); i++)
        if (plateau[i] < l3_len)
            return plateau[i];
    return 68;
}
