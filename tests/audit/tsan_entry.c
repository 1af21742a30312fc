/* tsan_entry.c - what the compiler calls beside each access with -fsanitize=thread.
 *
 * The names are the compiler's. Atomic operations are carried out here, in the strongest order:
 * one thread plays all actors, so the order asked for is only written down.
 */
#include <stdbool.h>

#include "memory.h"
#include "record.h"

#define PC __builtin_return_address(0)

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc)
{
    memory_enter(pc);
    record(NULL, 0, TOUCH_ENTER, ORDER_PLAIN, PC);
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
    memory_leave();
}

#define PLAIN(name, bytes, touch)                              \
    void __tsan_##name(void *at);                              \
    void __tsan_##name(void *at)                               \
    {                                                          \
        record(at, bytes, touch, ORDER_PLAIN, PC);             \
    }

PLAIN(read1, 1, TOUCH_READ)
PLAIN(read2, 2, TOUCH_READ)
PLAIN(read4, 4, TOUCH_READ)
PLAIN(read8, 8, TOUCH_READ)
PLAIN(read16, 16, TOUCH_READ)
PLAIN(write1, 1, TOUCH_WRITE)
PLAIN(write2, 2, TOUCH_WRITE)
PLAIN(write4, 4, TOUCH_WRITE)
PLAIN(write8, 8, TOUCH_WRITE)
PLAIN(write16, 16, TOUCH_WRITE)
PLAIN(unaligned_read2, 2, TOUCH_READ)
PLAIN(unaligned_read4, 4, TOUCH_READ)
PLAIN(unaligned_read8, 8, TOUCH_READ)
PLAIN(unaligned_read16, 16, TOUCH_READ)
PLAIN(unaligned_write2, 2, TOUCH_WRITE)
PLAIN(unaligned_write4, 4, TOUCH_WRITE)
PLAIN(unaligned_write8, 8, TOUCH_WRITE)
PLAIN(unaligned_write16, 16, TOUCH_WRITE)

#define RANGE(name, touch)                                     \
    void __tsan_##name(void *at, unsigned long n_bytes);       \
    void __tsan_##name(void *at, unsigned long n_bytes)        \
    {                                                          \
        record(at, n_bytes, touch, ORDER_PLAIN, PC);           \
    }

RANGE(read_range, TOUCH_READ)
RANGE(write_range, TOUCH_WRITE)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
    record(NULL, 0, TOUCH_FENCE, order, PC);
}

void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order)
{
    (void)order;                /* for the compiler only: no instruction anywhere */
}

#define FETCH(bits, type, op)                                                            \
    type __tsan_atomic##bits##_fetch_##op(volatile type *at, type value, int order);     \
    type __tsan_atomic##bits##_fetch_##op(volatile type *at, type value, int order)      \
    {                                                                                    \
        record((const void *)at, sizeof(type), TOUCH_RMW, order, PC);                    \
        return __atomic_fetch_##op(at, value, __ATOMIC_SEQ_CST);                         \
    }

#define COMPARE(bits, type, name)                                                        \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile type *at, type *expected, \
                                                      type value, int order, int failed); \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile type *at, type *expected, \
                                                      type value, int order, int failed) \
    {                                                                                    \
        (void)failed;                                                                    \
        record((const void *)at, sizeof(type), TOUCH_RMW, order, PC);                    \
        return __atomic_compare_exchange_n(at, expected, value, false, __ATOMIC_SEQ_CST, \
                                           __ATOMIC_SEQ_CST);                            \
    }

#define ATOMIC(bits, type)                                                               \
    type __tsan_atomic##bits##_load(const volatile type *at, int order);                 \
    type __tsan_atomic##bits##_load(const volatile type *at, int order)                  \
    {                                                                                    \
        record((const void *)at, sizeof(type), TOUCH_READ, order, PC);                   \
        return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                    \
    }                                                                                    \
    void __tsan_atomic##bits##_store(volatile type *at, type value, int order);          \
    void __tsan_atomic##bits##_store(volatile type *at, type value, int order)           \
    {                                                                                    \
        record((const void *)at, sizeof(type), TOUCH_WRITE, order, PC);                  \
        __atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                   \
    }                                                                                    \
    type __tsan_atomic##bits##_exchange(volatile type *at, type value, int order);       \
    type __tsan_atomic##bits##_exchange(volatile type *at, type value, int order)        \
    {                                                                                    \
        record((const void *)at, sizeof(type), TOUCH_RMW, order, PC);                    \
        return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                         \
    }                                                                                    \
    FETCH(bits, type, add)                                                               \
    FETCH(bits, type, sub)                                                               \
    FETCH(bits, type, and)                                                               \
    FETCH(bits, type, or)                                                                \
    FETCH(bits, type, xor)                                                               \
    FETCH(bits, type, nand)                                                              \
    COMPARE(bits, type, strong)                                                          \
    COMPARE(bits, type, weak)

ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)
