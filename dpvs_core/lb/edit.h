/* edit.h - an edit of the published set, as those who change parts of it see it. */
#ifndef DPVS_LB_EDIT_H
#define DPVS_LB_EDIT_H

#include "lb/nat_servers.h"
#include "lb/page_table.h"
#include "lb/service.h"

struct flag_change;

struct lb_edit {
    struct edit_memory memory;
    const struct lb *from;
    struct lb *next;
    struct flag_change *flag;   /* what a commit writes into core.dest_flags, in this order */
    uint32_t n_flags, flags_room;
    struct nat_gone nat_gone;   /* by this edit */
    uint32_t n_looked;          /* of core.nat_gone, the first ones; bits of `over`: which are */
    uint64_t over;
};

/* Room for a version's flags and for one more object in every list; 0 or -ENOMEM. */
int edit_reserve(struct lb_edit *edit, uint32_t n_flags);
/* A built version takes the place of `old` (NULL: it is new), of which it takes over what lives on;
 * room was reserved. 0 or -ENOMEM, and nothing done. Its row is the caller's to write. */
int edit_adopt(struct lb_edit *edit, struct service *s, struct service *old);
/* A version that the set no longer has; room for it was reserved. */
void edit_let_go(struct lb_edit *edit, struct service *s);

#endif
