"""ICMP errors about balanced packets, in every mode that rewrites, between any families (F-190,
F-191; behaviours 16 to 18): each row's both directions against the oracle, to the byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.modes.related_scene import ENDS, ROWS, SNAT_ROWS, Flow, Row, kinds, sender
from tests.oracle.icmp import Error, message
from tests.oracle.wire import UDP, bad_checksums, ip_frame, read_ip
from tests.steps.core import MAC
from tests.steps.scene import RS_MAC, TO_CLIENTS, TO_SERVERS

EVERY = ROWS + SNAT_ROWS
BOTH = {"from servers": TO_SERVERS, "from clients": TO_CLIENTS}


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("way", BOTH)
@pytest.mark.parametrize("row", EVERY, ids=str)
def test_behaviour_17_every_kind_of_error(row: Row, way: str, n_workers: int) -> None:
    """F-190, F-191: whichever worker receives it, whoever sent it."""
    dev = BOTH[way]
    with row.core(n_workers) as core:
        flow = Flow(row, core)
        af = flow.af_of_errors(dev)
        told = 0
        for n, (kind, code, rest) in enumerate(kinds(af)):
            error = Error(sender(dev, af, n % 2 == 0), kind, code, rest, tos=n % 256)
            n_quoted = (48 if af == 6 else 28) + n * 7 % 120
            told += flow.check(dev, error, n_quoted, n % n_workers) is not None
        assert told == core.verdicts()["icmp-related"]
        assert told == len(kinds(af)) - core.verdicts().get("not-translatable", 0)


@pytest.mark.parametrize("way", BOTH)
@pytest.mark.parametrize("row", EVERY, ids=str)
def test_behaviour_17_every_length_of_a_quote(row: Row, way: str) -> None:
    """From 8 bytes of the transport header to all of it: an odd end, a checksum cut in two."""
    dev = BOTH[way]
    with row.core() as core:
        flow = Flow(row, core, n_payload=31)
        af = flow.af_of_errors(dev)
        error = Error(sender(dev, af, True), *((11, 0) if af == 4 else (3, 0)))
        for n_quoted in range(48 if af == 6 else 28, len(flow.forwarded[1 - dev]) + 1):
            assert flow.check(dev, error, n_quoted)


@pytest.mark.parametrize("way", BOTH)
@pytest.mark.parametrize("row", EVERY, ids=str)
def test_a_quote_may_be_as_long_as_the_packet(row: Row, way: str) -> None:
    """Between families it is cut to what an error may be long."""
    dev = BOTH[way]
    with row.core() as core:
        flow = Flow(row, core, n_payload=1400)
        af = flow.af_of_errors(dev)
        error = Error(sender(dev, af, True), *((11, 0) if af == 4 else (3, 0)))
        for n_quoted in (548, 1232, 1400):
            assert flow.check(dev, error, n_quoted)


@pytest.mark.parametrize("way", BOTH)
@pytest.mark.parametrize("row", EVERY, ids=str)
def test_extensions(row: Row, way: str) -> None:
    """RFC 4884: kept where the quote keeps its length, else cut off, with the length attribute."""
    dev = BOTH[way]
    with row.core() as core:
        flow = Flow(row, core, n_payload=20)
        af = flow.af_of_errors(dev)
        kind = [(3, 1), (3, 4, 1400), (11, 0), (12, 0, 8 << 24)] if af == 4 else [(1, 4), (3, 0)]
        for each in kind:
            error = Error(sender(dev, af, True), *each, extension=b"\x20\0\xaa\xbb" + bytes(8))
            for n_quoted in (60, 68, 128):
                assert flow.check(dev, error, n_quoted)


@pytest.mark.parametrize("row", EVERY, ids=str)
def test_a_lying_length_attribute_is_not_believed(row: Row) -> None:
    with row.core() as core:
        flow = Flow(row, core)
        af = flow.af_of_errors(TO_SERVERS)
        shift = 16 if af == 4 else 24
        for n_words in (1, 7, 255):
            kind = (11, 0) if af == 4 else (3, 0)
            error = Error(sender(TO_SERVERS, af, True), *kind, n_words << shift)
            got = flow.error(TO_SERVERS, error, 100)
            want = Error(
                error.src, error.kind, error.code, 0 if row.client_af != af else error.rest
            )
            assert got == flow.expected(TO_SERVERS, want, 100, got)


@pytest.mark.parametrize("row", EVERY, ids=str)
def test_a_traffic_class_inside_is_kept(row: Row) -> None:
    with row.core() as core:
        flow = Flow(row, core, tos=0xB9)
        for dev in BOTH.values():
            af = flow.af_of_errors(dev)
            got = flow.check(
                dev, Error(sender(dev, af, True), *((11, 0) if af == 4 else (3, 0))), 99
            )
            assert got
            assert read_ip(read_ip(got).payload[8:].ljust(60, b"\0")).tos == 0xB9


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("row", EVERY, ids=str)
def test_a_damaged_error_is_dropped(row: Row, n_workers: int) -> None:
    with row.core(n_workers) as core:
        flow = Flow(row, core)
        for dev in BOTH.values():
            af = flow.af_of_errors(dev)
            error = Error(sender(dev, af, False), *((3, 1) if af == 4 else (1, 3)))
            l3 = bytearray(bytes(error.quoting(flow.forwarded[1 - dev])))
            l3[-1] ^= 4
            for worker in range(n_workers):
                assert core.forward(ip_frame(MAC[dev], RS_MAC, bytes(l3)), dev, worker) == []
        assert core.verdicts()["bad-icmp"] == 2 * n_workers


def small_route(row: Row) -> str:
    """To the host on the clients' device."""
    return f"{ENDS[TO_CLIENTS][row.client_af]}/{32 if row.client_af == 4 else 128}"


