/* protocol.c - ARP for IPv4 (RFC 826), neighbour discovery for IPv6 (RFC 4861). */
#include "host/protocol.h"

#include "host/arp.h"
#include "host/nd.h"

static const struct protocol protocols[] = {
    { .request = arp_request, .announce = arp_announce },
    { .request = nd_request, .announce = nd_announce },
};

const struct protocol *protocol_of(uint8_t af)
{
    return &protocols[af == 6];
}
