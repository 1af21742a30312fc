"""The hard behaviours of the feature list that hold in every mode, by their numbers, over the rows
of the table (table.py). Of one mode alone, or of the host thread, they are in that one's tests:
`pytest -k behaviour_14` finds them all.

Nowhere, for they need what is not there yet: 5 to 9 (proxy protocol, SYN proxy), 19 (UOA), 35
(VLAN, bonding); of 23 there is only that port 0, which persistence gives its meaning, is refused.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from tests.dpvs_core.modes.table import (
    DEST_ID,
    DPORT,
    ROWS,
    SHOTS,
    THEY_ISN,
    VPORT,
    WE_ISN,
    Conversation,
    Row,
    Shot,
)
from tests.dpvs_core.modes.test_table import NEIGHBOUR_MAC, Table, each_row, each_workers
from tests.oracle.nd import Station
from tests.oracle.tcp_states import COLUMNS, INBOUND, INPUT_ONLY, OUTBOUND, next_of
from tests.oracle.wire import ACK, FIN, RST, SYN, Tcp, bad_checksums, read_ip, read_tcp
from tests.steps.core import Dest, StepCore, raw_mac
from tests.steps.neighbours import delete_neighbour
from tests.steps.places import PLACES, TO_SERVERS

TCP_ROWS = [row for row in ROWS if row.proto == "tcp"]
each_tcp = pytest.mark.parametrize("row", TCP_ROWS, ids=str)
BOTH_WAYS = [row for row in TCP_ROWS if not row.is_one_way]
each_both_ways = pytest.mark.parametrize("row", BOTH_WAYS, ids=str)
SYN_OURS, SYN_ACK, ACK_OURS, FIRST_DATA = (SHOTS["tcp"]()[i] for i in (0, 1, 2, 3))
FLAG = {"S": SYN, "A": ACK, "F": FIN, "R": RST}


def segments(core: StepCore, dev: int) -> list[tuple[str, str, Tcp]]:
    """Source, destination and segment of what left there, checksums right."""
    found = []
    for frame in core.sent[dev]:
        assert bad_checksums(frame[14:]) == []
        ip = read_ip(frame[14:])
        found.append((ip.src, ip.dst, read_tcp(ip.payload)))
    return found


# --- 10: a segment without a connection -----------------------------------------------------------


@each_tcp
@each_workers
def test_behaviour_10_a_segment_without_a_connection_is_reset(row: Row, n_workers: int) -> None:
    """F-074; RFC 9293 3.10.7.1: at the number its sender waits for, and no reset for resets."""
    with row.core(n_workers) as core:
        table, talk = Table(row, core), Conversation(row, 40000)
        for flags in ("A", "PA", "FA", "SA", "F", "", "R", "RA"):
            shot = Shot(True, flags, flags, 5, 9, payload=b"abc")
            sent = read_tcp(read_ip(talk.l3(shot)).payload)
            table.arrives(True, [talk.l3(shot)])
            assert core.sent[1 - row.device] == []
            out = segments(core, row.device)
            if "R" in flags:
                assert out == []
                continue
            ((src, dst, reset),) = out
            assert (src, dst, reset.sport, reset.dport) == (
                row.asked, row.we, sent.dport, sent.sport)  # fmt: skip
            if "A" in flags:
                assert (reset.flags, reset.seq) == (RST, THEY_ISN + 9)
            else:
                next_seq = (WE_ISN + 5 + 3 + ("F" in flags)) % 2**32
                assert (reset.flags, reset.seq, reset.ack) == (RST | ACK, 0, next_seq)
            assert (reset.options, reset.payload) == (b"", b"")
        assert core.n_conns() == 0
        assert core.verdicts()["reset-sent"] == 6


# --- 11: state tables -----------------------------------------------------------------------------


def ours(flags: str, seq: int = 1, ack: int = 1) -> Shot:
    return Shot(True, f"our {flags}", flags, seq, ack)


def theirs(flags: str, seq: int = 1, ack: int = 1) -> Shot:
    return Shot(False, f"their {flags}", flags, seq, ack)


SCENES: dict[str, tuple[list[Shot], str, str]] = {
    "simultaneous SYN": (
        [ours("S", 0), theirs("S", 0), ours("SA", 0), theirs("SA", 0), ours("A")], "ES", "ES"),
    "reset by us in SYN_RECV": ([ours("S", 0), ours("R", 1)], "SR", "SR"),
    "reset by them in SYN_RECV": ([ours("S", 0), theirs("RA", 0)], "CL", "SR"),
    "reset by us, established": ([ours("S", 0), theirs("SA", 0), ours("A"), ours("R")], "CL", "CL"),
    "reset by them, established": ([ours("S", 0), theirs("SA", 0), ours("A"), theirs("R")],
                                   "CL", "ES"),
    "we close first": (
        [ours("S", 0), theirs("SA", 0), ours("A"), ours("FA"), theirs("FA", 1, 2), ours("A", 2, 2)],
        "TW", "FW"),
    "they close first": (
        [ours("S", 0), theirs("SA", 0), ours("A"), theirs("FA"), ours("FA", 1, 2),
         theirs("A", 2, 2)], "TW", "FW"),
    "time wait stays": ([ours("S", 0), ours("F"), ours("A", 2), theirs("A", 1, 2)], "TW", "TW"),
    "closed by us before it was open": ([ours("S", 0), ours("F")], "TW", "TW"),
}  # fmt: skip
"""Packets, and the state after them where both directions pass, and where ours alone do (F-072)."""


def state(core: StepCore, row: Row, sport: int) -> str:
    port = 443 if row.mode.fwd == "SNAT" else VPORT
    found = core.find(6, row.we, sport, row.asked, port)
    assert found
    return COLUMNS[found.state]


def flags_of(shot: Shot) -> int:
    return sum(FLAG[each] for each in shot.flags)


@each_tcp
@pytest.mark.parametrize("name", SCENES)
def test_behaviour_11_states(row: Row, name: str) -> None:
    """F-070..F-072: every packet passes as the oracle says, and leads where the tables do."""
    shots, both_ways, alone = SCENES[name]
    with row.core(1) as core:
        table, talk = Table(row, core), Conversation(row, 40000)
        at = "NO"
        for shot in shots:
            if row.is_one_way and not shot.is_ours:
                continue
            table.play(talk, shot)
            rows = INPUT_ONLY if row.is_one_way else INBOUND if shot.is_ours else OUTBOUND
            at = next_of(rows, at, flags_of(shot))
            assert state(core, row, 40000) == at, shot.what
        assert at == (alone if row.is_one_way else both_ways)


@each_tcp
@each_workers
def test_behaviour_11_a_syn_in_time_wait_opens_again(row: Row, n_workers: int) -> None:
    """A new connection, scheduled and followed from its first packet; where a port of ours stands
    for the client, it is another one, for the server is in TIME_WAIT too."""
    with row.core(n_workers) as core:
        table, old = Table(row, core), Conversation(row, 40000)
        for shot in SCENES["closed by us before it was open"][0]:
            table.play(old, shot)
        assert state(core, row, 40000) == "TW"
        new = Conversation(row, 40000)
        for shot in SHOTS["tcp"]()[:10]:
            if shot in table.shots():
                table.play(new, shot)
        assert core.verdicts()["scheduled"] == core.dest(DEST_ID)["conns"] == 2
        assert core.n_conns() == 1
        assert state(core, row, 40000) == "ES"
        is_same = old.conn.server == new.conn.server
        assert is_same == (row.mode.fwd not in ("FNAT", "SNAT"))


@each_both_ways
def test_behaviour_11_a_syn_of_theirs_in_time_wait_does_not(row: Row) -> None:
    """From their side none begins; it passes, and the state is as their table says."""
    with row.core(1) as core:
        table, talk = Table(row, core), Conversation(row, 40000)
        for shot in SCENES["we close first"][0]:
            table.play(talk, shot)
        table.play(talk, theirs("S", 0))
        assert state(core, row, 40000) == "SS"
        assert core.verdicts()["scheduled"] == 1


# --- 12: resets at expiry -------------------------------------------------------------------------


@each_both_ways
@each_workers
def test_behaviour_12_expiry_resets_are_what_each_end_expects(row: Row, n_workers: int) -> None:
    """F-055; RFC 5961: only a reset at RCV.NXT is taken at once. Each in its own numbers."""
    with row.core(n_workers) as core:
        table = Table(row, core)
        for talk in table.talks:
            for shot in SHOTS["tcp"]()[:10]:
                table.play(talk, shot)
        core.sent.clear()
        core.pass_time(89)
        assert core.n_conns() == len(table.talks)
        core.pass_time(6)
        assert core.n_conns() == 0
        to_us = {s.dport: (src, dst, s) for src, dst, s in segments(core, row.device)}
        to_them = {s.sport: (src, dst, s) for src, dst, s in segments(core, 1 - row.device)}
        assert len(core.sent[0]) == len(core.sent[1]) == len(table.talks)
        for talk in table.talks:
            we, they = talk.conn.client, talk.conn.server
            src, dst, reset = to_us[we.sport]
            assert (src, reset.sport, dst, reset.dport) == (we.dst, we.dport, we.src, we.sport)
            assert (reset.flags, reset.seq) == (RST, (THEY_ISN + 210) % 2**32)
            src, dst, reset = to_them[they.dport]
            assert (src, reset.sport, dst, reset.dport) == (
                they.dst, they.dport, they.src, they.sport)  # fmt: skip
            expected = (WE_ISN + talk.conn.seq_added + 107) % 2**32
            assert (reset.flags, reset.seq) == (RST, expected)


@each_tcp
@pytest.mark.parametrize("n_shots", [1, 11, 13])
def test_behaviour_12_other_connections_end_without_a_word(row: Row, n_shots: int) -> None:
    """In any state but ESTABLISHED, and where the answers do not pass in that one too."""
    with row.core(1) as core:
        table, talk = Table(row, core), Conversation(row, 40000)
        for shot in SHOTS["tcp"]()[:n_shots]:
            if shot in table.shots():
                table.play(talk, shot)
        core.sent.clear()
        core.pass_time(95)
        assert core.n_conns() == 0
        assert not core.sent[0] and not core.sent[1]


# --- 15: a local address that goes ----------------------------------------------------------------

FNAT_ROWS = [row for row in ROWS if row.mode.fwd == "FNAT"]


@pytest.mark.parametrize("row", FNAT_ROWS, ids=str)
@each_workers
def test_behaviour_15_a_local_address_goes_when_its_connections_did(
    row: Row, n_workers: int
) -> None:
    """The service has another one; what has the old one goes on, both ways, until it is over."""
    old = PLACES[row.mode.server_af].lip
    other = old.replace("200", "201")
    proto = {"tcp": 6, "udp": 17, "sctp": 132}[row.proto]
    with row.core(n_workers) as core:
        table = Table(row, core)
        begun = [talk for talk, _ in table.begin()]
        core.laddr(other, TO_SERVERS)
        dest = Dest(row.they, DPORT, id=DEST_ID)
        core.service(row.asked, VPORT, [dest], proto=proto, laddrs=[other])
        core.step()
        new = Conversation(row, 50000)
        later = [each for each in table.shots() if each.has_ip_options]
        table.play(new, table.shots()[0])
        assert new.conn.server.dst == other
        for talk in begun:
            assert talk.conn.server.dst == old
            for shot in later:
                table.play(talk, shot)
        assert core.delete_laddr(old) < 0
        assert core.ports(old)[0] == len(begun)
        core.pass_time(1000)  # SCTP stands for 900 s
        assert core.ports(old)[0] == core.n_conns() == 0
        assert core.delete_laddr(old) == 0


# --- 16: whichever worker receives ----------------------------------------------------------------


@each_row
def test_behaviour_16_every_packet_by_a_queue_of_another_worker(row: Row) -> None:
    """It is handed on once, to the worker that has the connection (F-191, M-011)."""
    with row.core(3) as core:
        table = Table(row, core)
        for talk in table.talks:
            shots = table.shots()
            table.play(talk, shots[0])
            (found,) = [each for each in core.conns() if each.cport == talk.sport]
            table.queue = lambda owner=found.worker: (owner + 1) % 3  # type: ignore[misc]
            for shot in shots[1:]:
                before = core.verdicts().get("redirected", 0)
                table.play(talk, shot)
                assert core.verdicts()["redirected"] == before + 1, shot.what
        assert core.n_conns() == len(table.talks)
        assert core.worker(0)["conns"] < len(table.talks)


# --- 34: neighbours that change -------------------------------------------------------------------

MOVED, GATEWAY_MAC = "02:ee:00:00:00:99", "02:ee:00:00:00:01"


@each_row
@each_workers
def test_behaviour_34_a_moved_neighbour_is_seen_by_the_next_packet(
    row: Row, n_workers: int
) -> None:
    """Of both sides; and who sent a packet says nothing of where the answer goes (DPVS's fast-xmit
    answers to the frame's source)."""
    with row.core(n_workers) as core:
        table = Table(row, core)
        for talk, _ in table.begin():
            later = [each for each in table.shots() if each.has_ip_options]
            for shot in later:
                table.play(talk, shot)  # whose frames come from the neighbours of before
        hosts = {row.device: row.we, 1 - row.device: row.they}
        for dev, host in hosts.items():
            core.neigh(host, dev, MOVED)
        _assert_next_hops(table, later, MOVED)


def says(addr: str, mac: str, asked: str) -> bytes:
    """The station with that address asks for another one; for its own: an announcement to all."""
    if ":" not in addr:
        arp = ARP(op=1, hwsrc=mac, psrc=addr, pdst=asked)
        return bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / arp)
    station = Station(mac, addr)
    return bytes(station.says() if asked == addr else station.asks(asked))


