/* record.h - who touched which line of memory, by which instruction.
 *
 * The core is compiled with -fsanitize=thread and linked without its library: the calls that the
 * compiler puts beside every access to memory end here (tsan_entry.c, memory.c). While an actor's
 * turn is recorded each access adds to one row a (line, actor, kind, instruction): a hash of
 * MAX_ROWS rows, O(1) an access. The stack of the turn is no shared memory and is left out. When a
 * table is full the program stops: a list with holes would say that all is well.
 */
#ifndef DPVS_AUDIT_RECORD_H
#define DPVS_AUDIT_RECORD_H

#include <stddef.h>
#include <stdint.h>

enum touch { TOUCH_READ, TOUCH_WRITE, TOUCH_RMW, TOUCH_FENCE, TOUCH_ENTER };
enum { ORDER_PLAIN = -1 };      /* else __ATOMIC_* */

/* What the calling thread does from here to record_end is actor's; nothing is recorded between. */
void record_begin(uint32_t actor);
void record_end(void);
/* An access by the instruction before return address `pc`; no bytes: a fence, a function begun. */
void record(const void *at, size_t n_bytes, enum touch touch, int order, const void *pc);
/* Rows as text: touch, actor, kind, order, line, mask of its bytes, pc, how often. */
void record_print(void);

#endif
