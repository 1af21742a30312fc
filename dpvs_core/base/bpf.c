/* bpf.c - an interpreter of classic BPF (McCanne and Jacobson, 1993).
 *
 * Jumps go forward only, so a run ends after at most n instructions. Loads beyond the packet and
 * divisions by zero reject the packet, as the kernel's interpreter does. Validated once, when the
 * capture starts; no memory of its own.
 */
#include "base/bpf.h"

enum { N_MEM = 16 };

enum {
    CLASS_MASK = 0x07, LD = 0x00, LDX = 0x01, ST = 0x02, STX = 0x03, ALU = 0x04, JMP = 0x05,
    RET = 0x06, MISC = 0x07,
    SIZE_MASK = 0x18, SIZE_W = 0x00, SIZE_H = 0x08, SIZE_B = 0x10,
    MODE_MASK = 0xe0, IMM = 0x00, ABS = 0x20, IND = 0x40, MEM = 0x60, LEN = 0x80, MSH = 0xa0,
    OP_MASK = 0xf0, ADD = 0x00, SUB = 0x10, MUL = 0x20, DIV = 0x30, OR = 0x40, AND = 0x50,
    LSH = 0x60, RSH = 0x70, NEG = 0x80, MOD = 0x90, XOR = 0xa0,
    JA = 0x00, JEQ = 0x10, JGT = 0x20, JGE = 0x30, JSET = 0x40,
    SRC_X = 0x08, RVAL_MASK = 0x18, RVAL_A = 0x10,
    TAX = 0x00, TXA = 0x80,
};

/* --- validation ----------------------------------------------------------------------------- */

static bool is_valid_load(const struct bpf_insn *in)
{
    const unsigned mode = in->code & MODE_MASK, size = in->code & SIZE_MASK;
    const bool is_ldx = (in->code & CLASS_MASK) == LDX;

    if (in->code > 0xff || size == SIZE_MASK)
        return false;
    switch (mode) {
    case IMM:
    case LEN:
        return size == SIZE_W;
    case MEM:
        return size == SIZE_W && in->k < N_MEM;
    case ABS:
    case IND:
        return !is_ldx;
    case MSH:
        return is_ldx && size == SIZE_B;
    default:
        return false;
    }
}

static bool is_valid_alu(const struct bpf_insn *in)
{
    const unsigned op = in->code & OP_MASK;

    if (in->code > 0xff || op > XOR)
        return false;
    if (!(in->code & SRC_X) && (op == DIV || op == MOD))
        return in->k != 0;
    return true;
}

static bool is_valid_jump(const struct bpf_insn *in, uint32_t left)
{
    if (in->code > 0xff || (in->code & OP_MASK) > JSET)
        return false;
    if ((in->code & OP_MASK) == JA)
        return in->k < left;
    return in->jt < left && in->jf < left;
}

bool bpf_is_valid(const struct bpf_insn *insns, uint32_t n)
{
    if (!n || n > BPF_MAX_INSNS || (insns[n - 1].code & CLASS_MASK) != RET)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct bpf_insn *in = &insns[i];
        const uint32_t left = n - i - 1;
        bool ok = false;

        switch (in->code & CLASS_MASK) {
        case LD:
        case LDX:
            ok = is_valid_load(in);
            break;
        case ST:
        case STX:
            ok = in->k < N_MEM && (in->code & ~CLASS_MASK) == 0;
            break;
        case ALU:
            ok = is_valid_alu(in);
            break;
        case JMP:
            ok = is_valid_jump(in, left);
            break;
        case RET:
            ok = in->code == RET || in->code == (RET | RVAL_A);
            break;
        case MISC:
            ok = in->code == (MISC | TAX) || in->code == (MISC | TXA);
            break;
        }
        if (!ok)
            return false;
    }
    return true;
}

/* --- running -------------------------------------------------------------------------------- */

struct bpf_state {
    const uint8_t *pkt;
    uint32_t wire_bytes, n_bytes;
    uint32_t a, x, mem[N_MEM];
};

/* False: beyond the packet. */
static bool load_pkt(const struct bpf_state *s, uint64_t at, unsigned size, uint32_t *out)
{
    const uint32_t n = size == SIZE_W ? 4 : size == SIZE_H ? 2 : 1;

    if (at + n > s->n_bytes)
        return false;
    *out = 0;
    for (uint32_t i = 0; i < n; i++)
        *out = *out << 8 | s->pkt[at + i];
    return true;
}

static bool load(struct bpf_state *s, const struct bpf_insn *in)
{
    uint32_t *to = (in->code & CLASS_MASK) == LDX ? &s->x : &s->a;

    switch (in->code & MODE_MASK) {
    case IMM:
        *to = in->k;
        return true;
    case LEN:
        *to = s->wire_bytes;
        return true;
    case MEM:
        *to = s->mem[in->k];
        return true;
    case ABS:
        return load_pkt(s, in->k, in->code & SIZE_MASK, to);
    case IND:
        return load_pkt(s, s->x + in->k, in->code & SIZE_MASK, to); /* modulo 2^32 */
    default:                    /* MSH: an IP header's length */
        if (!load_pkt(s, in->k, SIZE_B, to))
            return false;
        *to = (*to & 15) * 4;
        return true;
    }
}

static bool compute(struct bpf_state *s, const struct bpf_insn *in)
{
    const uint32_t v = in->code & SRC_X ? s->x : in->k;

    switch (in->code & OP_MASK) {
    case ADD: s->a += v; break;
    case SUB: s->a -= v; break;
    case MUL: s->a *= v; break;
    case OR: s->a |= v; break;
    case AND: s->a &= v; break;
    case XOR: s->a ^= v; break;
    case LSH: s->a = v < 32 ? s->a << v : 0; break;
    case RSH: s->a = v < 32 ? s->a >> v : 0; break;
    case NEG: s->a = -s->a; break;
    case DIV:
    case MOD:
        if (!v)
            return false;
        s->a = (in->code & OP_MASK) == DIV ? s->a / v : s->a % v;
        break;
    }
    return true;
}

static uint32_t jump(const struct bpf_state *s, const struct bpf_insn *in)
{
    const uint32_t v = in->code & SRC_X ? s->x : in->k;

    switch (in->code & OP_MASK) {
    case JA: return in->k;
    case JEQ: return s->a == v ? in->jt : in->jf;
    case JGT: return s->a > v ? in->jt : in->jf;
    case JGE: return s->a >= v ? in->jt : in->jf;
    default: return s->a & v ? in->jt : in->jf; /* JSET */
    }
}

uint32_t bpf_run(const struct bpf_insn *in, const uint8_t *pkt, uint32_t wire_bytes,
                 uint32_t n_bytes)
{
    struct bpf_state s = { .pkt = pkt, .wire_bytes = wire_bytes, .n_bytes = n_bytes };

    for (;; in++) {
        switch (in->code & CLASS_MASK) {
        case LD:
        case LDX:
            if (!load(&s, in))
                return 0;
            break;
        case ST:
            s.mem[in->k] = s.a;
            break;
        case STX:
            s.mem[in->k] = s.x;
            break;
        case ALU:
            if (!compute(&s, in))
                return 0;
            break;
        case JMP:
            in += jump(&s, in);
            break;
        case RET:
            return (in->code & RVAL_MASK) == RVAL_A ? s.a : in->k;
        case MISC:
            if (in->code == (MISC | TXA))
                s.a = s.x;
            else
                s.x = s.a;
            break;
        }
    }
}