@each_row
def test_behaviour_34_an_announcement_turns_established_flows(row: Row) -> None:
    """A host fails over to another station, which says so (DPVS waits until its entry ages)."""
    with row.core(1) as core:
        table = Table(row, core)
        hosts = {row.device: row.we, 1 - row.device: row.they}
        for dev, host in hosts.items():
            at = PLACES[6 if ":" in host else 4]
            assert delete_neighbour(core, host, dev) == 0
            core.step()
            core.forward(says(host, NEIGHBOUR_MAC[dev], at.own if dev else at.vip), dev)
        table.begin()
        for dev, host in hosts.items():
            core.forward(says(host, MOVED, host), dev)
        later = [each for each in table.shots() if each.has_ip_options]
        _assert_next_hops(table, later, MOVED)


@each_row
def test_behaviour_34_another_gateway_is_used_by_the_next_packet(row: Row) -> None:
    with row.core(1) as core:
        table = Table(row, core)
        table.begin()
        later = [each for each in table.shots() if each.has_ip_options]
        hosts = {row.device: row.we, 1 - row.device: row.they}
        for dev, host in hosts.items():
            af = 6 if ":" in host else 4
            gateway = PLACES[af].routers[dev]
            core.neigh(gateway, dev, GATEWAY_MAC)
            core.route(f"{host}/{128 if af == 6 else 32}", dev, via=gateway)
        _assert_next_hops(table, later, GATEWAY_MAC)


def _assert_next_hops(table: Table, shots: list[Shot], mac: str) -> None:
    for talk in table.talks:
        for shot in shots:
            table.arrives(shot.is_ours, [talk.l3(shot)])
            frames = table.core.sent[table.leaving(shot.is_ours)]
            assert [frame[:6] for frame in frames] == [raw_mac(mac)], shot.what
