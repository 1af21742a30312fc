"""Copies of packets: what the filter takes, in time order, bounded, the workers never waiting."""

import errno
import socket
import struct
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

if TYPE_CHECKING:
    from tests.dpvs_core.host.plain_core import PlainCore

OURS, PEER = "02:00:00:00:00:01", "02:00:00:00:00:99"
RET_K, RET_A, LD_W_ABS, LD_H_ABS, LD_B_ABS, LD_LEN = 0x06, 0x16, 0x20, 0x28, 0x30, 0x80
JEQ_K = 0x15


class Record(NamedTuple):
    time_ns: int
    wire_bytes: int
    direction: int
    data: bytes


def records(run: bytes | int) -> Iterator[Record]:
    assert isinstance(run, bytes), f"errno {run}"
    at = 0
    while at < len(run):
        time_ns, wire, n, direction = struct.unpack_from("=QIIB3x", run, at)
        yield Record(time_ns, wire, direction, run[at + 20 : at + 20 + n])
        at += 20 + n


def program(*insns: tuple[int, int, int, int]) -> bytes:
    return b"".join(struct.pack("=HBBI", *insn) for insn in insns)


ONLY_UDP = program((LD_B_ABS, 0, 0, 23), (JEQ_K, 0, 1, 17), (RET_K, 0, 0, 65535), (RET_K, 0, 0, 0))


@pytest.fixture
def core() -> "Iterator[PlainCore]":
    pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")
    from tests.dpvs_core.host.plain_core import PlainCore

    core = PlainCore(macs=[OURS, "02:00:00:00:01:01"], n_workers=2)
    core.publish([("10.0.0.1", 0)], [("10.0.0.0/24", 0)])
    core.add_neigh("10.0.0.9", PEER)
    core.step()
    yield core
    core.capture_stop()
    core.step()
    core.sent_bytes(0)
    core.to_kernel(0)
    assert core.close() == 0


def echo(n: int = 8, seq: int = 1) -> Packet:
    ip = IP(src="10.0.0.9", dst="10.0.0.1")
    return Ether(dst=OURS, src=PEER) / ip / ICMP(seq=seq) / Raw(b"z" * n)


def udp() -> Packet:
    return Ether(dst=OURS, src=PEER) / IP(src="10.0.0.9", dst="10.0.0.7") / UDP() / Raw(b"u" * 9)


def test_received_and_sent_packets_are_copied_whole(core: "PlainCore") -> None:
    assert core.capture_start() == 0
    before = time.time_ns()
    core.receive(echo())
    got = list(records(core.capture_read()[0]))
    [answer] = core.sent_bytes()
    assert [(r.direction, r.data) for r in got] == [(0, bytes(echo())), (1, answer)]
    assert all(r.wire_bytes == len(r.data) for r in got)
    assert before <= got[0].time_ns <= got[1].time_ns <= time.time_ns()
    assert core.capture_read() == (b"", 0), "read once"


def test_nothing_is_copied_before_or_after(core: "PlainCore") -> None:
    core.receive(echo())
    core.capture_start()
    assert core.capture_read() == (b"", 0)
    assert core.capture_stop() == 0
    core.receive(echo())
    assert core.capture_read() == (-errno.ENOENT, 0)
    assert core.capture_stop() == -errno.ENOENT


def test_filter_and_snaplen(core: "PlainCore") -> None:
    core.capture_start(ONLY_UDP, snaplen=30)
    core.receive(echo(), udp(), echo())
    [record] = records(core.capture_read()[0])
    assert record.data == bytes(udp())[:30] and record.wire_bytes == len(bytes(udp()))


def test_other_devices_are_left_out(core: "PlainCore") -> None:
    core.capture_start(dev=1)
    core.receive(echo())
    assert core.capture_read() == (b"", 0)


def test_what_does_not_fit_is_counted_as_lost(core: "PlainCore") -> None:
    core.capture_start()
    frame = bytes(echo(1400))
    for _ in range(10):
        core.receive(*[frame] * 50)
        core.sent_bytes()
    run, lost = core.capture_read()
    kept = list(records(run))
    assert 700 < len(kept) < 1000 and len(kept) + lost == 1000
    for _ in range(20):
        core.receive(*[frame] * 50)
        core.sent_bytes()
        got = [r.data for r in records(core.capture_read()[0]) if r.direction == 0]
        assert got == [frame] * 50, "goes on after a flood, and over the ring's end"


