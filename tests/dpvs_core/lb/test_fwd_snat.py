"""SNAT (F-087, F-193, behaviours 16 and 20): every emitted packet against oracle/snat.py, byte for
byte, whatever the family, the protocol, the number of workers and the queue of arrival.
"""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.fragments import cut, together
from tests.oracle.snat import port_of
from tests.oracle.wire import (
    ACK,
    FIN,
    MF,
    PSH,
    RST,
    SYN,
    TCP,
    UDP,
    Ip,
    Tcp,
    Udp,
    bad_checksums,
    icmp,
    icmp6,
    ip_frame,
    ip_of,
    packet,
    read_ip,
    tcp_frame,
)
from tests.steps.core import MAC, Dest, Match, Range, StepCore, raw_mac
from tests.steps.scene import CLIENT_MAC, RS_MAC, TO_CLIENTS, TO_SERVERS, tcp_of
from tests.steps.scene_snat import (
    ENDS,
    INSIDE,
    L2_IN,
    REMOTE,
    SNAT_DEST,
    WAN,
    Talk,
    query,
    snat_director,
    world,
)

ROWS = [(4, "tcp"), (4, "udp"), (4, "echo"), (4, "timestamp"), (6, "tcp"), (6, "udp"), (6, "echo")]
ROW = pytest.mark.parametrize(("af", "kind"), ROWS)
WORKERS = pytest.mark.parametrize("n_workers", [1, 3])
EVERYTHING = Match(4, iif=TO_SERVERS)


def first(kind: str) -> dict[str, Any]:
    """What the first packet of a connection has."""
    return {"flags": SYN} if kind == "tcp" else {}


def established(core: StepCore, **rest: Any) -> Talk:
    """A TCP connection after its handshake: 101 and 501 are next."""
    talk = Talk(core, **rest)
    assert len(talk.out(flags=SYN, seq=100)) == 1, core.verdicts()
    assert len(talk.back(flags=SYN | ACK, seq=500, ack=101)) == 1
    assert len(talk.out(seq=101, ack=501)) == 1
    return talk


# --- the table: protocol x direction x first and later ----------------------------------------


@ROW
@WORKERS
@pytest.mark.parametrize("nic", ["OWN", "RSS", "FLOW"])
def test_packets_both_ways(af: int, kind: str, n_workers: int, nic: str) -> None:
    """From any queue; each way the port, or the id, of the other end is found again."""
    with snat_director(n_workers, nic=nic) as core:
        for sport in (40000, 0, 1, 65535):
            talk = Talk(core, af, kind, sport=sport)
            for round_ in range(4):
                rest = first(kind) if round_ == 0 else {}
                sent = talk.out(round_ % n_workers, **rest, payload=b"x" * round_)
                assert len(sent) == 1, core.verdicts()
                assert talk.oracle.wan_port >= 1025
                answer = {"flags": SYN | ACK, "seq": 9} if kind == "tcp" and not round_ else {}
                sent = talk.back((round_ + 1) % n_workers, **answer, payload=b"y" * (3 - round_))
                assert len(sent) == 1, core.verdicts()
        assert core.n_conns() == 4
        assert not any(core.to_kernel.values())


FIELDS = {
    4: st.fixed_dictionaries({
        "tos": st.integers(0, 255), "ident": st.integers(0, 65535), "ttl": st.integers(2, 255),
        "options": st.sampled_from([b"", b"", b"\x01\x01\x01\x00"]),
    }),
    6: st.fixed_dictionaries({
        "tos": st.integers(0, 255), "flow": st.integers(0, 0xFFFFF), "ttl": st.integers(2, 255),
        "exts": st.sampled_from([(), ((60, b"\0\0\1\4" + bytes(4)),)]),
    }),
}  # fmt: skip
PAYLOAD = st.binary(max_size=40) | st.integers(1300, 1400).map(
    lambda n: bytes(i % 251 for i in range(n))
)
OPTIONS = st.sampled_from(
    [
        b"",
        b"\x08\x0a\0\0\0\1\0\0\0\2\1\1",
        b"\x02\x04\x05\xb4",
        b"\x01\x01\x05\x0a\0\0\0\x10\0\0\0\x20",
    ]
)


