"""Every mode, pair of families and protocol that exists, both ways, with 1 and 3 workers: first and
later packets, options, an ICMP error each way, fragments. Packets are made and read by scapy, all
fields of what leaves are compared with the oracles'; which worker receives is chosen at random.
"""

import random
from collections.abc import Iterator

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6, _ICMPv6
from scapy.layers.l2 import Ether
from scapy.layers.sctp import SCTP
from scapy.packet import NoPayload, Packet

from tests.dpvs_core.modes.table import DEST_ID, N_BEGIN, ROWS, SHOTS, Conversation, Row, Shot
from tests.oracle.fragments import cut, piece_of, together
from tests.oracle.icmp import Balanced, Corners, Error, through_tunnel, translated
from tests.oracle.wire import ip_frame, read_ip
from tests.steps.core import MAC, StepCore, lib
from tests.steps.places import CLIENT_MAC, PLACES, RS_MAC, TO_CLIENTS
from tests.steps.rows import MODES

NEIGHBOUR_MAC = (CLIENT_MAC, RS_MAC)
each_row = pytest.mark.parametrize("row", ROWS, ids=str)
each_workers = pytest.mark.parametrize("n_workers", [1, 3])
N_FLOWS = {1: 1, 3: 3}
"""Enough that several workers own some."""


# --- comparing ----------------------------------------------------------------------------------


def text(frame: bytes) -> str:
    """All fields, a line each, so that a difference reads."""
    return "\n".join(fields(frame))


def fields(frame: bytes) -> Iterator[str]:
    """Layer by layer, as scapy reads them."""
    layer: Packet = Ether(frame)
    while not isinstance(layer, NoPayload):
        for name, value in layer.fields.items():
            yield f"{layer.name}.{name} = {value!r}"
        layer = layer.payload


COMPUTED = {IP: ("ihl", "len", "chksum"), IPv6: ("plen",), UDP: ("len", "chksum"),
            TCP: ("dataofs", "chksum"), ICMP: ("chksum",), SCTP: ("chksum",)}  # fmt: skip


def computed_anew(frame: bytes) -> bytes:
    """The frame with lengths and checksums as scapy writes them, up to the transport header."""
    whole: Packet = Ether(frame)
    layer = whole
    while not isinstance(layer, NoPayload):
        names = ("cksum",) if isinstance(layer, _ICMPv6) else COMPUTED.get(type(layer), ())
        if not (isinstance(layer, UDP) and layer.chksum == 0):
            for name in names:
                delattr(layer, name)
        if isinstance(layer, (TCP, UDP, SCTP, ICMP, _ICMPv6)):
            break
        layer = layer.payload
    return bytes(whole)


def assert_left(core: StepCore, dev: int, expected: list[bytes], why: str) -> None:
    """These IP packets and nothing else, in this order, to the neighbour on that device."""
    frames = [ip_frame(NEIGHBOUR_MAC[dev], MAC[dev], l3) for l3 in expected]
    assert core.sent[1 - dev] == [], why
    if core.sent[dev] != frames:
        assert "\n\n".join(map(text, core.sent[dev])) == "\n\n".join(map(text, frames)), why
    assert core.sent[dev] == frames, why
    assert not any(core.to_kernel.values()), why


# --- a conversation -----------------------------------------------------------------------------


