/* lazy.h - zeroed memory that costs nothing until it is touched.
 *
 * For large tables of which most stay unused: a mapping of ordinary pages, taken one by one as they
 * are first written (a page fault of the writer, on the writer's NUMA node) and given back whole.
 * Never hugepages: those would be taken at once. Works with and without EAL.
 */
#ifndef DPVS_BASE_LAZY_H
#define DPVS_BASE_LAZY_H

#include <stddef.h>

/* Page-aligned; NULL: no room in the address space. */
void *lazy_zalloc(size_t bytes);
/* `bytes` as they were asked for; NULL is nothing. */
void lazy_free(void *memory, size_t bytes);

#endif
