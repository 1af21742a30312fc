"""Neighbours: resolution with waiting packets, ageing, refresh, limits, static ones (F-207..9)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

from tests.dpvs_core.host.test_arp import EVERYBODY, OURS, PEER, reply, request

if TYPE_CHECKING:
    from tests.dpvs_core.host.plain_core import PlainCore

MOVED = "02:00:00:00:00:aa"


def transit(dst: str, sport: int = 1) -> Packet:
    """Something that comes in and is routed on to `dst`."""
    return (
        Ether(dst="02:00:00:00:01:01", src=PEER)
        / IP(src="10.1.0.5", dst=dst, ttl=9) / UDP(sport=sport, dport=9) / Raw(b"x" * 30)
    )  # fmt: skip


def send(core: "PlainCore", dst: str = "10.0.0.9", sport: int = 1) -> list[Packet]:
    core.receive(transit(dst, sport), dev=1)
    return core.sent()


def asked(frames: list[Packet]) -> list[tuple[str, str]]:
    """Who was asked for which address."""
    return [(f.dst, f[ARP].pdst) for f in frames if ARP in f]


def test_behaviour_31_first_packet_asks_and_waits_then_goes(core: "PlainCore") -> None:
    [ask] = send(core)
    arp = ask[ARP]
    assert (ask.dst, ask.src) == (EVERYBODY, OURS)
    assert (arp.op, arp.hwsrc, arp.psrc, arp.pdst) == (1, OURS, "10.0.0.1", "10.0.0.9")
    assert core.neigh("10.0.0.9").state == "SEND"  # type: ignore[union-attr]
    core.receive(reply("10.0.0.9"))
    [frame] = core.sent()
    assert (frame.dst, frame.src, frame[IP].dst, frame[IP].ttl) == (PEER, OURS, "10.0.0.9", 8)
    assert bytes(frame[UDP].payload) == b"x" * 30
    assert [f.dst for f in send(core)] == [PEER], "the next packet does not wait"


def test_waiting_packets_keep_their_order(core: "PlainCore") -> None:
    for sport in range(1, 6):
        send(core, sport=sport)
    core.receive(reply("10.0.0.9"))
    assert [f[UDP].sport for f in core.sent()] == [1, 2, 3, 4, 5]


def test_asks_three_times_then_drops_what_waits(core: "PlainCore") -> None:
    core.set(ip4_forwarding=1, icmp_pps=0)  # or the sender would be looked for, to be told
    send(core), send(core)
    core.advance(2.5)
    assert asked(core.sent()) == [(EVERYBODY, "10.0.0.9")] * 2
    assert core.counts().get("unresolved", 0) == 0
    core.advance(1)
    assert core.sent() == []
    assert core.counts()["unresolved"] == 2
    assert core.neigh("10.0.0.9").state == "NONE"  # type: ignore[union-attr]
    core.advance(2.1)
    assert core.neighs() == []


def test_asked_again_after_failure(core: "PlainCore") -> None:
    send(core)
    core.advance(3.5)
    core.sent()
    assert asked(send(core)) == [(EVERYBODY, "10.0.0.9")]


def test_gratuitous_ends_the_waiting(core: "PlainCore") -> None:
    send(core)
    core.receive(request("10.0.0.9", psrc="10.0.0.9"))
    assert [f.dst for f in core.sent()] == [PEER]


def test_used_neighbour_is_verified_while_it_forwards(core: "PlainCore") -> None:
    send(core)
    core.receive(reply("10.0.0.9"))
    core.sent()
    core.advance(30)
    assert len(send(core)) == 1
    core.advance(30.2)
    assert asked(core.sent()) == [(PEER, "10.0.0.9")]
    assert core.neigh("10.0.0.9").state == "DELAY"  # type: ignore[union-attr]
    assert [f.dst for f in send(core)] == [PEER], "still forwarding"
    core.receive(reply("10.0.0.9"))
    assert core.neigh("10.0.0.9").state == "REACHABLE"  # type: ignore[union-attr]


def test_silent_neighbour_is_asked_unicast_then_broadcast_then_given_up(core: "PlainCore") -> None:
    core.receive(reply("10.0.0.9"))
    send(core)
    core.advance(60.2)
    core.advance(2)
    assert asked(core.sent()) == [(PEER, "10.0.0.9")] * 2 + [(EVERYBODY, "10.0.0.9")]
    core.advance(1)
    assert core.neigh("10.0.0.9").mac is None  # type: ignore[union-attr]
    assert asked(send(core)) == [(EVERYBODY, "10.0.0.9")], "new packets ask anew"


def test_unused_neighbour_is_forgotten(core: "PlainCore") -> None:
    core.receive(reply("10.0.0.9"))
    core.advance(60.2)
    assert core.neigh("10.0.0.9").state == "PROBE"  # type: ignore[union-attr]
    core.advance(30.2)
    assert core.neighs() == [] and core.sent() == []


def test_reachable_time_is_a_setting(make_core: Callable[..., "PlainCore"]) -> None:
    core = make_core(neigh_timeout_s=5)
    core.receive(reply("10.0.0.9"))
    core.advance(4.9)
    assert core.neigh("10.0.0.9").state == "REACHABLE"  # type: ignore[union-attr]
    core.advance(0.3)
    assert core.neigh("10.0.0.9").state == "PROBE"  # type: ignore[union-attr]


def test_behaviour_31_moved_address_is_used_by_the_next_packet_and_verified(
    core: "PlainCore",
) -> None:
    core.receive(reply("10.0.0.9"))
    send(core)
    core.receive(request("10.0.0.9", psrc="10.0.0.9", hwsrc=MOVED))
    assert [f.dst for f in send(core)] == [MOVED]
    core.advance(1.1)
    assert asked(core.sent()) == [(MOVED, "10.0.0.9")]


def test_queue_of_one_neighbour_is_bounded(make_core: Callable[..., "PlainCore"]) -> None:
    core = make_core(ip4_forwarding=1, unres_queue_length=16)
    for sport in range(20):
        send(core, sport=sport + 1)
    assert core.counts()["unresolved-full"] == 4
    core.receive(reply("10.0.0.9"))
    assert [f[UDP].sport for f in core.sent()] == list(range(1, 17))


def test_scan_of_a_prefix_is_bounded(make_core: Callable[..., "PlainCore"]) -> None:
    core = make_core(ip4_forwarding=1, icmp_pps=0, max_nexthops=64)
    for host in range(20, 60):
        send(core, f"10.0.0.{host}")
    assert len(core.neighs()) == 16
    assert core.counts()["unresolved-full"] == 24
    core.receive(reply("10.0.0.9"))
    assert core.neigh("10.0.0.9"), "who answers is still learnt"
    core.advance(6)
    assert [n.addr for n in core.neighs()] == ["10.0.0.9"]
    assert core.counts()["unresolved"] == 16


def test_learnt_neighbours_leave_room(make_core: Callable[..., "PlainCore"]) -> None:
    core = make_core(ip4_forwarding=1, max_nexthops=64)
    for host in range(20, 90):
        core.receive(request("10.0.0.1", psrc=f"10.0.0.{host}"))
    assert len(core.neighs()) == 48
    core.sent()
    assert asked(send(core)) == [(EVERYBODY, "10.0.0.9")]


def test_ids_are_used_again(make_core: Callable[..., "PlainCore"]) -> None:
    core = make_core(ip4_forwarding=1, max_nexthops=8)
    for turn in range(10):
        for host in range(10, 16):
            core.receive(reply(f"10.0.0.{turn * 6 + host}"))
        assert len(core.neighs()) == 6
        assert [f.dst for f in send(core, f"10.0.0.{turn * 6 + 10}")] == [PEER]
        for neigh in core.neighs():
            core.del_neigh(neigh.addr)
        core.step()
        assert core.neighs() == []


def test_connection_does_not_follow_a_reused_id(make_core: Callable[..., "PlainCore"]) -> None:
    """A connection keeps a handle; the generation in it must not fit the entry's next owner."""
    core = make_core(max_nexthops=2)
    core.publish(
        [("10.0.0.1", 0), ("10.1.0.1", 1), ("10.0.0.3", 0)], [("10.0.0.0/24", 0)], laddr="10.0.0.3"
    )
    core.balance_udp("10.1.0.100", "10.0.0.3", "10.0.0.9")
    query = Ether(dst="02:00:00:00:01:01", src=PEER) / IP(src="10.1.0.5", dst="10.1.0.100") / UDP()
    core.receive(reply("10.0.0.9"))
    core.receive(query, query, dev=1)
    assert [f.dst for f in core.sent()] == [PEER] * 2
    core.del_neigh("10.0.0.9")
    core.step()
    for addr in ("10.0.0.77", "10.0.0.78"):
        core.receive(reply(addr, hwsrc=MOVED))
    assert len(core.neighs()) == 2, "one of them has the server's id now"
    core.receive(query, dev=1)
    assert core.sent() == [] and core.counts()["unresolved-full"] == 1