@st.composite
def steps(draw: st.DrawFn, af: int, kind: str) -> list[tuple[bool, int, dict[str, Any]]]:
    """Direction, queue, fields."""
    found = []
    for at in range(draw(st.integers(1, 8))):
        fields: dict[str, Any] = {"ip": draw(FIELDS[af]), "payload": draw(PAYLOAD)}
        if kind == "udp":
            fields["has_checksum"] = af == 6 or draw(st.booleans())
        if kind == "tcp":
            fields |= {
                "flags": draw(st.sampled_from([ACK, ACK | PSH, FIN | ACK, RST, SYN | ACK])),
                "seq": draw(st.integers(0, 2**32 - 1)), "ack": draw(st.integers(0, 2**32 - 1)),
                "options": draw(OPTIONS), "window": draw(st.integers(0, 65535)),
            }  # fmt: skip
            if at == 0:
                fields["flags"] = SYN
        found.append((at == 0 or draw(st.booleans()), draw(st.integers(0, 2)), fields))
    return found


@ROW
@given(data=st.data(), n_workers=st.integers(1, 3), tx_worker_only=st.booleans())
@settings(max_examples=30, deadline=None, database=None)
def test_conversations_are_the_oracles(
    af: int, kind: str, data: st.DataObject, n_workers: int, tx_worker_only: bool
) -> None:
    """Options, timestamps, numbers and the other end's address and port stay as they are."""
    with snat_director(n_workers, tx_worker_only=tx_worker_only) as core:
        talk = Talk(core, af, kind)
        for outward, queue, fields in data.draw(steps(af, kind)):
            sent = (talk.out if outward else talk.back)(queue % n_workers, **fields)
            assert len(sent) == 1, core.verdicts()


# --- local ports ------------------------------------------------------------------------------


@ROW
@WORKERS
def test_behaviour_20_hosts_with_the_same_port_to_one_target(
    af: int, kind: str, n_workers: int
) -> None:
    """Also ICMP ids (L-05: DPVS lets them collide); each answer goes to its own host."""
    hosts = [f"192.168.100.{i}" if af == 4 else f"fd00:64::{i:x}" for i in range(3, 103)]
    with snat_director(n_workers) as core:
        talks = []
        for i, host in enumerate(hosts):
            core.neigh(host, TO_SERVERS, f"02:dd:00:00:00:{i:02x}")
            talk = Talk(core, af, kind, inside=host)
            assert len(talk.out(i % n_workers, **first(kind))) == 1, core.verdicts()
            talks.append(talk)
        assert len({talk.oracle.wan_port for talk in talks}) == len(hosts)
        for i, talk in enumerate(talks):
            l2 = raw_mac(f"02:dd:00:00:00:{i:02x}") + L2_IN[6:]
            assert len(talk.back((i + 1) % n_workers, l2=l2)) == 1, core.verdicts()
        assert core.worker(0)["redirected"] > 0 or n_workers == 1


def test_behaviour_14_a_port_serves_several_targets() -> None:
    """Behaviour 14: of one WAN address, towards hosts whose pools differ."""
    with snat_director() as core:
        for i in range(1, 60):
            core.neigh(f"10.0.1.{i}", TO_CLIENTS, CLIENT_MAC)
        talks = [
            Talk(core, remote=f"10.0.1.{i}", sport=1024 + at)
            for i in range(1, 60)
            for at in range(40)
        ]
        for talk in talks:
            assert len(talk.out(flags=SYN)) == 1
        tuples = {(talk.remote, talk.oracle.wan_port) for talk in talks}
        assert len(tuples) == len(talks) > len({talk.oracle.wan_port for talk in talks})
        for talk in talks:
            assert len(talk.back(flags=SYN | ACK)) == 1


def test_behaviour_20_no_port_left_towards_one_target() -> None:
    """Behaviour 20: counted, and others are still reached; ports come back with the time-out."""
    with snat_director(conn_pool=70_000) as core:
        n_made = 0
        for i in range(66_000):
            src = f"192.168.{100 + i // 30_000}.{7 + i // 8000}"
            frame = tcp_frame(MAC[TO_SERVERS], src, REMOTE, Tcp(1024 + i % 8000, 443, 1, flags=SYN))
            core.send(frame, TO_SERVERS)
            if i % 200 == 199:
                core.step(turns=8)
                n_made += len(core.sent[TO_CLIENTS])
                core.sent.clear()
        in_use, _, missed = core.ports(WAN)
        assert n_made == in_use == core.n_conns()
        assert missed == core.verdicts()["no-local-port"] == 66_000 - n_made
        assert in_use > 0.95 * (65536 - 1025)
        assert core.dest(SNAT_DEST)["inactive"] == in_use
        others = [Talk(core, dport=80, sport=1024 + i) for i in range(50)]
        assert all(len(other.out(flags=SYN)) == 1 for other in others)  # of another pool
        core.pass_time(45, slice_s=0.02)
        assert core.ports(WAN)[0] == 0
        assert core.dest(SNAT_DEST)["inactive"] == 0
        assert len(Talk(core, sport=9).out(flags=SYN)) == 1


