/* wheel.h - one timer an id, a hashed wheel of 50 ms ticks.
 *
 * Arming and disarming are O(1); a timer further away than one turn (25.6 s) is looked at once a
 * turn. Single threaded; the memory is the caller's (wheel_create, wheel_destroy).
 */
#ifndef DPVS_HOST_WHEEL_H
#define DPVS_HOST_WHEEL_H

#include <stdint.h>

#include "base/env.h"

enum { WHEEL_SLOTS = 512, WHEEL_TICK_US = 50000, WHEEL_READY = WHEEL_SLOTS, WHEEL_IDLE = 0xffff };

struct wheel_node {
    uint64_t due_tick;
    uint16_t next, prev;        /* ids; 0: none */
    uint16_t slot;              /* WHEEL_READY: due; WHEEL_IDLE: not armed */
};

struct wheel {
    uint64_t tick;              /* all up to here was looked at */
    uint32_t n_armed;
    uint16_t head[WHEEL_SLOTS + 1];
    struct wheel_node *node;    /* [n_ids + 1]; id 0 is not used */
};

int wheel_create(struct wheel *wheel, struct env *env, uint32_t n_ids);
void wheel_destroy(struct wheel *wheel, struct env *env);
/* Replaces the id's timer, if it has one. */
void wheel_arm(struct wheel *wheel, uint16_t id, uint64_t due_us);
void wheel_disarm(struct wheel *wheel, uint16_t id);
/* Disarms and returns an id that is due, 0 if there is none. */
uint16_t wheel_pop(struct wheel *wheel, uint64_t now_us);
/* Until the next tick that has timers, at most max_us. */
uint64_t wheel_wait_us(const struct wheel *wheel, uint64_t now_us, uint64_t max_us);

#endif
