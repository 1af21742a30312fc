"""IPv6 next hops: resolution with waiting packets, probes, ageing, gateways (F-207..9)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")

from tests.dpvs_core.host.nd_scene import (
    FAR_OURS,
    LIP,
    OURS,
    PEER,
    SERVER,
    US,
    US_LOCAL,
    VIP,
    balanced,
    question,
)
from tests.oracle.nd import Station
from tests.oracle.wire import UDP, Ip6, Udp, ip_frame, packet, read_ip6, read_udp, text
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.neighbours import Neighbour, delete_neighbour, neighbour, neighbours

GATEWAY = Station("02:aa:00:00:00:fe", "fe80::1")
RS = Station("02:bb:00:00:00:07", "fd00:64::7")


@pytest.fixture(params=[1, 3])
def core(request: pytest.FixtureRequest) -> Iterator[StepCore]:
    """A service whose second server nobody knows yet."""
    with balanced(request.param) as core:
        core.service(VIP, 53, [Dest(RS.addr, 53, id=2)], proto=UDP, laddrs=[LIP])
        yield core


def ask(core: StepCore, sport: int = 4000) -> list[bytes]:
    """A client's question; what leaves towards the servers."""
    core.sent.clear()
    core.send(question("2001:db8::48", sport=sport), worker=core.n_workers - 1)
    core.step()
    return core.sent[1]


def hear(core: StepCore, frame: object, dev: int = 1) -> list[bytes]:
    data = bytes(frame)  # type: ignore[call-overload]
    core.forward(data, dev, core.n_workers - 1)
    return core.sent[dev]


US_FAR = Station(MAC[1], FAR_OURS)


def questions(frames: list[bytes]) -> list[tuple[str, int]]:
    """Destination MAC and source port of datagrams."""
    return [(f[:6].hex(":"), read_udp(read_ip6(f[14:]).payload).sport) for f in frames]


def test_the_first_packet_asks_and_waits_then_goes(core: StepCore) -> None:
    [out] = ask(core)
    assert text(out) == text(bytes(US_FAR.asks(RS.addr)))
    assert neighbour(core, RS.addr) == Neighbour(RS.addr, 1, "SEND", None)
    [went] = hear(core, RS.answers(US_FAR))
    assert went[:14] == bytes.fromhex(RS.mac.replace(":", "") + MAC[1].replace(":", "") + "86dd")
    assert read_ip6(went[14:]).dst == RS.addr
    assert [mac for mac, _ in questions(ask(core, 4001))] == [RS.mac], "the next does not wait"


def test_waiting_packets_keep_their_order(core: StepCore) -> None:
    core.set(unres_queue_length=3)
    for text_bytes in (b"1", b"2", b"3", b"4", b"5"):
        core.forward(question("2001:db8::48", payload=text_bytes))
    assert core.verdicts()["unresolved-full"] == 2
    went = hear(core, RS.answers(US_FAR))
    assert [read_udp(read_ip6(f[14:]).payload).payload for f in went] == [b"1", b"2", b"3"]


def test_an_unsolicited_advertisement_ends_the_waiting(core: StepCore) -> None:
    ask(core)
    assert len(hear(core, RS.says(0))) == 1, "the override flag does not matter yet (7.2.5)"
    assert neighbour(core, RS.addr) == Neighbour(RS.addr, 1, "PROBE", RS.mac)


def test_an_answer_without_an_address_is_no_answer(core: StepCore) -> None:
    ask(core)
    assert hear(core, replace(RS.answers(US_FAR), options=b"")) == []
    assert neighbour(core, RS.addr) == Neighbour(RS.addr, 1, "SEND", None)
    hear(core, RS.answers(US_FAR))


def test_asks_three_times_then_drops_what_waits(core: StepCore) -> None:
    ask(core)
    core.pass_time(2.5)
    assert [text(f) for f in core.sent[1]] == [text(bytes(US_FAR.asks(RS.addr)))] * 3
    core.pass_time(1)
    assert core.verdicts()["unresolved"] == 1
    assert neighbour(core, RS.addr) == Neighbour(RS.addr, 1, "NONE", None)
    core.pass_time(2.2)
    assert neighbour(core, RS.addr) is None
    core.pass_time(4)  # the client is told: its address is looked for too


