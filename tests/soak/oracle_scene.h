/* oracle_scene.h - addresses of a packet as places in the scene; -1: not in it. */
#ifndef SOAK_ORACLE_SCENE_H
#define SOAK_ORACLE_SCENE_H

#include <string.h>

#include "scene.h"

static inline int scene_service(const struct scene *s, const uint8_t addr[16], uint16_t port,
                                uint8_t proto)
{
    for (int i = 0; i < N_SERVICES; i++)
        if (s->service[i].port == port && s->service[i].proto == proto &&
            !memcmp(s->service[i].vip, addr, 16))
            return i;
    return -1;
}

static inline int scene_laddr(const struct scene *s, const uint8_t addr[16])
{
    for (uint32_t i = 0; i < s->n_laddrs; i++)
        if (!memcmp(s->laddr[i], addr, 16))
            return (int)i;
    return -1;
}

static inline int scene_server(const struct scene *s, const uint8_t addr[16], uint16_t port)
{
    for (int i = 0; i < N_SERVERS; i++)
        if (s->server[i].port == port && !memcmp(s->server[i].addr, addr, 16))
            return i;
    return -1;
}

static inline int scene_dest(const struct scene *s, unsigned service, int server)
{
    for (unsigned i = service * N_DESTS_EACH; i < (service + 1) * N_DESTS_EACH; i++)
        if (s->dest[i].server == server)
            return (int)i;
    return -1;
}

#endif
