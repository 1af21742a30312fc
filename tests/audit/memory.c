/* memory.c - the wrapped functions and the list of what is allocated. */
#include "memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "record.h"

#define PC __builtin_return_address(0)

enum { MAX_DEPTH = 256, MAX_AREAS = 4096, CALLERS = 3 };

struct area {
    const void *at;
    size_t n_bytes;
    void *caller[CALLERS];      /* innermost first */
    const char *name;           /* NULL: from calloc or mmap */
    bool is_map;
};

static void *callers[MAX_DEPTH];
static unsigned depth;
static struct area areas[MAX_AREAS];
static unsigned n_areas;

void memory_enter(void *caller)
{
    if (depth == MAX_DEPTH)
        abort();
    callers[depth++] = caller;
}

void memory_leave(void)
{
    depth--;
}

static struct area *area_new(const void *at, size_t n_bytes)
{
    if (n_areas == MAX_AREAS)
        abort();
    areas[n_areas] = (struct area){ .at = at, .n_bytes = n_bytes };
    for (unsigned k = 0; k < CALLERS && k < depth; k++)
        areas[n_areas].caller[k] = callers[depth - 1 - k];
    return &areas[n_areas++];
}

static void area_forget(const void *at)
{
    for (unsigned i = 0; at && i < n_areas; i++)
        if (areas[i].at == at) {
            areas[i] = areas[--n_areas];
            return;
        }
}

void memory_name(const void *at, size_t n_bytes, const char *name)
{
    area_new(at, n_bytes)->name = name;
}

void memory_print(void)
{
    for (unsigned i = 0; i < n_areas; i++) {
        const struct area *a = &areas[i];

        if (a->name) {
            printf("named %p %zu %s\n", a->at, a->n_bytes, a->name);
            continue;
        }
        printf("%s %p %zu", a->is_map ? "map" : "alloc", a->at, a->n_bytes);
        for (unsigned k = 0; k < CALLERS && a->caller[k]; k++)
            printf(" %#lx", (uintptr_t)a->caller[k] - 1);
        printf("\n");
    }
}

/* --- the wrapped functions -------------------------------------------------------------------- */

void *__real_calloc(size_t n, size_t n_bytes);
void __real_free(void *at);
void *__real_mmap(void *want, size_t n_bytes, int prot, int flags, int fd, off_t offset);
int __real_munmap(void *at, size_t n_bytes);
void *__real_memcpy(void *to, const void *from, size_t n_bytes);
void *__real_memmove(void *to, const void *from, size_t n_bytes);
void *__real_memset(void *to, int byte, size_t n_bytes);
int __real_memcmp(const void *a, const void *b, size_t n_bytes);
void *__wrap_calloc(size_t n, size_t n_bytes);
void __wrap_free(void *at);
void *__wrap_mmap(void *want, size_t n_bytes, int prot, int flags, int fd, off_t offset);
int __wrap_munmap(void *at, size_t n_bytes);
void *__wrap_memcpy(void *to, const void *from, size_t n_bytes);
void *__wrap_memmove(void *to, const void *from, size_t n_bytes);
void *__wrap_memset(void *to, int byte, size_t n_bytes);
int __wrap_memcmp(const void *a, const void *b, size_t n_bytes);

void *__wrap_calloc(size_t n, size_t n_bytes)
{
    void *at = __real_calloc(n, n_bytes);

    if (at)
        area_new(at, n * n_bytes);
    return at;
}

void __wrap_free(void *at)
{
    area_forget(at);
    __real_free(at);
}

void *__wrap_mmap(void *want, size_t n_bytes, int prot, int flags, int fd, off_t offset)
{
    void *at = __real_mmap(want, n_bytes, prot, flags, fd, offset);

    if (at != MAP_FAILED)
        area_new(at, n_bytes)->is_map = true;
    return at;
}

int __wrap_munmap(void *at, size_t n_bytes)
{
    area_forget(at);
    return __real_munmap(at, n_bytes);
}

void *__wrap_memcpy(void *to, const void *from, size_t n_bytes)
{
    record(from, n_bytes, TOUCH_READ, ORDER_PLAIN, PC);
    record(to, n_bytes, TOUCH_WRITE, ORDER_PLAIN, PC);
    return __real_memcpy(to, from, n_bytes);
}

void *__wrap_memmove(void *to, const void *from, size_t n_bytes)
{
    record(from, n_bytes, TOUCH_READ, ORDER_PLAIN, PC);
    record(to, n_bytes, TOUCH_WRITE, ORDER_PLAIN, PC);
    return __real_memmove(to, from, n_bytes);
}

void *__wrap_memset(void *to, int byte, size_t n_bytes)
{
    record(to, n_bytes, TOUCH_WRITE, ORDER_PLAIN, PC);
    return __real_memset(to, byte, n_bytes);
}

int __wrap_memcmp(const void *a, const void *b, size_t n_bytes)
{
    record(a, n_bytes, TOUCH_READ, ORDER_PLAIN, PC);
    record(b, n_bytes, TOUCH_READ, ORDER_PLAIN, PC);
    return __real_memcmp(a, b, n_bytes);
}
