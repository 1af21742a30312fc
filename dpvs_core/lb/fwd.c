/* fwd.c - the table of forwarding modes. */
#include "lb/fwd.h"

#include "pkt/tcp_option.h"

/* Rows for every protocol first. */
const struct fwd_ops *const fwd_table[N_FWD_ROWS] = {
    &fwd_fnat4, &fwd_fnat6, &fwd_fnat64, &fwd_fnat46,
    &fwd_nat4, &fwd_nat6,
    &fwd_dr4, &fwd_dr6,
    &fwd_tunnel44, &fwd_tunnel46, &fwd_tunnel64, &fwd_tunnel66,
    &fwd_snat4, &fwd_snat6,
    &fwd_sctp_fnat4, &fwd_sctp_fnat6, &fwd_sctp_fnat64, &fwd_sctp_fnat46,
    &fwd_sctp_nat4, &fwd_sctp_nat6, &fwd_sctp_snat4, &fwd_sctp_snat6,
};

int fwd_row(uint8_t mode, uint8_t client_af, uint8_t server_af)
{
    for (int i = 0; i < N_FWD_ROWS; i++)
        if (fwd_table[i]->mode == mode && fwd_table[i]->client_af == client_af &&
            fwd_table[i]->server_af == server_af)
            return i;
    return NO_FWD_ROW;
}

int fwd_row_of(uint8_t proto, uint8_t mode, uint8_t client_af, uint8_t server_af)
{
    for (int i = 0; i < N_FWD_ROWS; i++)
        if (fwd_table[i]->proto == proto && fwd_table[i]->mode == mode &&
            fwd_table[i]->client_af == client_af && fwd_table[i]->server_af == server_af)
            return i;
    return fwd_row(mode, client_af, server_af);
}

enum verdict fwd_verdict(const struct conn_side *in)
{
    const unsigned from_world = fwd_table[in->fwd]->mode == CORE_FWD_SNAT ? SIDE_SERVER
                                                                          : SIDE_CLIENT;

    return side_number(in) == from_world ? V_FORWARD_IN : V_FORWARD_OUT;
}

/* Also after the connection's last option: the sender's next one to the same address has it. */
uint16_t fwd_option_bytes(const struct conn_side *from)
{
    const bool has_toa = fwd_table[from->fwd]->mode == CORE_FWD_FNAT &&
                         from->proto == PROTO_TCP && side_number(from) == SIDE_CLIENT;

    return has_toa ? toa_bytes(side_af(from)) : 0;
}
