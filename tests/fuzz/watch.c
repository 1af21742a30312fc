/* watch.c - see watch.h. Programs that the core takes are run by it on every packet of a device,
 * whose bytes end where the packet ends (packets.c); what it refuses must be refused for a reason,
 * but which is the tests' to say (base/bpf.c). */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

enum { INSN_BYTES = 8, MAX_INSNS = 512, SNAP_BYTES = 65535, ROOM_BYTES = 1 << 17 };

/* As messages.CapturePackets. */
struct seen {
    uint64_t time_ns;
    uint32_t wire_bytes, n_bytes;
    uint8_t direction, pad[3];
} __attribute__((packed));

void watch_begin(struct core *core, uint32_t dev, const uint8_t *program, uint32_t n_bytes)
{
    const uint32_t n = RTE_MIN(n_bytes / INSN_BYTES, (uint32_t)MAX_INSNS);
    uint8_t *exact = malloc(n ? n * INSN_BYTES : 1); /* so that a read behind it is found */
    int error;

    if (!exact)
        abort();
    memcpy(exact, program, n * INSN_BYTES);
    core_capture_stop(core);
    error = core_capture_start(core, dev, exact, n, SNAP_BYTES);
    free(exact);
    if (error && error != -EINVAL)
        judge_fail("a capture that does not begin", NULL);
}

void watch_read(struct core *core)
{
    static uint8_t room[ROOM_BYTES];
    uint64_t lost;
    int n;

    while ((n = core_capture_read(core, room, sizeof room, &lost)) > 0) {
        uint32_t at = 0;

        while (at < (uint32_t)n) {
            struct seen seen;

            if (at + sizeof seen > (uint32_t)n)
                judge_fail("half a record of a capture", NULL);
            memcpy(&seen, room + at, sizeof seen);
            if (!seen.n_bytes || seen.n_bytes > seen.wire_bytes || seen.direction > 1)
                judge_fail("a record of a capture that no packet can have", NULL);
            at += sizeof seen + seen.n_bytes;
        }
        if (at != (uint32_t)n)
            judge_fail("records of a capture that end in the middle", NULL);
    }
    if (n < 0 && n != -ENOENT)
        judge_fail("a capture that cannot be read", NULL);
}
