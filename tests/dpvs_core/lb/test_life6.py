"""The life of an IPv6 connection where it is not the oracle's: resets, option 254's room, standby,
next hops that are not known."""

import pytest

from tests.oracle.fnat import with_toa
from tests.oracle.nd import Station
from tests.oracle.wire import ACK, RST, SYN, Tcp, bad_checksums, ip_frame
from tests.steps.core import MAC, Dest, lib
from tests.steps.scene import (
    CLIENT6,
    LIP6,
    RS6,
    RS_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    VIP6,
    Flow,
    balancer6,
    director6,
    from_client,
    tcp_of,
)


def flow6(core, cport: int = 40000) -> Flow:
    return Flow(core, cport, CLIENT6, VIP6)


def test_a_segment_without_a_connection_is_answered_with_a_reset() -> None:
    with balancer6() as core:
        (out,) = core.forward(from_client(Tcp(1, 80, 7, 99, ACK, payload=b"x"), CLIENT6, VIP6))
        assert (tcp_of(out).flags, tcp_of(out).seq) == (RST, 99)
        assert bad_checksums(out[14:]) == []
        to_lip = from_client(Tcp(80, 2000, 7, flags=SYN), RS6, LIP6)[14:]
        (out,) = core.forward(ip_frame(MAC[1], RS_MAC, to_lip), 1)
        assert (tcp_of(out).flags, tcp_of(out).ack) == (RST | ACK, 8)
        assert bad_checksums(out[14:]) == []


NOP = b"\x01"
TIMESTAMP = b"\x08\x0a" + bytes(8)
SACK = b"\x05\x0a" + bytes(8)
OPTIONS = [b"", NOP * 20, NOP * 2 + TIMESTAMP, NOP * 24, NOP * 2 + SACK + TIMESTAMP + NOP * 2,
           TIMESTAMP * 2 + SACK * 2]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("n_spare", [-1, 0, 20, 21])
def test_option_254_has_20_bytes(options: bytes, n_spare: int) -> None:
    """`n_spare`: how much the packet could grow, did options not make room."""
    n_payload = 1500 - 40 - 20 - len(options) - max(n_spare, 0)
    with balancer6() as core:
        flow = flow6(core)
        flow.syn()
        (out,) = flow.server(SYN | ACK, seq=0, options=b"\x02\x04\x05\xb4")
        assert tcp_of(out).options == b"\x02\x04\x05\xa0"  # 1460 - 20
        payload = bytes(n_payload if n_spare >= 0 else 0)
        (out,) = flow.client(ACK, options=options, payload=payload)
        assert tcp_of(out).options == with_toa(options, CLIENT6, 40000, 60 + len(payload), 1500)
        assert bad_checksums(out[14:]) == []
        assert tcp_of(out).payload == payload


def test_initial_numbers_of_the_same_corners_rise() -> None:
    """And differ between corners by a secret: 10 ms are 156,250 ticks of 64 ns."""
    seen = []
    for key in (1, 2):
        with balancer6(isn_key=key) as core:
            first = tcp_of(flow6(core).syn()[0]).seq
            seen.append(first)
    assert seen[0] != seen[1]
    with balancer6(isn_key=1) as core:
        core.now_us += 10_000
        assert (tcp_of(flow6(core).syn()[0]).seq - seen[0]) % 2**32 == 10_000 * (1000 // 64)


CORNERS = [
    (RS6, LIP6), ("fd00:64::3", LIP6), ("fd00:64::1:0:2", LIP6), ("fd00:64:0:1::2", LIP6),
    (RS6, "fd00:64::201"), (RS6, "fd00:64::1:0:200"), (RS6, "fd00:64:0:1::200"),
]  # fmt: skip


def test_initial_numbers_depend_on_every_word_of_the_corners() -> None:
    """One bit of one address changes the secret part; the local port is the same in all."""
    seen = set()
    for rs, lip in CORNERS:
        with director6(isn_key=1) as core:
            if lip != LIP6:
                core.laddr(lip, TO_SERVERS)
            core.route("fd00:64::/48", TO_SERVERS)
            core.neigh(rs, TO_SERVERS, RS_MAC)
            core.service(VIP6, 80, [Dest(rs, 80, id=6)], laddrs=[lip])
            sent = tcp_of(flow6(core).syn()[0])
            seen.add((sent.seq, sent.sport))
    assert len({port for _, port in seen}) == 1
    assert len({seq for seq, _ in seen}) == len(CORNERS)


def test_a_standby_director_is_silent() -> None:
    with balancer6() as core:
        core.remove_addr(VIP6)
        core.remove_addr(LIP6)
        core.laddr_active(LIP6, False)
        assert core.forward(from_client(Tcp(1, 80, 7, flags=SYN), CLIENT6, VIP6)) == []
        to_lip = from_client(Tcp(80, 2000, 7, flags=ACK), RS6, LIP6)[14:]
        assert core.forward(ip_frame(MAC[1], RS_MAC, to_lip), 1) == []
        assert core.verdicts()["standby"] == 2


def test_a_next_hop_that_does_not_answer_is_counted() -> None:
    """Three solicitations, a second apart."""
    with director6() as core:
        core.service(VIP6, 80, [Dest("fd00:64::3", 80, id=6)], laddrs=[LIP6])
        core.forward(from_client(Tcp(1, 80, 7, flags=SYN), CLIENT6, VIP6))
        core.pass_time(3.2)
        assert core.verdicts()["unresolved"] == 1
        asked = Station(MAC[1], LIP6).asks("fd00:64::3")
        assert core.sent[1] == [bytes(asked)] * 3
        core.neigh("fd00:64::3", TO_SERVERS, RS_MAC)
        assert len(core.forward(from_client(Tcp(1, 80, 7, flags=SYN), CLIENT6, VIP6))) == 1


def test_a_moved_neighbour_is_seen_by_the_next_packet() -> None:
    with balancer6() as core:
        flow = flow6(core).establish()
        core.neigh(RS6, TO_SERVERS, "02:bb:00:00:00:99")
        (out,) = flow.client(ACK)
        assert out[:6].hex(":") == "02:bb:00:00:00:99"
        core.route("2001:db8::/32", TO_CLIENTS, via="2001:db8::fe")
        core.neigh("2001:db8::fe", TO_CLIENTS, "02:aa:00:00:00:fe")
        core.routes.remove(("2001:db8::", 64, TO_CLIENTS, "", 0))
        core.route("2001:db9::/64", TO_CLIENTS)
        (out,) = flow.server(ACK)
        assert out[:6].hex(":") == "02:aa:00:00:00:fe"


def test_connections_of_a_quiesced_dest_end_at_their_next_packet() -> None:
    with balancer6() as core:
        quiescent = lib.CORE_SVC_EXPIRE_QUIESCENT
        flow = flow6(core).establish()
        core.service(VIP6, 80, [Dest(RS6, 80, 0, id=6)], laddrs=[LIP6], flags=quiescent)
        assert flow.server(ACK) == []
        assert core.n_conns() == 0
        assert core.verdicts()["quiesced"] == 1


def test_a_syn_where_a_connection_is_closing_begins_another() -> None:
    with balancer6() as core:
        flow = flow6(core).establish()
        flow.server(ACK | 1, ack=1)
        Flow(core, 40000, CLIENT6, VIP6, client_isn=77).syn()
        assert core.dest(6)["conns"] == 2
        assert core.n_conns() == 1
