/* lazy.c - anonymous mappings. */
#define _GNU_SOURCE
#include "base/lazy.h"

#include <sys/mman.h>

void *lazy_zalloc(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    madvise(memory, bytes, MADV_NOHUGEPAGE); /* a hint: some kernels know no large pages */
    return memory;
}

void lazy_free(void *memory, size_t bytes)
{
    if (memory)
        munmap(memory, bytes);
}