def test_records_of_two_workers_are_read_in_time_order(core: "PlainCore") -> None:
    core.capture_start(program((LD_B_ABS, 0, 0, 34), (JEQ_K, 0, 1, 8), (RET_K, 0, 0, 99),
                               (RET_K, 0, 0, 0)))  # fmt: skip
    for seq in range(40):
        core.receive(echo(seq=seq), worker=seq % 2)
    got = [Ether(r.data)[ICMP].seq for r in records(core.capture_read()[0])]
    assert got == list(range(40))


def test_small_buffers_get_whole_records_one_by_one(core: "PlainCore") -> None:
    core.capture_start()
    core.receive(echo(), echo())
    size = 20 + len(bytes(echo()))
    assert core.capture_read(size - 1)[0] == -errno.EMSGSIZE
    seen = 0
    while run := core.capture_read(2 * size - 1)[0]:
        seen += len(list(records(run)))
    assert seen == 4


def test_one_capture_at_a_time_and_bad_arguments(core: "PlainCore") -> None:
    assert core.capture_start(dev=9) == -errno.ENODEV
    assert core.capture_start(snaplen=0) == -errno.EINVAL
    assert core.capture_start(program((0xFFFF, 0, 0, 0))) == -errno.EINVAL
    assert core.capture_start() == 0
    assert core.capture_start() == -errno.EBUSY


# --- the filter, with the kernel's as the oracle ------------------------------------------------

SO_ATTACH_FILTER = 26
FRAME = bytes(echo(24))
LOADS = [LD_W_ABS, LD_H_ABS, LD_B_ABS, 0x40, 0x48, 0x50, LD_LEN, 0x00, 0x01, 0x81, 0xB1]
ALU = [op | source for op in (0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x90, 0xA0) for source in (4, 12)]
OTHERS = [0x02, 0x03, 0x60, 0x61, 0x07, 0x87, 0x84]
JUMPS = [0x05, JEQ_K, 0x25, 0x35, 0x45, 0x1D, 0x2D, 0x3D, 0x4D]


def kernel_keeps(bpf: bytes) -> int | None:
    """Bytes of FRAME that the kernel keeps; None: it refuses the program."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left, right:
        right.setblocking(False)
        import ctypes

        insns = ctypes.create_string_buffer(bpf)
        fprog = struct.pack("@HP", len(bpf) // 8, ctypes.addressof(insns))
        try:
            right.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)
        except OSError:
            return None
        left.send(FRAME)
        try:
            return len(right.recv(4096))
        except BlockingIOError:
            return 0


insn = st.one_of(
    st.tuples(st.sampled_from(LOADS), st.just(0), st.just(0), st.integers(0, len(FRAME) + 4)),
    st.tuples(st.sampled_from(ALU), st.just(0), st.just(0), st.integers(0, 70)),
    st.tuples(st.sampled_from(OTHERS), st.just(0), st.just(0), st.integers(0, 15)),
    st.tuples(st.sampled_from(JUMPS), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)),
)
returns = st.sampled_from([(RET_K, 0, 0, 40), (RET_K, 0, 0, 0), (RET_A, 0, 0, 0)])


@settings(max_examples=400, deadline=None)
@given(st.lists(insn, max_size=12), returns)
@example([(LD_W_ABS, 0, 0, 0xFFFFFFF0)], (RET_K, 0, 0, 40))
@example([(0x01, 0, 0, 0xFFFFFFFF), (0x50, 0, 0, 20)], (RET_K, 0, 0, 40))
@example([(0x01, 0, 0, 0), (0x3C, 0, 0, 0)], (RET_K, 0, 0, 40))
def test_filters_decide_as_the_kernel_does(
    insns: list[tuple[int, int, int, int]], last: tuple[int, int, int, int]
) -> None:
    pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")
    from tests.dpvs_core.host.plain_core import PlainCore

    bpf = program(*insns, last)
    theirs = kernel_keeps(bpf)
    core = PlainCore(macs=[OURS], kernel=False)
    error = core.capture_start(bpf)
    if error == 0:
        core.receive(FRAME)
        kept = [r for r in records(core.capture_read()[0]) if r.direction == 0]
        if theirs is not None:
            assert sum(len(r.data) for r in kept) == theirs
        core.capture_stop()
    else:
        assert theirs is None, "the kernel takes it"
    core.step()
    core.sent_bytes()
    core.close()


@settings(max_examples=400, deadline=None)
@given(st.binary(min_size=8, max_size=80).filter(lambda b: len(b) % 8 == 0))
def test_garbage_programs_do_no_harm(bpf: bytes) -> None:
    pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")
    from tests.dpvs_core.host.plain_core import PlainCore

    core = PlainCore(macs=[OURS], kernel=False)
    assert core.capture_start(bpf) in (0, -errno.EINVAL)
    core.receive(FRAME)
    core.capture_stop()
    core.step()
    core.sent_bytes()
    core.close()