def test_a_port_that_is_a_service_of_the_wan_address_is_left_out() -> None:
    with snat_director() as core:
        core.addr(WAN, TO_CLIENTS)
        talk = established(core)
        core.service(WAN, talk.oracle.wan_port, [Dest(INSIDE, 80, id=9)])
        talk.out(flags=RST, seq=101)
        ports = set()
        for i in range(1100):
            other = Talk(core, sport=1024 + i)
            other.out(flags=SYN)
            ports.add(other.oracle.wan_port)
        assert talk.oracle.wan_port not in ports


# --- what is, and what is not, a connection's packet -------------------------------------------


@WORKERS
@pytest.mark.parametrize("af", [4, 6])
def test_an_echo_from_outside_is_answered_here(af: int, n_workers: int) -> None:
    """With an id that a connection of the WAN address has: only answers are its packets."""
    with snat_director(n_workers) as core:
        talk = Talk(core, af, "echo")
        talk.out()
        _, wan, remote = ENDS[af]
        asks, answers = ((8, 0), (128, 129))[af == 6]
        for queue in range(n_workers):
            l3 = query(remote, wan, asks, talk.oracle.wan_port)
            (sent,) = core.forward(ip_frame(MAC[0], CLIENT_MAC, l3), TO_CLIENTS, queue)
            ip = read_ip(sent[14:])
            assert (ip.src, ip.dst, ip.payload[0]) == (wan, remote, answers)
            assert port_of(ip, source=True) == talk.oracle.wan_port
            assert not bad_checksums(sent[14:])


@WORKERS
def test_an_answer_nobody_asked_for_is_linuxs(n_workers: int) -> None:
    """Somebody on the director itself may have asked, from that address."""
    with snat_director(n_workers) as core:
        for ident in (5, 3000, 65535):
            frame = ip_frame(MAC[0], CLIENT_MAC, query(REMOTE, WAN, 0, ident))
            assert core.forward(frame, TO_CLIENTS, 0) == []
            assert core.to_kernel[TO_CLIENTS] == [frame]


def test_id_0_is_an_id() -> None:
    """And what has no id is no query: an error that happens to have zeros there."""
    with snat_director(settings={"ip4_forwarding": 1}) as core:
        assert len(Talk(core, 4, "echo", sport=0).out()) == 1
        error = bytes(ip_of(INSIDE, REMOTE, 1, icmp(3, 1, 0, bytes(28))))
        core.send(ip_frame(MAC[1], RS_MAC, error), TO_SERVERS)
        core.step()
        assert core.verdicts()["transit"] == 1
        assert core.n_conns() == 1


def test_an_answer_from_inside_begins_nothing() -> None:
    with snat_director() as core:
        frame = ip_frame(MAC[1], RS_MAC, query(INSIDE, REMOTE, 0, 9))
        assert core.forward(frame, TO_SERVERS) == []
        assert core.verdicts()["no-connection"] == 1
        assert core.n_conns() == 0


