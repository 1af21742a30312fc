/* steer.h - the end of steering, with the core's. */
#ifndef DPVS_API_STEER_H
#define DPVS_API_STEER_H

struct core;

void steer_destroy(struct core *core);

#endif
