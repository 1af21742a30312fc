/* bpf.h - classic BPF programs as tcpdump and libpcap compile them (struct sock_filter). */
#ifndef DPVS_BASE_BPF_H
#define DPVS_BASE_BPF_H

#include <stdbool.h>
#include <stdint.h>

enum { BPF_MAX_INSNS = 4096 };

struct bpf_insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};
_Static_assert(sizeof(struct bpf_insn) == 8, "as the kernel's struct sock_filter");

/* Whether bpf_run may run it: known opcodes, jumps forward and inside, ends with a return. */
bool bpf_is_valid(const struct bpf_insn *insns, uint32_t n);
/* Bytes to keep of a packet of `wire_bytes` whose first `n_bytes` are here; 0: not wanted. */
uint32_t bpf_run(const struct bpf_insn *insns, const uint8_t *pkt, uint32_t wire_bytes,
                 uint32_t n_bytes);

#endif