@WORKERS
def test_a_segment_without_a_connection_is_reset(n_workers: int) -> None:
    """After a director without our connections took over, say."""
    with snat_director(n_workers) as core:
        l3 = packet(ip_of(INSIDE, REMOTE, TCP), Tcp(40000, 443, 5, 6, ACK))
        (sent,) = core.forward(ip_frame(MAC[1], RS_MAC, l3), TO_SERVERS)
        ip, tcp = read_ip(sent[14:]), tcp_of(sent)
        assert (ip.src, ip.dst, tcp.sport, tcp.dport) == (REMOTE, INSIDE, 443, 40000)
        assert tcp.flags & RST
        assert tcp.seq == 6


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("af", [4, 6])
@WORKERS
def test_queries_in_fragments_both_ways(af: int, order: list[int], n_workers: int) -> None:
    """A large ping: the id is in the first fragment alone, the checksum is for the whole."""
    inside, wan, remote = ENDS[af]
    asks, answers = (8, 0) if af == 4 else (128, 129)
    data = bytes(range(250)) * 12

    def pieces(src: str, dst: str, kind: int, query_id: int, ident: int) -> list[bytes]:
        return cut(read_ip(query(src, dst, kind, query_id, data)), ident, 1200)

    def pass_through(sent: list[bytes], dev: int, queue: int) -> tuple[Ip, int]:
        core.sent.clear()
        for i in order:
            core.send(ip_frame(MAC[dev], RS_MAC, sent[i]), dev, queue)
        core.step()
        ip = together([frame[14:] for frame in core.sent[1 - dev]])
        assert bad_checksums(bytes(ip)) == []
        assert ip.payload[8:] == data
        return ip, int.from_bytes(ip.payload[4:6], "big")

    with snat_director(n_workers) as core:
        ids = set()
        for n in range(6):
            queue = n % n_workers
            ip, wan_id = pass_through(pieces(inside, remote, asks, 77 + n, n), TO_SERVERS, queue)
            assert (ip.src, ip.dst) == (wan, remote)
            ids.add(wan_id)
            ip, back = pass_through(pieces(remote, wan, answers, wan_id, n), TO_CLIENTS, queue)
            assert (ip.src, ip.dst, back) == (remote, inside, 77 + n)
        assert len(ids) == core.n_conns() == 6
        assert "to-kernel" not in core.verdicts()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
@WORKERS
@pytest.mark.parametrize("kind", [8, 13], ids=["echo", "timestamp"])
def test_what_asks_a_wan_address_in_fragments_is_not_translated(
    order: tuple[int, ...], n_workers: int, kind: int
) -> None:
    """Echo is answered as that of whole packets is, all else is Linux's; whoever received it."""
    sent = cut(read_ip(query(REMOTE, WAN, kind, 9, bytes(3000))), 5, 1200)
    with snat_director(n_workers) as core:
        for i in order:
            core.send(ip_frame(MAC[0], RS_MAC, sent[i]), TO_CLIENTS, n_workers - 1)
        core.step()
        if kind == 8:
            assert core.verdicts()["echo-replied"] == 3 and not core.to_kernel[0]
        else:
            assert sorted(frame[14:] for frame in core.to_kernel[0]) == sorted(sent)


def test_icmp_fragments_do_not_leave_untranslated() -> None:
    """What no query begins with is dropped; what no match takes is routed."""
    match = Match(4, proto=1, iif=TO_SERVERS, oif=TO_CLIENTS)
    with world(settings={"ip4_forwarding": 1}) as core:
        core.match_service(match, [Dest(WAN, 0, id=3)])
        for frag in (MF, 5):
            l3 = bytes(ip_of(INSIDE, REMOTE, 1, bytes([0, 0, 0, 0, 0, 9]) + bytes(18), frag=frag))
            core.send(ip_frame(MAC[1], RS_MAC, l3), TO_SERVERS)
            core.step()
        assert core.verdicts()["no-connection"] == 2
        core.delete_match(match)
        l3 = bytes(ip_of(INSIDE, REMOTE, 1, bytes(24), frag=MF, ident=3))
        assert len(core.forward(ip_frame(MAC[1], RS_MAC, l3), TO_SERVERS)) == 1
        assert core.verdicts()["transit"] == 1


@pytest.mark.parametrize("port", [80, 81])
def test_ports_in_the_first_fragment_choose_the_match(port: int) -> None:
    with world(settings={"ip4_forwarding": 1}) as core:
        core.match_service(Match(4, dst=Range(first_port=80, last_port=80)), [Dest(WAN, 0, id=3)])
        whole = read_ip(packet(ip_of(INSIDE, REMOTE, UDP), Udp(40000, port, bytes(1000))))
        for l3 in cut(whole, 4711, 800):
            core.send(ip_frame(MAC[1], RS_MAC, l3), TO_SERVERS)
        core.step()
        sources = {read_ip(frame[14:]).src for frame in core.sent[TO_CLIENTS]}
        assert sources == {WAN if port == 80 else INSIDE}
        assert len(core.sent[TO_CLIENTS]) == 2


# --- ICMP errors --------------------------------------------------------------------------------


