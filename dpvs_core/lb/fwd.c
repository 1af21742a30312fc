/* fwd.c - the table of forwarding modes. */
#include "lb/fwd.h"

const struct fwd_ops *const fwd_table[CORE_N_FWDS] = {
    [CORE_FWD_FNAT] = &fwd_fnat,
};
