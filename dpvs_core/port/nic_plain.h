/* nic_plain.h - the card that a plain core's device simulates, for tests of steering. */
#ifndef DPVS_PORT_NIC_PLAIN_H
#define DPVS_PORT_NIC_PLAIN_H

#include "worker/core.h"

/* NULL: no memory. */
struct plain_nic *plain_nic_create(uint8_t kind, uint16_t max_rules, uint16_t n_rxq);
void plain_nic_destroy(struct plain_nic *nic);
/* The queue it gives a frame to. */
uint16_t plain_nic_queue(const struct plain_nic *nic, const uint8_t *frame, uint32_t n_bytes);

#endif
