/* packets.h - the packet memory of a core that is fuzzed. */
#ifndef FUZZ_PACKETS_H
#define FUZZ_PACKETS_H

#include "base/env.h"

/* Tables as env_plain has them; each packet is two pieces of the heap with poisoned tails. */
extern const struct env_ops packets_exact;

#endif
