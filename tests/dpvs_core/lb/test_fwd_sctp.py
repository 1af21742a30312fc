"""SCTP's packets in every mode (F-130): fields, checksum, workers, ICMP errors."""

import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.lb.sctp_scene import (
    CLIENT_TAG,
    NEIGHBOUR,
    ONE_WAY,
    REWRITING,
    SERVER_TAG,
    SERVICE_PORT,
    Association,
    Row,
    framed,
    init,
    unpacked,
)
from tests.oracle.sctp import COOKIE_ACK, DATA, INIT_ACK, SCTP, Chunk, Sctp, crc32c, read_sctp
from tests.oracle.wire import DF, ICMP, ICMP6, icmp, icmp6, ip_frame, ip_of, read_ip
from tests.steps.core import MAC, StepCore
from tests.steps.scene import CLIENT, TO_CLIENTS, VIP, director

ROWS = pytest.mark.parametrize("row", REWRITING, ids=str)
WORKERS = pytest.mark.parametrize("n_workers", [1, 3])


def test_the_oracles_checksum_is_the_known_one() -> None:
    """RFC 3720 B.4: of 32 bytes of zeros, of ones, ascending; and the usual check value."""
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E


@ROWS
@WORKERS
def test_both_directions_whatever_the_queue(row: Row, n_workers: int) -> None:
    """Addresses, ports and checksum change, nothing else; every packet finds its worker."""
    df = {"frag": DF} if row.client_af == 4 else {}
    with row.balancer(n_workers) as core:
        used = set()
        for n in range(12):
            one = Association(core, row, 40000 + n, worker=n % n_workers).open()
            for queue in range(n_workers):
                one.worker = queue
                data = Chunk(DATA, bytes(range(n * 7)), flags=3)
                (frame,) = one.client(data, tos=0x2E, ttl=33, **df)
                ip, sctp = unpacked(frame)
                assert (ip.src, ip.dst, ip.tos, ip.ttl) == (row.seen, row.server, 0x2E, 33)
                assert sctp == Sctp(one.seen_port, row.server_port, SERVER_TAG, (data,))
                (frame,) = one.server(data)
                ip, sctp = unpacked(frame)
                assert (ip.src, ip.dst, ip.ttl) == (row.asked, row.client, 64)
                assert sctp == Sctp(SERVICE_PORT, one.cport, CLIENT_TAG, (data,))
            listed = one.listed()
            assert listed
            assert listed == core.find(SCTP, row.server, row.server_port, row.seen, one.seen_port)
            used.add(listed.worker)
        assert used == set(range(n_workers))
        assert core.verdicts()["scheduled"] == core.n_conns() == 12


@pytest.mark.parametrize("row", ONE_WAY, ids=str)
@WORKERS
def test_modes_that_touch_no_transport(row: Row, n_workers: int) -> None:
    with row.balancer(n_workers) as core:
        for n in range(6):
            one = Association(core, row, 40000 + n, worker=n % n_workers).open()
            (frame,) = one.client(Chunk(DATA, b"data"))
            ip = read_ip(frame[14:])
            inner = read_ip(ip.payload) if row.fwd == "TUNNEL" else ip
            assert inner.payload == one.client_packet(Chunk(DATA, b"data")).pack()
            assert (inner.src, inner.dst) == (row.client, row.asked)
            assert row.fwd == "DR" or ip.dst == row.server


@given(data=st.binary(max_size=1300), cport=st.integers(1, 65535), tag=st.integers(1, 2**32 - 1))
@settings(max_examples=60, deadline=None, database=None)
def test_any_data(data: bytes, cport: int, tag: int) -> None:
    with Row("FNAT").balancer() as core:
        one = Association(core, cport=cport)
        one.client(init())
        _, sctp = unpacked(one.client(Chunk(DATA, data), tag=tag)[0])
        assert (sctp.tag, sctp.chunks) == (tag, (Chunk(DATA, data),))


@WORKERS
@pytest.mark.parametrize("at", [0, 5, 9, 13, -1])
def test_a_wrong_checksum_goes_no_farther(n_workers: int, at: int) -> None:
    """A new sum would make right what was wrong."""
    with Row("FNAT").balancer(n_workers) as core:
        one = Association(core).open()
        good = one.client_packet(Chunk(DATA, b"data!")).pack()
        broken = bytearray(good)
        broken[at] ^= 1
        for n in range(n_workers):
            frame = framed(TO_CLIENTS, CLIENT, VIP, bytes(broken))
            assert core.forward(frame, TO_CLIENTS, n) == []
        assert core.verdicts()["bad-sctp-checksum"] == n_workers
        assert len(core.forward(framed(TO_CLIENTS, CLIENT, VIP, good), TO_CLIENTS)) == 1


