"""SCTP's packets in fragments (F-004, F-130), in every mode: new ports mean a new checksum, which
is over what no fragment has."""

from itertools import permutations

import pytest

from tests.dpvs_core.lb.sctp_scene import (
    CLIENT_TAG,
    NEIGHBOUR,
    REWRITING,
    SERVER_TAG,
    SERVICE_PORT,
    Association,
    Row,
    init,
)
from tests.oracle.fragments import Piece, cut, fragment, piece_of, together
from tests.oracle.sctp import DATA, SCTP, Chunk, Sctp, is_right, read_sctp
from tests.oracle.wire import DF, Ip, bad_checksums, ip_frame, ip_of
from tests.steps.core import MAC, StepCore

ROWS = pytest.mark.parametrize("row", REWRITING, ids=str)
WORKERS = pytest.mark.parametrize("n_workers", [1, 3])
LARGE = bytes(range(256)) * 10


def asked(one: Association, data: bytes = LARGE) -> Ip:
    raw = one.client_packet(Chunk(DATA, data)).pack()
    return ip_of(one.row.client, one.row.asked, SCTP, raw)


def answered(one: Association, data: bytes = LARGE) -> Ip:
    raw = Sctp(one.row.server_port, one.seen_port, CLIENT_TAG, (Chunk(DATA, data),)).pack()
    return ip_of(one.row.server, one.row.seen, SCTP, raw)


def run(core: StepCore, pieces: list[bytes], dev: int, worker: int = 0) -> list[bytes]:
    """What left for these fragments, each of which is received alone."""
    core.sent.clear()
    for l3 in pieces:
        core.send(ip_frame(MAC[dev], NEIGHBOUR, l3), dev, worker)
        core.step(turns=2)
    core.step()
    assert core.sent[dev] == []
    return [frame[14:] for frame in core.sent[1 - dev]]


def joined(out: list[bytes]) -> tuple[Ip, Sctp]:
    """What the receiver puts together: right, before it is read."""
    for l3 in out:
        assert "ip" not in bad_checksums(l3)
    ip = together(out)
    assert is_right(ip.payload)
    return ip, read_sctp(ip.payload)


@ROWS
@WORKERS
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_both_ways_in_any_order(row: Row, n_workers: int, order: tuple[int, ...]) -> None:
    """The first one leaves first; none leaves before first and last are there."""
    dev = row.client_dev
    with row.balancer(n_workers) as core:
        for n in range(4):
            one = Association(core, row, 40000 + n, worker=n % n_workers).open()
            pieces = cut(asked(one), 7 + n, 1200)
            out = run(core, [pieces[i] for i in order[:2]], dev, one.worker)
            assert (out == []) == (1 in order[:2])
            out += run(core, [pieces[order[2]]], dev, one.worker)
            ip, sctp = joined(out)
            assert (ip.src, ip.dst) == (row.seen, row.server)
            assert sctp == Sctp(one.seen_port, row.server_port, SERVER_TAG, (Chunk(DATA, LARGE),))
            first = piece_of(out[0])
            assert first
            assert first.offset == 0
            pieces = cut(answered(one), 7 + n, 1200)
            ip, sctp = joined(run(core, [pieces[i] for i in order], 1 - dev, one.worker))
            assert (ip.src, ip.dst) == (row.asked, row.client)
            assert sctp == Sctp(SERVICE_PORT, one.cport, CLIENT_TAG, (Chunk(DATA, LARGE),))
        verdicts = core.verdicts()
        assert verdicts["forward-in"] == verdicts["forward-out"]


@pytest.mark.parametrize("fwd", ["NAT", "DR", "TUNNEL"])
@WORKERS
def test_where_ports_stay_all_bytes_stay(fwd: str, n_workers: int) -> None:
    row = Row(fwd)
    with row.balancer(n_workers, server_port=SERVICE_PORT) as core:
        one = Association(core, row)
        one.client(init())
        out = run(core, cut(asked(one), 7, 1200), row.client_dev)
        if fwd == "TUNNEL":
            out = [l3[20:] for l3 in out]
        assert together(out).payload == asked(one).payload


