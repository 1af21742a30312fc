/* retire.h - what is freed later, because a thread may still read it.
 *
 * A list is collected while a new version is made and handed over whole when that is published;
 * its memory is the master's alone. core_release frees a bounded number of objects a call.
 */
#ifndef DPVS_WORKER_RETIRE_H
#define DPVS_WORKER_RETIRE_H

#include <stdint.h>

struct core;
struct retired;

typedef void release_fn(struct core *core, void *object);

/* An empty list; NULL: no memory. */
struct retired *retired_create(struct core *core);
/* Room for `n` more objects: 0 or -ENOMEM. */
int retired_reserve(struct core *core, struct retired *list, uint32_t n);
/* Into room reserved before; the object's place, for retired_set. */
uint32_t retired_add(struct retired *list, void *object, release_fn *release);
/* Another object in that place, or NULL: none. */
void retired_set(struct retired *list, uint32_t at, void *object);
/* The list without its objects. */
void retired_forget(struct core *core, struct retired *list);

/* Free the objects and the list once no thread can read them any more. */
void core_retire_list(struct core *core, struct retired *list);
/* The same for one object; NULL is nothing. */
void core_retire(struct core *core, void *object, release_fn *release);
/* Free what no thread reads any more, a bounded number of objects; how many wait. */
uint32_t core_release(struct core *core);
/* A release_fn for what env's zalloc gave. */
void release_memory(struct core *core, void *memory);

#endif
