/* director.h - the core under test, made from a scene. */
#ifndef SOAK_DIRECTOR_H
#define SOAK_DIRECTOR_H

#include "dpvs_core.h"
#include "scene.h"

/* A plain core that knows all its neighbours; exits with a sentence when it cannot be made. */
struct core *director_make(const struct scene *s, uint64_t now_us);
/* Services and dests as the scene has them now, as one set. */
void director_publish(struct core *core, const struct scene *s);

#endif