@pytest.mark.parametrize(("route_mtu", "mtu_max"), [(1300, 1300), (9000, 1500)])
@pytest.mark.parametrize("row", EVERY, ids=str)
def test_an_mtu_is_not_told_larger_than_our_own_way(row: Row, route_mtu: int, mtu_max: int) -> None:
    """RFC 7915 4.2, 5.2: the smaller of what the router and our next hop's link take; a route takes
    no more than its link (1500), which may have been lowered since."""
    with row.core() as core:
        core.route(small_route(row), TO_CLIENTS, mtu=route_mtu)
        flow = Flow(row, core)
        af = row.client_af
        kind = (3, 4) if af == 4 else (2, 0)
        for mtu in (1290, 1300, 1400, 1600):
            error = Error(sender(TO_CLIENTS, af, True), *kind, mtu)
            got = flow.error(TO_CLIENTS, error, 100)
            assert got
            assert got == flow.expected(TO_CLIENTS, error, 100, got, mtu_max=mtu_max)


@pytest.mark.parametrize(("n_sent", "told"), [(1500, 1492 + 20), (1492, 1280), (1493, 1492 + 20)])
def test_an_old_router_that_tells_no_mtu(n_sent: int, told: int) -> None:
    """RFC 1191 5, RFC 7915 4.2: the next plateau below what was sent, in IPv6's measure."""
    row = Row("FNAT", 6, 4, UDP)
    with row.core() as core:
        flow = Flow(row, core, n_payload=n_sent - 28)
        got = flow.check(TO_SERVERS, Error(sender(TO_SERVERS, 4, True), 3, 4, 0), 100)
        assert got
        assert int.from_bytes(read_ip(got).payload[4:8], "big") == told


@pytest.mark.parametrize("row", EVERY, ids=str)
def test_time_runs_out_for_errors_too(row: Row) -> None:
    """xmit_ttl: an error is counted down as its connection's packets are; nobody is told."""
    with row.core(xmit_ttl=1) as core:
        flow = Flow(row, core)
        for dev in BOTH.values():
            af = flow.af_of_errors(dev)
            kind = (11, 0) if af == 4 else (3, 0)
            router = sender(dev, af, True)
            got = flow.error(dev, Error(router, *kind, ttl=9), 100)
            assert got
            assert got == flow.expected(dev, Error(router, *kind, ttl=8), 100, got)
            assert flow.error(dev, Error(router, *kind, ttl=1), 100) is None
        assert core.verdicts()["ttl-expired"] == 2
        assert "icmp-error-sent" not in core.verdicts()


@pytest.mark.parametrize("row", EVERY, ids=str)
def test_it_counts_in_the_services_inbound_numbers(row: Row) -> None:
    """F-190."""
    with row.core() as core:
        flow = Flow(row, core)
        before = core.dest(row.dest_id)
        error = Error(sender(TO_SERVERS, row.server_af, False), *((3, 1) if row.server_af == 4
                                                                 else (1, 3)))  # fmt: skip
        flow.error(TO_SERVERS, error, 60)
        n_bytes = (28 if row.server_af == 4 else 48) + 60
        after = core.dest(row.dest_id)
        assert after["inpkts"] - before["inpkts"] == 1
        assert after["inbytes"] - before["inbytes"] == n_bytes
        assert after["outpkts"] == before["outpkts"]


@pytest.mark.parametrize("row", EVERY, ids=str)
def test_what_waits_for_its_next_hop_is_whole(row: Row) -> None:
    """A translated error may begin in front of where the frame began."""
    gateway, af = sender(TO_CLIENTS, row.client_af, True), row.server_af
    error = Error(sender(TO_SERVERS, af, False), *((3, 1) if af == 4 else (1, 3)))
    with row.core() as core:
        flow = Flow(row, core)
        core.route(small_route(row), TO_CLIENTS, via=gateway)
        core.forward(ip_frame(MAC[1], RS_MAC, bytes(error.quoting(flow.forwarded[0][:90]))), 1)
        assert core.verdicts()["resolving"] == 1
        core.sent.clear()
        core.neigh(gateway, TO_CLIENTS, "02:ee:00:00:00:01")
        (out,) = [out[14:] for out in core.sent[0] if out[0:2] == b"\x02\xee"]
        assert out == flow.expected(TO_SERVERS, error, 90, out)


# --- anything at all ----------------------------------------------------------------------------


@given(
    row=st.sampled_from(EVERY), dev=st.sampled_from(list(BOTH.values())),
    kind=st.sampled_from([0, 1, 2, 3, 4, 5, 11, 12]), code=st.integers(0, 16),
    rest=st.integers(0, 2**32 - 1), cut=st.integers(0, 120),
    bends=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 255)), max_size=4),
)  # fmt: skip
@settings(max_examples=150, deadline=None, database=None)
def test_bent_quotes(
    row: Row, dev: int, kind: int, code: int, rest: int, cut: int, bends: list[tuple[int, int]]
) -> None:
    """Behaviour 18, L-18: nothing crashes, what leaves is a packet with right checksums, and every
    buffer comes back."""
    with row.core() as core:
        flow = Flow(row, core)
        quote = bytearray(flow.forwarded[1 - dev][:cut])
        for at, value in bends:
            if at < len(quote):
                quote[at] = value
        af = flow.af_of_errors(dev)
        src, dst = sender(dev, af, True), read_ip(flow.forwarded[1 - dev]).src
        ip = message(src, dst, kind, code, rest, bytes(quote), 9, 0, 1)
        core.forward(ip_frame(MAC[dev], RS_MAC, bytes(ip)), dev)
        for out in core.sent[0] + core.sent[1]:
            assert bad_checksums(out[14:]) == []
            assert len(out) - 14 <= 1500
