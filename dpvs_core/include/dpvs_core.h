/* dpvs_core.h - the whole C API of the forwarding core, and the declaration cffi reads: a header a
 * subject, all of them here.
 *
 * Called by the master only (checked: every function but core_step_* fails with -EPERM on
 * another thread than the one that called core_create). No call blocks or takes over 1 ms;
 * lists are filled into the caller's arrays with a cursor. Functions returning int give 0 or a
 * positive result, or a negative errno. Addresses are 16 bytes, network order, IPv4 in the first
 * four and the rest zero; `af` is 4 or 6; ports are in host byte order.
 *
 * Ownership: the core copies what it is given. Nothing returned needs freeing but the core.
 */
#ifndef DPVS_CORE_H
#define DPVS_CORE_H

#include "core_eal.h"
#include "core_life.h"
#include "core_device.h"
#include "core_lb.h"
#include "core_stack.h"
#include "core_watch.h"
#include "core_step.h"

#endif
