/* sched_index.h - an array of numbers up to `most`, two bytes each where they fit. */
#ifndef DPVS_LB_SCHED_INDEX_H
#define DPVS_LB_SCHED_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_array {
    bool wide;
    union {
        uint16_t *narrow_value;
        uint32_t *wide_value;
    };
};

static inline size_t index_bytes(uint32_t most, size_t n)
{
    return n * (most > UINT16_MAX ? sizeof(uint32_t) : sizeof(uint16_t));
}

static inline struct index_array index_array(uint32_t most, void *memory)
{
    return (struct index_array){ .wide = most > UINT16_MAX, .wide_value = memory };
}

static inline uint32_t index_get(const struct index_array *a, size_t i)
{
    return a->wide ? a->wide_value[i] : a->narrow_value[i];
}

static inline void index_set(const struct index_array *a, size_t i, uint32_t value)
{
    if (a->wide)
        a->wide_value[i] = value;
    else
        a->narrow_value[i] = (uint16_t)value;
}

#endif
