"""ICMP errors that the core makes about balanced packets, in every mode: the right MTU from the
right address (behaviour 17), and what traceroute sees (C-115)."""

from typing import Any

import pytest

from tests.dpvs_core.modes.one_way_scene import MODES as ONE_WAY
from tests.dpvs_core.modes.one_way_scene import Mode
from tests.dpvs_core.modes.related_scene import ENDS, ROUTERS, ROWS, Flow, Row
from tests.oracle.icmp import Error
from tests.oracle.wire import (
    ACK,
    DF,
    SYN,
    TCP,
    UDP,
    Ip,
    Tcp,
    Udp,
    bad_checksums,
    ip_frame,
    ip_of,
    packet,
    read_ip,
    transport_of,
)
from tests.steps.core import MAC, StepCore
from tests.steps.scene import RS_MAC, TO_CLIENTS, TO_SERVERS

TIME_EXCEEDED = {4: (11, 0), 6: (3, 0)}
TOO_BIG = {4: (3, 4), 6: (2, 0)}
PORT_UNREACHABLE = {4: (3, 3), 6: (1, 4)}


def arrive(core: StepCore, dev: int, l3: bytes) -> list[bytes]:
    core.forward(ip_frame(MAC[dev], RS_MAC, l3), dev)
    return [out[14:] for out in core.sent[0] + core.sent[1]]


def the_error(out: list[bytes]) -> Ip:
    (l3,) = out
    assert bad_checksums(l3) == []
    ip = read_ip(l3)
    assert ip.proto in (1, 58)
    return ip


def kind_of(ip: Ip) -> tuple[int, int]:
    return ip.payload[0], ip.payload[1]


def big(flow: Flow, dev: int, n_bytes: int) -> bytes:
    """A packet of that many bytes from the side, which may not be fragmented."""
    side = flow.conn.client if dev == TO_CLIENTS else flow.conn.server
    af = 6 if ":" in side.src else 4
    n_headers = (40 if af == 6 else 20) + (20 if flow.row.proto == TCP else 8)
    payload = bytes(n_bytes - n_headers)
    segment = (
        Tcp(side.sport, side.dport, 1001, 70001, ACK, payload=payload)
        if flow.row.proto == TCP
        else Udp(side.sport, side.dport, payload)
    )
    rest: dict[str, Any] = {"frag": DF} if af == 4 else {}
    return packet(ip_of(side.src, side.dst, flow.row.proto, **rest), segment)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_behaviour_17_what_is_too_big_is_told_the_mtu(row: Row) -> None:
    """Less the header that the other family's is longer, and the room for option 254; what fits
    goes."""
    mtu = 1400
    with row.core() as core:
        for dev in (TO_CLIENTS, TO_SERVERS):
            far = ENDS[1 - dev][row.server_af if dev == TO_CLIENTS else row.client_af]
            core.route(f"{far}/{128 if ':' in far else 32}", 1 - dev, mtu=mtu)
        flow = Flow(row, core)
        header = {4: 20, 6: 40}
        afs = {
            TO_CLIENTS: (row.client_af, row.server_af),
            TO_SERVERS: (row.server_af, row.client_af),
        }
        for dev, (af, far_af) in afs.items():
            growth = header[far_af] - header[af]
            ip = the_error(arrive(core, dev, big(flow, dev, mtu - growth + 1)))
            assert kind_of(ip) == TOO_BIG[af]
            toa = flow.conn.toa_bytes if dev == TO_CLIENTS else 0
            told = int.from_bytes(ip.payload[4:8], "big")
            assert told == mtu - growth - toa
            side = flow.conn.client if dev == TO_CLIENTS else flow.conn.server
            assert ip.dst == side.src
            if (row.fwd, dev) != ("NAT", TO_SERVERS):
                assert ip.src == side.dst  # else the client's, which is not ours
            (out,) = arrive(core, dev, big(flow, dev, told))
            assert read_ip(out).proto == row.proto
            assert len(out) <= mtu


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_behaviour_17_an_ipv6_host_is_not_told_less_than_1280(row: Row) -> None:
    """RFC 8200 5: it would not believe it."""
    with row.core() as core:
        far = ENDS[TO_SERVERS][row.server_af]
        core.route(f"{far}/{128 if ':' in far else 32}", TO_SERVERS, mtu=1280)
        flow = Flow(row, core)
        ip = the_error(arrive(core, TO_CLIENTS, big(flow, TO_CLIENTS, 1500)))
        growth = {4: 20, 6: 40}[row.server_af] - {4: 20, 6: 40}[row.client_af]
        wanted = 1280 - growth - flow.conn.toa_bytes
        told = max(wanted, 1280) if row.client_af == 6 else wanted
        assert int.from_bytes(ip.payload[4:8], "big") == told


