/* layout.h - where fields stand, for the question which of them share a line. */
#ifndef DPVS_AUDIT_LAYOUT_H
#define DPVS_AUDIT_LAYOUT_H

/* Rows as text: field, struct, name, offset, bytes; size, struct, bytes. */
void layout_print(void);

#endif