@pytest.mark.parametrize("af", [4, 6])
@pytest.mark.parametrize("kind", ["tcp", "udp"])
@WORKERS
def test_behaviour_16_errors_find_the_connection_both_ways(
    af: int, kind: str, n_workers: int
) -> None:
    """Behaviour 16: on whichever worker they arrive."""
    make: Any = Tcp if kind == "tcp" else Udp
    proto = TCP if kind == "tcp" else UDP
    with snat_director(n_workers) as core:
        talk = Talk(core, af, kind)
        talk.out(**first(kind))
        inside, wan, remote = ENDS[af]
        for queue in range(n_workers):
            for dev, ends, inner_ends, ports in (
                (0, (remote, wan), (wan, remote), (talk.oracle.wan_port, 443)),
                (1, (inside, remote), (remote, inside), (443, 40000)),
            ):
                inner = packet(ip_of(*inner_ends, proto), make(*ports))
                error = (
                    bytes(ip_of(*ends, 1, icmp(3, 1, 0, inner)))
                    if af == 4
                    else bytes(ip_of(*ends, 58, icmp6(*ends, 1, 3, 0, inner)))
                )
                (sent,) = core.forward(ip_frame(MAC[dev], RS_MAC, error), dev, queue)
                ip = read_ip(sent[14:])
                quoted = read_ip(ip.payload[8:])
                assert not bad_checksums(sent[14:])
                assert not bad_checksums(ip.payload[8:])
                was = (ip.src, ip.dst, quoted.src, quoted.dst, read_ports(quoted.payload))
                assert was == (
                    (remote, inside, inside, remote, (40000, 443))
                    if dev == 0
                    else (wan, remote, remote, wan, (443, talk.oracle.wan_port))
                )


def read_ports(segment: bytes) -> tuple[int, int]:
    return int.from_bytes(segment[:2], "big"), int.from_bytes(segment[2:4], "big")


# --- life ---------------------------------------------------------------------------------------


def test_in_is_what_comes_from_the_world() -> None:
    """F-087: DPVS's directions; bytes of the IP packet."""
    with snat_director() as core:
        talk = established(core)
        talk.back(payload=b"x" * 60)
        counts = core.dest(SNAT_DEST)
        assert (counts["outpkts"], counts["outbytes"]) == (2, 80)
        assert (counts["inpkts"], counts["inbytes"]) == (2, 140)
        assert (counts["conns"], counts["active"], counts["inactive"]) == (1, 1, 0)
        core.delete_match(EVERYTHING)
        assert core.dest(SNAT_DEST)["outbytes"] == 80
        core.service("10.0.0.100", 80, [Dest(INSIDE, 80, id=SNAT_DEST)], laddrs=[])
        assert core.dest(SNAT_DEST)["inbytes"] == 80  # the id is another dest's now


@pytest.mark.parametrize(("own_s", "seconds"), [(0, 300), (20, 20)])
def test_an_icmp_connection_lasts_300_seconds_or_as_the_service_says(
    own_s: int, seconds: int
) -> None:
    """F-193; idle, so an answer renews it."""
    with world() as core:
        core.match_service(EVERYTHING, [Dest(WAN, 0, id=3)], conn_timeout_s=own_s)
        talk = Talk(core, 4, "echo")
        talk.out()
        core.pass_time(seconds * 0.7)
        assert len(talk.back()) == 1
        core.pass_time(seconds * 0.9)
        assert len(talk.back()) == 1
        assert core.n_conns() == 1
        core.pass_time(seconds + 2)
        assert core.n_conns() == 0
        assert core.ports(WAN)[0] == 0


def test_a_port_may_be_used_again_while_its_connection_closes() -> None:
    with snat_director() as core:
        talk = established(core)
        talk.out(flags=FIN | ACK, seq=101, ack=501)
        talk.back(flags=FIN | ACK, seq=501, ack=102)
        talk.oracle.wan_port = 0
        assert len(talk.out(flags=SYN, seq=7)) == 1
        assert core.n_conns() == 1


# --- configuration while there are connections ---------------------------------------------------


@WORKERS
def test_connections_outlive_their_service(n_workers: int) -> None:
    """From any queue, though no match names their packets any more."""
    with snat_director(n_workers, settings={"ip4_forwarding": 1}) as core:
        talks = [established(core, sport=40000 + i) for i in range(12)]
        core.delete_match(EVERYTHING)
        core.delete_match(replace(EVERYTHING, af=6))
        for i, talk in enumerate(talks):
            assert len(talk.out(i % n_workers, seq=101, ack=501)) == 1
            assert len(talk.back(i % n_workers, seq=501, ack=101)) == 1
        assert "transit" not in core.verdicts()
        new = tcp_frame(MAC[1], INSIDE, REMOTE, Tcp(9, 443, flags=SYN))
        (sent,) = core.forward(new, TO_SERVERS)
        assert read_ip(sent[14:]).src == INSIDE  # as without SNAT
        assert core.verdicts()["transit"] == 1