# --- traceroute ---------------------------------------------------------------------------------


def probe(row: Row | Mode, proto: int, ttl: int) -> bytes:
    segment = Tcp(41000, 80, 5, flags=SYN) if proto == TCP else Udp(41000, 80, bytes(32))
    return packet(ip_of(row.client, row.vip, proto, ttl=ttl), segment)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_traceroute_through_the_director(row: Row) -> None:
    """Hop by hop: the director answers for itself as the VIP; a router behind it is seen as the
    VIP, which stands for all that the client cannot reach (RFC 5508 REQ-5); the server ends it."""
    with row.core(xmit_ttl=1) as core:
        first = the_error(arrive(core, TO_CLIENTS, probe(row, row.proto, 1)))
        assert (first.src, first.dst) == (row.vip, row.client)
        assert kind_of(first) == TIME_EXCEEDED[row.client_af]
        (went,) = arrive(core, TO_CLIENTS, probe(row, row.proto, 2))
        assert read_ip(went).ttl == 1
        router = Error(ROUTERS[TO_SERVERS][row.server_af], *TIME_EXCEEDED[row.server_af])
        second = the_error(arrive(core, TO_SERVERS, bytes(router.quoting(went))))
        assert (second.src, second.dst) == (row.vip, row.client)
        assert kind_of(second) == TIME_EXCEEDED[row.client_af]
        inner = transport_of(read_ip(second.payload[8:]))
        assert (inner.sport, inner.dport) == (41000, 80)
        (went,) = arrive(core, TO_CLIENTS, probe(row, row.proto, 9))
        if row.proto == UDP:
            server = Error(ENDS[TO_SERVERS][row.server_af], *PORT_UNREACHABLE[row.server_af])
            last = the_error(arrive(core, TO_SERVERS, bytes(server.quoting(went))))
            assert (last.src, kind_of(last)) == (row.vip, PORT_UNREACHABLE[row.client_af])


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_traceroute_from_a_server_sees_the_routers_where_it_knows_the_client(row: Row) -> None:
    """NAT leaves the client's address to the server, so its routers' too; FULLNAT has one address
    for all of that."""
    with row.core() as core:
        flow = Flow(row, core)
        router = ROUTERS[TO_CLIENTS][row.client_af]
        error = Error(router, *TIME_EXCEEDED[row.client_af])
        got = flow.check(TO_CLIENTS, error, 100)
        assert got
        assert read_ip(got).src == (router if row.fwd == "NAT" else flow.conn.server.dst)


@pytest.mark.parametrize("proto", [TCP, UDP])
@pytest.mark.parametrize("mode", ONE_WAY, ids=str)
def test_traceroute_where_answers_do_not_pass_here(mode: Mode, proto: int) -> None:
    with mode.balancer(proto=proto, settings={"xmit_ttl": 1}) as core:
        first = the_error(arrive(core, TO_CLIENTS, probe(mode, proto, 1)))
        assert (first.src, first.dst) == (mode.vip, mode.client)
        assert kind_of(first) == TIME_EXCEEDED[mode.client_af]
        (went,) = arrive(core, TO_CLIENTS, probe(mode, proto, 2))
        assert read_ip(went).ttl == 1
