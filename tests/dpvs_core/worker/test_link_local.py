"""Link-local addresses mean something on one link only (RFC 4007, RFC 4291 2.5.6; F-221): clients
that have no other address are answered by the device they came by, whatever the routes say."""

import pytest

from tests.oracle.nd import Station
from tests.oracle.wire import ACK, SYN, UDP, Ip6, Tcp, Udp, ip_frame, packet, read_ip
from tests.steps.core import MAC, Dest, StepCore, ffi, lib, raw_addr
from tests.steps.scene import (
    CLIENT_MAC,
    LIP6,
    RS6,
    RS_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    VIP6,
    balancer6,
    director6,
    tcp_of,
)

CLIENT, OURS = "fe80::48", "fe80::1"
WRONG_MAC = "02:dd:00:00:00:01"
HERE, THERE = TO_CLIENTS, TO_SERVERS


def scene(n_workers: int = 1, proto: int = 6) -> StepCore:
    """fe80::/64 is by route on the servers' device, where a station has the same address."""
    core = balancer6(n_workers, proto)
    core.route("fe80::/64", THERE)
    core.neigh(CLIENT, HERE, CLIENT_MAC)
    core.neigh(CLIENT, THERE, WRONG_MAC)
    return core


def ask(core: StepCore, tcp: Tcp, dev: int = HERE, worker: int = 0) -> list[bytes]:
    l3 = packet(Ip6(CLIENT, VIP6, 6), tcp)
    return core.forward(ip_frame(MAC[dev], CLIENT_MAC, l3), dev, worker)


def answer(core: StepCore, tcp: Tcp, lip: str = LIP6, worker: int = 0) -> list[bytes]:
    l3 = packet(Ip6(RS6, lip, 6), tcp)
    return core.forward(ip_frame(MAC[THERE], RS_MAC, l3), THERE, worker)


def macs(core: StepCore, dev: int) -> list[str]:
    return [frame[:6].hex(":") for frame in core.sent[dev]]


@pytest.mark.parametrize("n_workers", [1, 3])
def test_a_client_is_answered_where_it_is(n_workers: int) -> None:
    """First packets and later ones, also after routes have changed."""
    with scene(n_workers) as core:
        for turn in range(6):
            cport = 40000 + turn
            (syn,) = ask(core, Tcp(cport, 80, 1, flags=SYN), worker=turn % n_workers)
            lport = tcp_of(syn).sport
            for flags in (SYN | ACK, ACK):
                answer(core, Tcp(80, lport, 5, 2, flags), worker=(turn + 1) % n_workers)
                assert macs(core, HERE) == [CLIENT_MAC] and not core.sent[THERE]
            core.route(f"2001:db8:{turn}::/48", THERE)
            answer(core, Tcp(80, lport, 6, 2, ACK))
            assert macs(core, HERE) == [CLIENT_MAC]
            (again,) = ask(core, Tcp(cport, 80, 2, 6, ACK))
            assert tcp_of(again).sport == lport


def test_two_clients_with_the_same_address_on_two_links() -> None:
    """Each by its own device; the second is answered by where it came from."""
    with scene() as core:
        (syn,) = ask(core, Tcp(40000, 80, 1, flags=SYN), HERE)
        here = tcp_of(syn).sport
        (syn,) = ask(core, Tcp(40001, 80, 1, flags=SYN), THERE)
        there = tcp_of(syn).sport
        answer(core, Tcp(80, there, 5, 2, SYN | ACK))
        assert macs(core, THERE) == [WRONG_MAC]
        answer(core, Tcp(80, here, 5, 2, SYN | ACK))
        assert macs(core, HERE) == [CLIENT_MAC]