@ROWS
@pytest.mark.parametrize(
    ("n_bytes", "n_piece"), [(9, 16), (1001, 24), (2025, 40), (4099, 1400), (16385, 1400)]
)
def test_any_length(row: Row, n_bytes: int, n_piece: int) -> None:
    """Any number of bytes behind the ports, in any number of pieces."""
    data = bytes(n % 253 for n in range(n_bytes))
    with row.balancer() as core:
        one = Association(core, row, 1 + n_bytes)
        one.client(init())
        _, sctp = joined(run(core, cut(asked(one, data), 7, n_piece), row.client_dev))
        assert sctp.chunks == (Chunk(DATA, data),)


def test_the_largest_packet() -> None:
    row = Row("FNAT")
    with row.balancer() as core:
        one = Association(core, row).open()
        data = bytes(65515 - 16)
        _, sctp = joined(run(core, cut(asked(one, data), 7, 1480), row.client_dev))
        assert sctp.chunks == (Chunk(DATA, data),)


def test_a_number_used_again_is_another_packets() -> None:
    """Its length is not the first one's."""
    row = Row("FNAT")
    with row.balancer() as core:
        one = Association(core, row).open()
        for data in (LARGE, LARGE + b"more", LARGE[:1500], LARGE):
            _, sctp = joined(run(core, cut(asked(one, data), 7, 1200), row.client_dev))
            assert sctp.chunks == (Chunk(DATA, data),)


def test_of_another_association_too() -> None:
    row = Row("FNAT")
    with row.balancer() as core:
        for cport in (40000, 40001, 40000):
            one = Association(core, row, cport)
            one.client(init())
            _, sctp = joined(run(core, cut(asked(one, LARGE[: cport % 7 + 1300]), 7, 1200), 0))
            assert sctp.sport == one.seen_port


@pytest.mark.parametrize("missing", [0, 2])
def test_what_is_not_complete_goes_nowhere(missing: int) -> None:
    row = Row("FNAT")
    with row.balancer(fragment_timeout_ms=200) as core:
        one = Association(core, row).open()
        pieces = cut(asked(one), 7, 1200)
        assert run(core, [piece for i, piece in enumerate(pieces) if i != missing], 0) == []
        assert core.verdicts()["fragment-waiting"] == 2
        core.step(300_000)
        assert core.verdicts()["fragment-lost"] == 2
        assert core.mbufs_in_use() == 0


def test_a_first_fragment_sent_again_and_again_keeps_nobody_waiting() -> None:
    """Rooms are by age: were the oldest made young, those behind it would never be given back."""
    row = Row("FNAT")
    with row.balancer(fragment_timeout_ms=1000) as core:
        one = Association(core, row).open()
        again = cut(asked(one), 7, 1200)[0]
        assert run(core, [again, *cut(asked(one), 8, 1200)[1:]], 0) == []
        for _ in range(9):
            core.step(100_000)
            run(core, [again], 0)
        assert core.mbufs_in_use() == 12
        core.step(150_000)
        run(core, [again], 0)
        core.step(0)
        assert core.mbufs_in_use() == 1
        core.step(1_100_000)
        assert core.mbufs_in_use() == 0


def test_one_piece_that_says_it_is_a_fragment() -> None:
    """IPv6's atomic fragments (RFC 6946)."""
    row = Row("FNAT", 6, 6)
    with row.balancer() as core:
        one = Association(core, row).open()
        ip = asked(one, b"data")
        out = run(core, [fragment(ip, Piece(5, 0, False, ip.payload))], 0)
        _, sctp = joined(out)
        assert sctp.chunks == (Chunk(DATA, b"data"),)


def test_a_wrong_checksum_stays_wrong() -> None:
    """The receiver's to see: it is changed by difference."""
    row = Row("FNAT")
    with row.balancer() as core:
        one = Association(core, row).open()
        pieces = cut(asked(one), 7, 1200)
        pieces[1] = pieces[1][:-1] + b"x"
        assert not is_right(together(run(core, pieces, 0)).payload)


def test_towards_ipv6_what_may_be_cut_fits_every_link() -> None:
    """RFC 7915 4: whole and in fragments; with DF it is told."""
    row = Row("FNAT", 4, 6)
    with row.balancer() as core:
        one = Association(core, row).open()
        whole = asked(one, LARGE[:1400])
        for packets in ([bytes(whole)], cut(asked(one), 9, 1400)):
            out = run(core, packets, 0)
            assert max(len(l3) for l3 in out) <= 1280
            joined(out)
        told = one.client(Chunk(DATA, LARGE[:1456]), frag=DF)
        assert told[0][14 + 20 : 14 + 22] == b"\3\4"
