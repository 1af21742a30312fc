"""Neighbour discovery that is not valid teaches nothing, is not answered, and is counted (RFC 4861
7.1.1, 7.1.2, 6980)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")

from tests.dpvs_core.host.nd_scene import OURS, PEER, US, claim, nd_director
from tests.oracle.nd import SOLICITED, SOURCE_LLA, TARGET_LLA, Message, Station, option
from tests.oracle.wire import FRAGMENT, ICMP6, IP6_TYPE, Ip6, bad_checksums, frame, icmp6
from tests.steps.core import MAC, StepCore
from tests.steps.neighbours import Neighbour, addr_states, conflicts, neighbours

ASKS, ANSWERS = PEER.asks(OURS), PEER.answers(US)
LLA = ASKS.options
NEW = "2001:db8::77"


@pytest.fixture
def core() -> Iterator[StepCore]:
    """Its peer is known: stale, so that an answer would make it reachable."""
    with nd_director() as core:
        core.forward(bytes(PEER.asks(OURS)))
        yield core


MALFORMED: dict[str, Message] = {
    "hop limit 254": replace(ASKS, ttl=254),
    "hop limit 0": replace(ASKS, ttl=0),
    "hop limit 254 of an advertisement": replace(ANSWERS, ttl=254),
    "code 1": replace(ASKS, code=1),
    "an option of length 0": replace(ASKS, options=bytes([SOURCE_LLA, 0]) + LLA[2:]),
    "an unknown option of length 0": replace(ASKS, options=LLA + bytes([77, 0]) + bytes(6)),
    "an option longer than the message": replace(ASKS, options=bytes([77, 2]) + bytes(6)),
    "half an option": replace(ASKS, options=LLA + bytes([77, 1, 0, 0])),
    "one byte of an option": replace(ASKS, options=LLA + b"\x4d"),
    "a link-layer address of two units": replace(ASKS, options=bytes([1, 2]) + LLA[2:] + bytes(8)),
    "a multicast link-layer address": replace(ASKS, options=option(1, "03:00:00:00:00:01")),
    "no link-layer address at all": replace(ASKS, options=option(1, "00:00:00:00:00:00")),
    "a multicast target": replace(ASKS, target="ff02::1"),
    "an unspecified target": replace(ASKS, target="::"),
    "a multicast source": replace(ASKS, src="ff02::9"),
    "a probe with a link-layer address": replace(claim(OURS).probes(), options=LLA),
    "a probe to us": replace(claim(OURS).probes(), dst=OURS, dst_mac=MAC[0]),
    "a probe to all nodes": replace(claim(OURS).probes(), dst="ff02::1"),
    "a multicast advertisement that is solicited": PEER.says(SOLICITED),
    "a multicast source of an advertisement": replace(ANSWERS, src="ff02::9"),
    "code 1 of an advertisement": replace(ANSWERS, code=1),
    "an advertisement's option of length 0":
        replace(ANSWERS, options=bytes([TARGET_LLA, 0]) + bytes(6)),
}  # fmt: skip


def is_refused(core: StepCore, data: bytes) -> None:
    before = neighbours(core)
    bad = core.verdicts().get("bad-nd", 0)
    assert core.forward(data) == []
    assert not core.to_kernel[0]
    assert neighbours(core) == before
    assert conflicts(core) == []
    assert core.verdicts()["bad-nd"] == bad + 1


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(core: StepCore, name: str) -> None:
    data = bytes(MALFORMED[name])
    assert bad_checksums(data[14:]) == []
    is_refused(core, data)


@pytest.mark.parametrize("message", [ASKS, ANSWERS])
@pytest.mark.parametrize("at", [56, 57, 58, 62, 70, 77, 80, 85])
def test_a_changed_byte_is_seen_by_the_checksum(core: StepCore, message: Message, at: int) -> None:
    data = bytearray(bytes(message))
    data[at] ^= 1
    is_refused(core, bytes(data))


@pytest.mark.parametrize("n_bytes", [8, 12, 20, 23])
def test_shorter_than_its_fixed_part(core: StepCore, n_bytes: int) -> None:
    """A right checksum over a message that ends too soon."""
    message = icmp6(PEER.addr, OURS, 135, 0, 0, bytes(n_bytes - 8))
    l3 = bytes(Ip6(PEER.addr, OURS, ICMP6, message, ttl=255))
    is_refused(core, frame(MAC[0], PEER.mac, l3, IP6_TYPE))


def test_a_far_flood_takes_nothing_from_the_link(core: StepCore) -> None:
    """Packets that a router passed on do not use up what may arrive from the link."""
    core.set(arp_pps=10)
    core.pass_time(2)
    for _ in range(100):
        core.forward(bytes(replace(ASKS, ttl=63)))
    assert len(core.forward(bytes(ASKS))) == 1


def test_in_a_fragment_header_it_is_linuxs(core: StepCore) -> None:
    """RFC 6980: ignored here; Linux ignores it too."""
    fragment = (FRAGMENT, bytes([0, 0, 0, 1, 0, 0, 0, 7]))
    moved = replace(Station("02:aa:00:00:00:aa", PEER.addr).says(), exts=(fragment,))
    assert core.forward(bytes(moved)) == []
    assert core.to_kernel[0] == [bytes(moved)]
    assert neighbours(core) == [Neighbour(PEER.addr, 0, "PROBE", PEER.mac)]


def test_an_atomic_fragment_is_whole_but_no_neighbour_discovery_uses_it(core: StepCore) -> None:
    """RFC 6980 5: a fragment header at all, and it is ignored."""
    atomic = (FRAGMENT, bytes([0, 0, 0, 0, 0, 0, 0, 7]))
    is_refused(core, bytes(replace(ASKS, exts=(atomic,))))


VALID = [ASKS, ANSWERS, PEER.says(), claim(NEW).says(), claim(NEW).probes()]


@settings(max_examples=300, deadline=None)
@given(
    message=st.sampled_from(VALID),
    options=st.lists(
        st.tuples(
            st.sampled_from([1, 2, 14, 77]),
            st.sampled_from([1, 1, 1, 0, 2, 3]),
            st.one_of(st.just(LLA[2:]), st.binary(min_size=6, max_size=6), st.binary(max_size=40)),
        ),
        max_size=3,
    ),
    flags=st.integers(0, 255),
    cut=st.one_of(st.just(0), st.integers(0, 30)),
)
def test_any_options_are_read_or_refused(
    message: Message, options: list[tuple[int, int, bytes]], flags: int, cut: int
) -> None:
    """What an independent reading of the options calls malformed changes nothing."""
    raw = b"".join(bytes([kind, n]) + body for kind, n, body in options)
    raw = raw[: len(raw) - cut] if cut < len(raw) else raw
    sent = replace(message, options=raw, flags=flags)
    with nd_director() as core:
        core.addr(NEW, 0, dad=True)
        core.step(100_000)
        core.forward(bytes(PEER.asks(OURS)))
        before = neighbours(core), addr_states(core)
        core.forward(bytes(sent))
        refused = core.verdicts().get("bad-nd", 0)
        assert refused == (not is_valid(sent))
        if refused:
            assert (neighbours(core), addr_states(core)) == before
        core.pass_time(2, slice_s=0.5)


def is_valid(message: Message) -> bool:
    """RFC 4861 7.1.1 and 7.1.2 for messages whose fixed part is right."""
    rest, kinds = message.options, []
    lla_kind = SOURCE_LLA if message.kind == 135 else TARGET_LLA
    while rest:
        if len(rest) < 8 or rest[1] == 0 or rest[1] * 8 > len(rest):
            return False
        if rest[0] == lla_kind:
            if rest[1] != 1 or rest[2] & 1 or not any(rest[2:8]):
                return False
            kinds.append(rest[0])
        rest = rest[rest[1] * 8 :]
    if message.kind == 136:
        return not (message.dst.startswith("ff") and message.flags & SOLICITED)
    return not (message.src == "::" and kinds)


@settings(max_examples=300, deadline=None)
@given(
    message=st.sampled_from(VALID),
    n_bytes=st.integers(15, 120),
    edits=st.lists(st.tuples(st.integers(14, 100), st.integers(0, 255)), max_size=6),
)
def test_no_bytes_do_harm(message: Message, n_bytes: int, edits: list[tuple[int, int]]) -> None:
    """Whatever arrives is counted somewhere, and no packet is left over."""
    data = bytearray((bytes(message) + bytes(40))[:n_bytes])
    for at, value in edits:
        if at < len(data):
            data[at] = value
    with nd_director() as core:
        core.send(bytes(data))
        core.step()
        assert sum(core.verdicts().values()) >= 1
        core.pass_time(10, slice_s=1)
