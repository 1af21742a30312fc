/* verdict.c - names and descriptions of the verdicts. */
#include "pkt/verdict.h"

#define V(symbol, drop, verdict_name, text) \
    [V_##symbol] = { .name = verdict_name, .help = text, .is_drop = drop },
const struct verdict_info verdict_info[N_VERDICTS] = { VERDICTS(V) };
#undef V