class Table:
    """A row's core with its conversations; each packet by a queue chosen at random."""

    def __init__(self, row: Row, core: StepCore, is_read_by_scapy: bool = False) -> None:
        """`is_read_by_scapy`: lengths and checksums of what leaves are computed by it again."""
        self.row, self.core, self.is_read_by_scapy = row, core, is_read_by_scapy
        rng = random.Random(str(row))
        self.queue = lambda: rng.randrange(core.n_workers)
        self.talks = [Conversation(row, 40000 + 7 * i) for i in range(N_FLOWS[core.n_workers])]

    def arrives(self, is_ours: bool, packets: list[bytes]) -> None:
        dev = self.row.device if is_ours else 1 - self.row.device
        self.core.sent.clear()
        self.core.to_kernel.clear()
        for l3 in packets:
            self.core.send(ip_frame(MAC[dev], NEIGHBOUR_MAC[dev], l3), dev, self.queue())
            self.core.step(turns=2)
        self.core.step()

    def leaving(self, is_ours: bool) -> int:
        """The device by which it goes on."""
        return 1 - self.row.device if is_ours else self.row.device

    def emitted(self, is_ours: bool, why: str) -> bytes:
        frames = self.core.sent[self.leaving(is_ours)]
        assert len(frames) == 1, (why, self.core.verdicts())
        return frames[0][14:]

    def play(self, talk: Conversation, shot: Shot, payload: bytes | None = None) -> bytes:
        """One packet, checked; as it left."""
        l3 = talk.l3(shot, payload)
        self.arrives(shot.is_ours, [l3])
        why = f"{self.row} {shot.what}"
        out = self.emitted(shot.is_ours, why)
        want = talk.book.forth(l3, out) if shot.is_ours else talk.book.back(l3, out)
        assert_left(self.core, self.leaving(shot.is_ours), [want], why)
        if self.is_read_by_scapy:
            frame = self.core.sent[self.leaving(shot.is_ours)][0]
            assert frame.hex() == computed_anew(frame).hex(), why
        talk.learn(out)
        return out

    def shots(self, n: int | None = None) -> list[Shot]:
        """What passes here, of the first n."""
        return [each for each in SHOTS[self.row.proto]()[:n]
                if each.is_ours or not self.row.is_one_way]  # fmt: skip

    def begin(self) -> list[tuple[Conversation, dict[bool, bytes]]]:
        """Each conversation up to its first data, and what left last of each end."""
        begun = []
        for talk in self.talks:
            left: dict[bool, bytes] = {}
            for shot in self.shots(N_BEGIN[self.row.proto]):
                left[shot.is_ours] = self.play(talk, shot)
            begun.append((talk, left))
        return begun


def test_the_rows_are_the_cores() -> None:
    """No mode is left out."""
    fwds = sorted({mode.fwd for mode in MODES})
    there = {
        (fwd, client, server)
        for fwd in fwds
        for client in (4, 6)
        for server in (4, 6)
        if lib.core_fwd_supported(getattr(lib, f"CORE_FWD_{fwd}"), client, server)
    }
    assert there == set(MODES)
    assert {row.mode for row in ROWS} == set(MODES)


@each_row
@each_workers
def test_both_directions(row: Row, n_workers: int) -> None:
    with row.core(n_workers) as core:
        table = Table(row, core, is_read_by_scapy=True)
        for shot in table.shots():
            for talk in table.talks:
                table.play(talk, shot)
        assert core.verdicts()["scheduled"] == len(table.talks)
        ours = [shot for shot in table.shots() if shot.is_ours]
        counts = core.dest(DEST_ID)
        n_in, n_out = len(ours), len(table.shots()) - len(ours)
        if row.mode.fwd == "SNAT":  # in is what comes from the world
            n_in, n_out = n_out, n_in
        assert (counts["inpkts"], counts["outpkts"]) == (
            n_in * len(table.talks), n_out * len(table.talks))  # fmt: skip


# --- ICMP errors --------------------------------------------------------------------------------

ERRORS = {
    4: [(3, 1, 0), (3, 3, 0), (3, 4, 1400), (11, 0, 0), (12, 0, 8 << 24)],
    6: [(1, 3, 0), (1, 4, 0), (2, 0, 1400), (3, 0, 0), (4, 0, 7)],
}
"""Type, code, rest."""


def errors(row: Row, from_them: bool) -> list[Error]:
    """As routers on that side make them, and its host."""
    af = row.mode.server_af if from_them else row.mode.client_af
    dev = 1 - row.device if from_them else row.device
    hosts = PLACES[af].routers[dev], PLACES[af].ends[dev]
    return [Error(hosts[n % 2], *kind, tos=4 * n, ttl=50 + n, ident=n)
            for n, kind in enumerate(ERRORS[af])]  # fmt: skip


@pytest.mark.parametrize("row", [row for row in ROWS if not row.is_one_way], ids=str)
@each_workers
def test_an_icmp_error_each_way(row: Row, n_workers: int) -> None:
    """F-190: told to the sender of the packet it is about, in the sender's terms."""
    with row.core(n_workers) as core:
        table = Table(row, core)
        for talk, left in table.begin():
            for is_about_ours in (True, False):
                whole = left[is_about_ours]
                for n, error in enumerate(errors(row, is_about_ours)):
                    n_quoted = min(len(whole), 68 + 11 * n)
                    table.arrives(not is_about_ours, [bytes(error.quoting(whole[:n_quoted]))])
                    why = f"{row} {error}"
                    out = table.emitted(not is_about_ours, why)
                    ident = int.from_bytes(out[4:6], "big")
                    want = translated(
                        talk.conn, error, whole, n_quoted, is_about_ours, 1500, ident)  # fmt: skip
                    assert want is not None
                    assert_left(core, table.leaving(not is_about_ours), [want], why)
                    frame = core.sent[table.leaving(not is_about_ours)][0]
                    assert frame.hex() == computed_anew(frame).hex(), why
        assert core.verdicts()["icmp-related"] == len(table.talks) * 2 * 5


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_one_way], ids=str)
@each_workers
def test_an_icmp_error_about_an_answer_that_went_another_way(row: Row, n_workers: int) -> None:
    """To its sender, as it is (F-190)."""
    with row.core(n_workers) as core:
        table = Table(row, core)
        for talk, _ in table.begin():
            answer = Conversation(row, talk.sport)
            answer.conn = Balanced(talk.conn.client, _reversed(talk))
            whole = answer.l3(SHOTS[row.proto]()[1])
            for error in errors(row, from_them=False):
                l3 = bytes(error.quoting(whole[:60]))
                table.arrives(True, [l3])
                want = talk.book.forth(l3, table.emitted(True, str(row)))
                assert_left(core, table.leaving(True), [want], f"{row} {error}")


