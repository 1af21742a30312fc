/* wheel.c - the timer wheel of the host thread. */
#include "host/wheel.h"

#include <errno.h>

int wheel_create(struct wheel *wheel, struct env *env, uint32_t n_ids)
{
    *wheel = (struct wheel){ .node = env->ops->zalloc((n_ids + 1) * sizeof(*wheel->node)) };
    if (!wheel->node)
        return -ENOMEM;
    for (uint32_t i = 0; i <= n_ids; i++)
        wheel->node[i].slot = WHEEL_IDLE;
    return 0;
}

void wheel_destroy(struct wheel *wheel, struct env *env)
{
    env->ops->free(wheel->node);
    wheel->node = NULL;
}

static void link_into(struct wheel *wheel, uint16_t id, uint16_t slot)
{
    struct wheel_node *node = &wheel->node[id];

    node->slot = slot;
    node->prev = 0;
    node->next = wheel->head[slot];
    if (node->next)
        wheel->node[node->next].prev = id;
    wheel->head[slot] = id;
}

static void unlink_from(struct wheel *wheel, uint16_t id)
{
    struct wheel_node *node = &wheel->node[id];

    if (node->prev)
        wheel->node[node->prev].next = node->next;
    else
        wheel->head[node->slot] = node->next;
    if (node->next)
        wheel->node[node->next].prev = node->prev;
    node->slot = WHEEL_IDLE;
}

void wheel_disarm(struct wheel *wheel, uint16_t id)
{
    if (wheel->node[id].slot == WHEEL_IDLE)
        return;
    unlink_from(wheel, id);
    wheel->n_armed--;
}

void wheel_arm(struct wheel *wheel, uint16_t id, uint64_t due_us)
{
    uint64_t due_tick = (due_us + WHEEL_TICK_US - 1) / WHEEL_TICK_US;

    wheel_disarm(wheel, id);
    if (due_tick <= wheel->tick)
        due_tick = wheel->tick + 1;
    wheel->node[id].due_tick = due_tick;
    link_into(wheel, id, (uint16_t)(due_tick % WHEEL_SLOTS));
    wheel->n_armed++;
}

static void turn_to(struct wheel *wheel, uint64_t tick)
{
    if (tick > wheel->tick + WHEEL_SLOTS)
        wheel->tick = tick - WHEEL_SLOTS; /* a whole turn looks at every slot */
    while (wheel->tick < tick) {
        const uint16_t slot = (uint16_t)(++wheel->tick % WHEEL_SLOTS);

        for (uint16_t id = wheel->head[slot], next; id; id = next) {
            next = wheel->node[id].next;
            if (wheel->node[id].due_tick <= tick) {
                unlink_from(wheel, id);
                link_into(wheel, id, WHEEL_READY);
            }
        }
    }
}

uint16_t wheel_pop(struct wheel *wheel, uint64_t now_us)
{
    uint16_t id;

    if (!wheel->head[WHEEL_READY])
        turn_to(wheel, now_us / WHEEL_TICK_US);
    id = wheel->head[WHEEL_READY];
    if (id)
        wheel_disarm(wheel, id);
    return id;
}

uint64_t wheel_wait_us(const struct wheel *wheel, uint64_t now_us, uint64_t max_us)
{
    if (wheel->head[WHEEL_READY])
        return 0;
    if (!wheel->n_armed)
        return max_us;
    for (uint64_t tick = wheel->tick + 1; tick <= wheel->tick + WHEEL_SLOTS; tick++) {
        const uint64_t at_us = tick * WHEEL_TICK_US;

        if (at_us >= now_us + max_us)
            break;
        if (wheel->head[tick % WHEEL_SLOTS])
            return at_us > now_us ? at_us - now_us : 0;
    }
    return max_us;
}
