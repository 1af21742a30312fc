/* memory.h - allocations with the place they were asked for, and mem* calls as accesses.
 *
 * The linker sends the core's memcpy, memmove, memset, memcmp, calloc and free here (--wrap), for
 * the sanitizer does not mark those. The functions entered and not left, which it does mark, tell
 * where an allocation was asked for; that names a touched line better than its address.
 */
#ifndef DPVS_AUDIT_MEMORY_H
#define DPVS_AUDIT_MEMORY_H

#include <stddef.h>

void memory_enter(void *caller);
void memory_leave(void);
/* Memory that is not from calloc, under a name of its own. */
void memory_name(const void *at, size_t n_bytes, const char *name);
/* Rows as text: alloc, address, bytes, the pcs that asked for it; named, address, bytes, name. */
void memory_print(void);

#endif