def _reversed(talk: Conversation) -> Corners:
    client = talk.conn.client
    return Corners(client.dst, client.dport, client.src, client.sport)


TUNNELS = [row for row in ROWS if row.mode.fwd == "TUNNEL"]


@pytest.mark.parametrize("row", TUNNELS, ids=str)
@each_workers
def test_an_icmp_error_about_a_tunnelled_packet(row: Row, n_workers: int) -> None:
    """The sender of the packet inside is told (RFC 2003 4, RFC 2473 8). Of DR's packets the client
    is the source, so errors about them go to it without us."""
    with row.core(n_workers) as core:
        table = Table(row, core)
        for _, left in table.begin():
            whole = left[True]
            for error in errors(row, from_them=True):
                table.arrives(False, [bytes(error.quoting(whole))])
                ident = 0
                if core.sent[TO_CLIENTS] and row.mode.client_af == 4:
                    ident = int.from_bytes(core.sent[TO_CLIENTS][0][18:20], "big")
                want = through_tunnel(error, whole, len(whole), 64, ident)
                core.to_kernel.clear()  # errors that are the tunnel's own affair
                assert_left(core, TO_CLIENTS, [want] if want else [], f"{row} {error}")


# --- fragments ----------------------------------------------------------------------------------

ORDERS = {"in order": (0, 1, 2), "last one first": (2, 0, 1)}
N_PIECE = 720


@each_row
@each_workers
@pytest.mark.parametrize("order", ORDERS)
def test_fragments_each_way(row: Row, n_workers: int, order: str) -> None:
    """F-004: each leaves as a piece of the packet that the whole would have become, under one
    identification of ours; where a tunnel begins, or with DR, each by itself. What comes before the
    first one waits for it."""
    payload = bytes(range(1, 250)) * 8
    with row.core(n_workers) as core:
        table = Table(row, core)
        n = 0
        for talk, _ in table.begin():
            for shot in [each for each in table.shots() if each.has_ip_options]:
                n += 1
                before = core.verdicts()
                whole = read_ip(talk.l3(shot, payload))
                pieces = cut(whole, 4711 + n, N_PIECE)
                table.arrives(shot.is_ours, [pieces[i] for i in ORDERS[order]])
                _check_pieces(table, talk, shot, bytes(whole), n, order)
                way = _way(row, shot)
                assert core.verdicts()[way] == before.get(way, 0) + len(pieces), way


def _way(row: Row, shot: Shot) -> str:
    """What its packets count as: in is what comes from the world."""
    return "forward-in" if shot.is_ours != (row.mode.fwd == "SNAT") else "forward-out"


def _check_pieces(
    table: Table, talk: Conversation, shot: Shot, whole: bytes, n: int, order: str
) -> None:
    row, dev = table.row, table.leaving(shot.is_ours)
    if row.is_one_way:
        pieces = cut(read_ip(whole), 4711 + n, N_PIECE)
        want = [
            talk.book.forth(pieces[i], frame[14:])
            for i, frame in zip((0, *[i for i in ORDERS[order] if i]), table.core.sent[dev],
                                strict=True)
        ]  # fmt: skip
    else:
        out = bytes(together(frame[14:] for frame in table.core.sent[dev]))
        left = talk.book.forth(whole, out) if shot.is_ours else talk.book.back(whole, out)
        first = piece_of(table.core.sent[dev][0][14:])
        assert first is not None
        pieces = cut(read_ip(left), first.ident, N_PIECE)
        want = [pieces[0], *(pieces[i] for i in ORDERS[order] if i)]
    assert_left(table.core, dev, want, f"{row} {shot.what} {order}")
