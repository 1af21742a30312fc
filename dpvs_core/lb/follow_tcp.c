/* follow_tcp.c - the client's address for the server (F-091), and room for it (F-081). */
#include "lb/follow_tcp.h"

#include "lb/conn_table.h"
#include "worker/worker.h"

void follow_add_toa(struct worker *w, struct conn_side *client, struct pkt *p, uint16_t mtu)
{
    uint32_t beyond;

    if ((p->tcp_flags & (TCP_SYN | TCP_RST)) || !(p->tcp_flags & TCP_ACK) ||
        !(client->flags & CONN_SYNACK_SEEN))
        return;
    beyond = rte_be_to_cpu_32(pkt_tcp(p)->ack_be) - conn_rest(w->conns, side_conn(client))->toa_seq;
    if (beyond == 0) {
        if (!tcp_insert_toa(p, side_af(client), side_src(client), client->sport_be, mtu))
            worker_count(w, V_TOA_NO_ROOM);
    } else if (beyond < 0x80000000u) {
        client->flags &= (uint8_t)~CONN_TOA;
    }
}

/* The option's bytes are also enough for a client of IPv6 whose server has IPv4: what the server
 * may receive, behind headers of 20 bytes less, is so many bytes less on the client's own way. */
void follow_synack(struct worker *w, struct conn_side *in, struct pkt *p)
{
    struct conn *c = side_conn(in);

    tcp_lower_mss(p, toa_bytes(side_af(&c->client)));
    conn_rest(w->conns, c)->toa_seq = rte_be_to_cpu_32(pkt_tcp(p)->seq_be) + in->seq_add + 1;
    c->client.flags |= CONN_SYNACK_SEEN;
}