def test_a_used_neighbour_is_verified_by_unicast_while_it_forwards(core: StepCore) -> None:
    ask(core)
    hear(core, RS.answers(US_FAR))
    core.pass_time(30)
    assert len(ask(core)) == 1
    core.sent.clear()
    core.pass_time(30.2)
    probe = bytes(US_FAR.asks_again(RS.addr, RS.mac))
    assert [text(f) for f in core.sent[1]] == [text(probe)]
    assert neighbour(core, RS.addr) == Neighbour(RS.addr, 1, "DELAY", RS.mac)
    assert [mac for mac, _ in questions(ask(core))] == [RS.mac], "still forwarding"
    core.sent.clear()
    core.pass_time(2.2)
    last = bytes(US_FAR.asks(RS.addr))
    assert [text(f) for f in core.sent[1]] == [text(probe), text(last)]
    hear(core, RS.answers(US_FAR))
    assert neighbour(core, RS.addr) == Neighbour(RS.addr, 1, "REACHABLE", RS.mac)


def test_behaviour_31_a_moved_neighbour_is_followed_by_the_next_packet(core: StepCore) -> None:
    """Behaviour 31: DPVS learns it by ageing only."""
    ask(core)
    hear(core, RS.answers(US_FAR))
    moved = replace(RS, mac="02:bb:00:00:00:aa")
    hear(core, moved.says())
    assert [mac for mac, _ in questions(ask(core))] == [moved.mac]


def test_a_link_local_gateway(core: StepCore) -> None:
    """`default via fe80::1 dev dpdk0`: asked from the device's link-local address."""
    core.route("::/0", 0, via=GATEWAY.addr)
    core.neigh(RS.addr, 1, RS.mac)
    [forwarded] = (core.send(question("2001:db8:ff::48")), core.step(), core.sent[1])[2]
    lport = questions([forwarded])[0][1]
    back = packet(Ip6(RS.addr, LIP, UDP), Udp(53, lport, b"answer"))
    core.sent.clear()
    assert [text(f) for f in core.forward(ip_frame(MAC[1], RS.mac, back), 1)] == [
        text(bytes(US_LOCAL.asks(GATEWAY.addr)))
    ]
    assert neighbour(core, GATEWAY.addr) == Neighbour(GATEWAY.addr, 0, "SEND", None)
    [out] = hear(core, GATEWAY.answers(US_LOCAL), 0)
    assert (out[:6].hex(":"), read_ip6(out[14:]).dst) == (GATEWAY.mac, "2001:db8:ff::48")


def test_the_same_link_local_address_on_two_devices_is_two_neighbours(core: StepCore) -> None:
    other = Station("02:aa:00:00:00:02", GATEWAY.addr)
    hear(core, GATEWAY.asks(OURS), 0)
    hear(core, other.asks(FAR_OURS), 1)
    assert [row[:4] for row in neighbours(core) if row.addr == GATEWAY.addr] == [
        (GATEWAY.addr, 0, "PROBE", GATEWAY.mac), (GATEWAY.addr, 1, "PROBE", other.mac),
    ]  # fmt: skip


def test_the_source_is_the_address_that_fits() -> None:
    """The longest common prefix of equal scope; FNAT's local address if there is no other."""
    with balanced() as core:
        core.addr("2001:db8::8", 0)
        core.addr("fd00:65::1", 1)
        core.route("fd00:65::/64", 1)
        asked = {}
        for server in ("fd00:65::7", "fd00:64::7", "fd00:64::201"):
            core.service(VIP, 53, [Dest(server, 53, id=2)], proto=UDP, laddrs=[LIP])
            asked[server] = read_ip6(ask(core, 5000 + len(asked))[0][14:]).src
        assert asked == {
            "fd00:65::7": "fd00:65::1", "fd00:64::7": FAR_OURS, "fd00:64::201": FAR_OURS,
        }  # fmt: skip
        core.remove_addr(FAR_OURS)
        core.remove_addr("fd00:65::1")
        core.service(VIP, 53, [Dest("fd00:64::77", 53, id=2)], proto=UDP, laddrs=[LIP])
        assert read_ip6(ask(core, 6000)[0][14:]).src == LIP
        core.pass_time(7)