def test_no_address_to_ask_from(core: "PlainCore") -> None:
    core.publish([("10.1.0.1", 1)], [("10.0.0.0/24", 0), ("10.1.0.0/24", 1)])
    assert send(core) == []
    assert core.counts()["unresolved"] == 1
    assert core.neighs() == []


def test_asks_from_an_address_of_the_link_on_another_device(core: "PlainCore") -> None:
    core.publish([("10.0.0.3", 1)], [("10.0.0.0/24", 0)])
    [ask] = send(core)
    assert (ask[ARP].psrc, ask.src) == ("10.0.0.3", OURS)


def test_static_entry_never_ages_and_is_not_overwritten(core: "PlainCore") -> None:
    assert core.add_neigh("10.0.0.9", PEER) == 0
    core.step()
    core.receive(reply("10.0.0.9", hwsrc=MOVED))
    core.receive(request("10.0.0.9", psrc="10.0.0.9", hwsrc=MOVED))
    core.advance(200)
    [neigh] = core.neighs()
    assert (neigh.mac, neigh.is_static, neigh.state) == (PEER, True, "REACHABLE")
    assert [f.dst for f in send(core)] == [PEER]


def test_static_entry_lets_waiting_packets_go(core: "PlainCore") -> None:
    send(core)
    core.add_neigh("10.0.0.9", PEER)
    core.step()
    assert [f.dst for f in core.sent()] == [PEER]


def test_deleting_drops_what_waits(core: "PlainCore") -> None:
    core.set(ip4_forwarding=1, icmp_pps=0)
    send(core)
    assert core.del_neigh("10.0.0.9") == 0
    core.step()
    assert core.neighs() == [] and core.counts()["unresolved"] == 1


def test_changed_device_address_and_mtu_reach_the_next_packet(core: "PlainCore") -> None:
    core.receive(reply("10.0.0.9"))
    assert core.set_mac(0, MOVED) == 0
    core.step()
    [frame] = send(core)
    assert (frame.dst, frame.src) == (PEER, MOVED)
