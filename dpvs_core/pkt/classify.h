/* classify.h - control traffic before bulk, on every ring between the host thread and workers. */
#ifndef DPVS_PKT_CLASSIFY_H
#define DPVS_PKT_CLASSIFY_H

#include <stdint.h>

enum { HOST_CLASSES = 2 };
enum host_class { CLASS_CONTROL, CLASS_BULK };

/* A whole Ethernet frame, tags allowed. Whatever cannot be read that far is bulk. */
enum host_class pkt_class(const uint8_t *frame, uint32_t n_bytes);

#endif