def test_who_must_be_resolved_is_asked_there_and_from_there() -> None:
    with balancer6() as core:
        core.route("fe80::/64", THERE)
        core.addr(OURS, HERE)
        core.addr("fe80::2", THERE)
        (syn,) = ask(core, Tcp(40000, 80, 1, flags=SYN))
        answer(core, Tcp(80, tcp_of(syn).sport, 5, 2, SYN | ACK))
        assert not core.sent[THERE]
        (solicit,) = core.sent[HERE]
        ip = read_ip(solicit[14:])
        assert (ip.src, ip.payload[0], ip.payload[8:24]) == (OURS, 135, raw_addr(CLIENT))
        core.sent.clear()
        core.neigh(CLIENT, HERE, CLIENT_MAC)
        assert macs(core, HERE) == [CLIENT_MAC]


def test_the_reset_at_the_end_goes_there_too() -> None:
    with scene() as core:
        (syn,) = ask(core, Tcp(40000, 80, 1, flags=SYN), THERE)
        answer(core, Tcp(80, tcp_of(syn).sport, 5, 2, SYN | ACK))
        ask(core, Tcp(40000, 80, 2, 6, ACK), THERE)
        core.sent.clear()
        core.pass_time(100)
        assert core.n_conns() == 0
        assert sorted(macs(core, THERE)) == sorted([WRONG_MAC, RS_MAC])
        assert not core.sent[HERE]


@pytest.mark.parametrize("fwd", ["DR", "TUNNEL", "NAT"])
def test_its_address_does_not_leave_its_link(fwd: str) -> None:
    """NEGATIVE: RFC 4291 2.5.6, where the mode keeps the client's address; first and later packets.
    By the client's own device it goes."""
    with director6() as core:
        core.addr("fd00:64::1", THERE)
        core.service(VIP6, 80, [Dest(RS6, id=3, fwd=fwd)], proto=UDP, laddrs=[])
        l3 = packet(Ip6(CLIENT, VIP6, UDP), Udp(40000, 80, b"?"))
        for _ in range(3):
            assert core.forward(ip_frame(MAC[HERE], CLIENT_MAC, l3), HERE) == []
        assert core.verdicts()["not-forwarding"] == 3
        l3 = packet(Ip6(CLIENT, VIP6, UDP), Udp(40001, 80, b"?"))
        for _ in range(2):
            (sent,) = core.forward(ip_frame(MAC[THERE], CLIENT_MAC, l3), THERE)
            assert sent[:6].hex(":") == RS_MAC


def test_a_real_server_has_another_address() -> None:
    """NEGATIVE: nothing would tell the link that it is on."""
    with director6() as core, core.edit() as edit:
        assert edit.put(VIP6, 80, [Dest("fe80::2", 80, id=1)], laddrs=[LIP6]) == -22


# --- the same address on two devices --------------------------------------------------------------


def twins(dad: bool = False) -> StepCore:
    core = director6()
    for dev in (HERE, THERE):
        core.addr(OURS, dev, dad=dad)
    return core


@pytest.mark.parametrize("dev", [HERE, THERE])
def test_an_address_of_two_devices_is_answered_for_on_both(dev: int) -> None:
    with twins() as core:
        core.sent.clear()
        core.send(bytes(Station(CLIENT_MAC, CLIENT).asks(OURS)), dev)
        core.step()
        (out,) = core.sent[dev]
        assert (out[6:12].hex(":"), read_ip(out[14:]).payload[0]) == (MAC[dev], 136)


def test_each_is_verified_by_itself() -> None:
    with twins(dad=True) as core:
        core.pass_time(5)
        states = ffi.new("struct core_addr_state[]", 8)
        cursor = ffi.new("uint32_t *")
        n = lib.core_addr_states(core.core, cursor, states, 8)
        assert sorted((states[i].dev, states[i].state) for i in range(n)) == [
            (HERE, lib.CORE_DAD_PREFERRED), (THERE, lib.CORE_DAD_PREFERRED),
        ]  # fmt: skip
        for dev in (HERE, THERE):
            assert lib.core_garp(core.core, dev, 6, raw_addr(OURS)) == 0