def test_expire_quiescent_cuts_them() -> None:
    with world() as core:
        core.match_service(EVERYTHING, [Dest(WAN, 0, id=3)], flags=1)
        talk = established(core)
        core.delete_match(EVERYTHING)
        assert talk.out(seq=101, ack=501) == []
        assert core.verdicts()["quiesced"] == 1
        assert core.n_conns() == 0


def test_a_standby_has_its_addresses_elsewhere() -> None:
    """New connections are not made; nothing leaves untranslated either."""
    with snat_director(settings={"ip4_forwarding": 1}) as core:
        talk = established(core)
        core.laddr_active(WAN, False)
        core.remove_addr(WAN)
        assert Talk(core, sport=5).out(flags=SYN) == []
        assert core.verdicts()["standby"] == 1
        assert len(talk.out(seq=101, ack=501)) == 1
        assert len(talk.back(seq=501, ack=101)) == 1


def test_several_wan_addresses_are_scheduled() -> None:
    """By weight, as dests are; each connection keeps its own."""
    others = [f"10.0.0.{201 + i}" for i in range(3)]
    with world() as core:
        for addr in others:
            core.laddr(addr, TO_CLIENTS)
        dests = [Dest(addr, 0, id=10 + i, weight=i) for i, addr in enumerate(others)]
        core.match_service(EVERYTHING, dests, sched="WRR")
        talks = [established(core, sport=1024 + i) for i in range(30)]
        used = [talk.oracle.wan for talk in talks]
        assert [used.count(addr) for addr in others] == [0, 10, 20]
        assert [core.dest(10 + i)["active"] for i in range(3)] == [0, 10, 20]


@pytest.mark.parametrize("sched", ["RR", "WRR", "WLC"])
def test_where_one_address_has_no_port_another_does(sched: str) -> None:
    """Here because it is not in use; one with weight 0 is not asked, a full one neither."""
    others = [f"10.0.0.{201 + i}" for i in range(4)]
    with world() as core:
        for addr in others:
            core.laddr(addr, TO_CLIENTS)
        core.laddr_active(others[0], False)
        dests = [
            Dest(others[0], 0, id=10, weight=100),
            Dest(others[1], 0, id=11, weight=0),
            Dest(others[2], 0, id=12, upper=3),
            Dest(others[3], 0, id=13),
        ]
        core.match_service(EVERYTHING, dests, sched=sched)
        talks = [established(core, sport=1024 + i) for i in range(30)]
        used = [talk.oracle.wan for talk in talks]
        assert [used.count(addr) for addr in others[:3]] == [0, 0, 3]
        assert [core.dest(10 + i)["active"] for i in range(4)] == [0, 0, 3, 27]
        assert [core.dest(10 + i)["conns"] for i in range(4)] == [0, 0, 3, 27]
        core.laddr_active(others[3], False)
        assert Talk(core, sport=9).out(flags=SYN) == []
        assert core.verdicts()["no-local-port"] == 1
        core.pass_time(100)
        assert [core.dest(10 + i)["inactive"] for i in range(4)] == [0] * 4


def test_a_real_server_of_nat_may_be_inside_too() -> None:
    """What it sends is the answer to a client, or its own connection; on any queue."""
    with snat_director(3) as core:
        core.service("10.0.0.100", 80, [Dest(INSIDE, 80, id=1, fwd="NAT")], laddrs=[])
        for i in range(12):
            talk = established(core, sport=50000 + i)
            assert len(talk.out(i % 3, seq=101, ack=501)) == 1
            syn = tcp_frame(MAC[0], REMOTE, "10.0.0.100", Tcp(2000 + i, 80, 1, flags=SYN))
            assert len(core.forward(syn, TO_CLIENTS, i % 3)) == 1
            answer = tcp_frame(MAC[1], INSIDE, REMOTE, Tcp(80, 2000 + i, 1, 2, SYN | ACK))
            (sent,) = core.forward(answer, TO_SERVERS, (i + 1) % 3)
            assert read_ip(sent[14:]).src == "10.0.0.100"