def test_without_an_address_to_ask_from_nothing_waits(core: StepCore) -> None:
    core.laddr_active(LIP, True)
    for addr in (FAR_OURS, LIP):
        core.remove_addr(addr)
    assert ask(core) == []
    assert core.verdicts()["unresolved"] == 1
    assert neighbour(core, RS.addr) is None


def test_scope_goes_before_the_longest_prefix(core: StepCore) -> None:
    """fd00::/8 has more leading bits of fe80::/10 than of 2001:db8::/32."""
    core.route("fd00:99::/64", 0)
    core.service(VIP, 53, [Dest("fd00:99::7", 53, id=3)], proto=UDP, laddrs=[LIP])
    ask(core)
    assert [text(f) for f in core.sent[0]] == [text(bytes(US.asks("fd00:99::7")))]
    core.pass_time(7)


def deprecate(core: StepCore, *addrs: str) -> None:
    core.deprecated = set(addrs)
    core._publish()


def test_a_deprecated_address_is_the_last_choice_of_its_scope(core: StepCore) -> None:
    """RFC 6724 5: rule 3 before rule 8, rule 2 before rule 3."""
    other = "fd00:65::1"
    core.addr(other, 1)
    asked = []
    for i, gone in enumerate([(), (FAR_OURS,), (FAR_OURS, other)]):
        deprecate(core, *gone)
        core.service(VIP, 53, [Dest(f"fd00:64::5{i}", 53, id=3)], proto=UDP, laddrs=[LIP])
        asked.append(read_ip6(ask(core, 7000 + i)[0][14:]).src)
    assert asked == [FAR_OURS, other, LIP], "preferred before no local address of FNAT"
    deprecate(core, FAR_OURS, other, LIP)
    core.addr("fe80::11", 1)
    core.service(VIP, 53, [Dest("fd00:64::60", 53, id=3)], proto=UDP, laddrs=[LIP])
    assert read_ip6(ask(core, 7100)[0][14:]).src == FAR_OURS
    core.pass_time(7)


def test_an_address_that_is_deprecated_is_answered_for(core: StepCore) -> None:
    """NEGATIVE: RFC 4862 5.5.4: it goes on being ours."""
    before = core.forward(bytes(PEER.asks(OURS)))
    deprecate(core, OURS)
    assert core.forward(bytes(PEER.asks(OURS))) == before != []


def test_another_devices_link_local_address_is_no_source(core: StepCore) -> None:
    """A gateway on a device that has no address: it could not answer the other's."""
    core.route("fd00:77::/64", 1, via=GATEWAY.addr)
    core.service(VIP, 53, [Dest("fd00:77::7", 53, id=3)], proto=UDP, laddrs=[LIP])
    core.remove_addr(FAR_OURS)
    core.remove_addr(LIP)
    assert ask(core) == []
    assert core.verdicts()["unresolved"] == 1


def test_static_neighbours(core: StepCore) -> None:
    """D-041."""
    core.neigh(RS.addr, 1, RS.mac)
    assert neighbour(core, RS.addr) == Neighbour(RS.addr, 1, "REACHABLE", RS.mac, True)
    assert [mac for mac, _ in questions(ask(core))] == [RS.mac]
    core.pass_time(120, slice_s=5)
    assert neighbour(core, RS.addr) == Neighbour(RS.addr, 1, "REACHABLE", RS.mac, True)
    assert delete_neighbour(core, RS.addr, 1) == 0
    core.step()
    assert neighbour(core, RS.addr) is None
    assert neighbour(core, SERVER) is not None