@pytest.mark.parametrize("n_bytes", [0, 4, 11, 12, 15])
def test_what_is_too_short_is_dropped(n_bytes: int) -> None:
    with Row("FNAT").balancer() as core:
        data = Association(core).client_packet(init()).pack()[:n_bytes]
        assert core.forward(framed(TO_CLIENTS, CLIENT, VIP, data), TO_CLIENTS) == []
        assert core.verdicts()["too-short"] == 1


def test_to_a_port_without_service_it_is_linuxs() -> None:
    with Row("FNAT").balancer() as core:
        frame = framed(TO_CLIENTS, CLIENT, VIP, Sctp(1, 81, 0, (init(),)).pack())
        assert core.forward(frame, TO_CLIENTS) == []
        assert core.to_kernel[TO_CLIENTS] == [frame]


def error_about(core: StepCore, one: Association, n_quoted: int) -> list[bytes]:
    """A router on the servers' side says that the client's last packet did not arrive."""
    (frame,) = one.client(Chunk(DATA, b"data"))
    row, quoted = one.row, frame[14:]
    n_header = 20 if row.server_af == 4 else 40
    router = "192.168.100.77" if row.server_af == 4 else "fd00:64::77"
    quote = quoted[: n_header + n_quoted]
    if row.server_af == 4:
        message, proto = icmp(3, 1, 0, quote), ICMP
    else:
        message, proto = icmp6(router, row.seen, 1, 3, 0, quote), ICMP6
    dev = 1 - row.client_dev
    l3 = bytes(ip_of(router, row.seen, proto, message))
    return core.forward(ip_frame(MAC[dev], NEIGHBOUR, l3), dev, one.worker)


@ROWS
@pytest.mark.parametrize("n_quoted", [8, 24])
def test_icmp_errors_are_about_the_clients_packet(row: Row, n_quoted: int) -> None:
    """F-190: routers quote ports and tag at least."""
    with row.balancer() as core:
        one = Association(core, row).open()
        (sent,) = error_about(core, one, n_quoted)
        outer = read_ip(sent[14:])
        assert outer.dst == row.client
        inner = read_ip(outer.payload[8:])
        assert (inner.src, inner.dst, inner.proto) == (row.client, row.asked, SCTP)
        assert struct.unpack_from("!HHI", inner.payload) == (one.cport, SERVICE_PORT, SERVER_TAG)


def test_larger_than_the_way_is_told() -> None:
    """Nothing is added to SCTP: the whole MTU is the client's."""
    with director() as core:
        row = Row("FNAT")
    with row.balancer() as core:
        core.routes = [r for r in core.routes if r[0] != "192.168.100.0"]
        core.route("192.168.100.0/24", 1, mtu=1000)
        one = Association(core).open()
        core.addr("10.0.0.1", TO_CLIENTS)
        sent = one.client(Chunk(DATA, bytes(1200)), frag=DF)
        told = read_ip(sent[0][14:])
        assert (told.dst, told.payload[:2]) == (CLIENT, b"\3\4")
        assert struct.unpack_from("!H", told.payload, 6) == (1000,)


def test_ports_come_back() -> None:
    """A local port a connection, given back at its end."""
    row = Row("FNAT")
    with row.balancer() as core:
        for n in range(5):
            Association(core, row, 40000 + n).client(init())
        assert core.ports(row.seen)[0] == 5
        core.pass_time(6)
        assert core.ports(row.seen)[0] == 0


def test_a_first_packets_init_ack_and_cookie_keep_their_chunks() -> None:
    with Row("FNAT", 6, 4).balancer() as core:
        one = Association(core, Row("FNAT", 6, 4))
        _, sctp = unpacked(one.client(init())[0])
        assert sctp.chunks == (init(),)
        _, sctp = unpacked(one.server(init(INIT_ACK, SERVER_TAG), Chunk(COOKIE_ACK))[0])
        assert sctp == replace(sctp, chunks=(init(INIT_ACK, SERVER_TAG), Chunk(COOKIE_ACK)))
        assert read_sctp(sctp.pack()) == sctp
