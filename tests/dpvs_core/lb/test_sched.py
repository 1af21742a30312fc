"""Which dest each new connection gets, against oracle/lvs.py."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.lvs import RoundRobin, WeightedRoundRobin, least_loaded
from tests.oracle.wire import ACK, RST, SYN, Tcp
from tests.steps.core import Dest, StepCore
from tests.steps.scene import VIP, Flow, director, from_client

FAST = settings(max_examples=60, deadline=None, database=None)


def server_addr(i: int) -> str:
    return f"192.168.100.{10 + i}"


def dests_of(weights: Sequence[int], uppers: Sequence[int] | None = None) -> list[Dest]:
    uppers = uppers or [0] * len(weights)
    return [
        Dest(server_addr(i), 80, weight, id=i, upper=upper)
        for i, (weight, upper) in enumerate(zip(weights, uppers, strict=True))
    ]


def with_dests(
    sched: str, weights: Sequence[int], uppers: Sequence[int] | None = None, n_workers: int = 1
) -> StepCore:
    core = director(n_workers)
    for i in range(len(weights)):
        core.neigh(server_addr(i), 1)
    core.service(VIP, 80, dests_of(weights, uppers), sched=sched)
    return core


def connect(core: StepCore, cport: int) -> int | None:
    """Open a connection; the index of the dest it went to."""
    out = core.forward(from_client(Tcp(cport, 80, 1, flags=SYN)))
    return out[0][33] - 10 if out else None


WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=7)


@given(weights=WEIGHTS, n_workers=st.integers(1, 3))
@FAST
def test_rr_takes_the_dests_in_turn(weights: list[int], n_workers: int) -> None:
    oracle = RoundRobin(len(weights))
    with with_dests("RR", weights, n_workers=n_workers) as core:
        for cport in range(1, 30):
            assert connect(core, cport) == oracle.pick(lambda i: weights[i] > 0)


@given(weights=WEIGHTS, n_workers=st.integers(1, 3), factor=st.sampled_from([1, 3, 65535]))
@FAST
def test_wrr_keeps_the_order_of_lvs(weights: list[int], n_workers: int, factor: int) -> None:
    weights = [weight * factor for weight in weights]
    oracle = WeightedRoundRobin(weights)
    with with_dests("WRR", weights, n_workers=n_workers) as core:
        for cport in range(1, 3 * sum(w // factor for w in weights) + 4):
            assert connect(core, cport) == oracle.pick(lambda i: weights[i] > 0)


Change = tuple[bool, int]
"""Open a connection (True), or end one of those that are open, by its place."""
CHANGES = st.lists(st.tuples(st.booleans(), st.integers(0, 99)), max_size=40)


@given(weights=WEIGHTS, uppers=st.lists(st.integers(0, 3), min_size=7, max_size=7), changes=CHANGES)
@FAST
def test_wlc_takes_the_least_loaded(
    weights: list[int], uppers: list[int], changes: list[Change]
) -> None:
    """Some are established, others half-open; some end by a reset and turn inactive."""
    uppers = uppers[: len(weights)]
    active, inactive = [0] * len(weights), [0] * len(weights)
    flows: list[tuple[Flow, int]] = []

    def usable(i: int) -> bool:
        return weights[i] > 0 and (not uppers[i] or active[i] + inactive[i] < uppers[i])

    with with_dests("WLC", weights, uppers) as core:
        for n, (opens, which) in enumerate(changes):
            if not opens and flows:
                flow, i = flows.pop(which % len(flows))
                flow.client(RST)
                active[i], inactive[i] = active[i] - 1, inactive[i] + 1
                continue
            loads = [256 * a + b for a, b in zip(active, inactive, strict=True)]
            want = least_loaded(weights, loads, usable)
            flow = Flow(core, cport=1000 + n)
            out = flow.syn()
            assert (out[0][33] - 10 if out else None) == want
            if want is None:
                continue
            if which % 2:
                flow.server(SYN | ACK, seq=0)
                flow.client(ACK)
                active[want] += 1
                flows.append((flow, want))
            else:
                inactive[want] += 1
            stats = core.dest(want)
            assert (stats["active"], stats["inactive"]) == (active[want], inactive[want])


def test_wlc_sees_the_other_workers_connections() -> None:
    """Loads of the others are looked at again after 10 ms."""
    with with_dests("WLC", [1, 1, 1], n_workers=3) as core:
        got: Counter[int | None] = Counter()
        for cport in range(1, 31):
            core.step(11_000)
            got[connect(core, cport)] += 1
    assert got == {0: 10, 1: 10, 2: 10}


@pytest.mark.parametrize("sched", ["RR", "WRR", "WLC"])
def test_quiesced_and_inhibited_dests_get_nothing_new(sched: str) -> None:
    with with_dests(sched, [1, 1, 1]) as core:
        flow = Flow(core, cport=999).establish()
        busy = int(flow.daddr.split(".")[3]) - 10
        quiet = [
            Dest(server_addr(busy), 80, weight=0, id=busy),
            Dest(server_addr((busy + 1) % 3), 80, id=(busy + 1) % 3, inhibited=True),
            Dest(server_addr((busy + 2) % 3), 80, id=(busy + 2) % 3),
        ]
        core.service(VIP, 80, quiet, sched=sched)
        assert {connect(core, cport) for cport in range(1, 12)} == {(busy + 2) % 3}
        assert len(flow.client(ACK)) == 1  # established ones go on
        core.service(VIP, 80, quiet[:2], sched=sched)
        assert connect(core, 500) is None
        assert core.verdicts()["no-dest"] == 1


@pytest.mark.parametrize("sched", ["RR", "WRR", "WLC"])
@pytest.mark.parametrize("n_workers", [1, 3])
def test_threshold_is_never_passed_and_room_is_used_again(sched: str, n_workers: int) -> None:
    with with_dests(sched, [1, 3], [2, 3], n_workers=n_workers) as core:
        got = [connect(core, cport) for cport in range(1, 9)]
        assert Counter(got) == {0: 2, 1: 3, None: 3}
        assert core.verdicts()["dest-overload"] == 3
        core.pass_time(40)  # half-open ones are forgotten
        assert core.n_conns() == 0
        assert Counter(connect(core, cport) for cport in range(21, 29)) == {0: 2, 1: 3, None: 3}


def test_a_threshold_set_later_counts_the_connections_there_are() -> None:
    """F-058: active and inactive ones of the dest, whenever they were made."""
    with with_dests("RR", [1]) as core:
        assert [connect(core, cport) for cport in (1, 2, 3)] == [0, 0, 0]
        core.service(VIP, 80, dests_of([1], [2]))
        assert connect(core, 4) is None
        core.service(VIP, 80, dests_of([1], [4]))
        assert [connect(core, cport) for cport in (5, 6)] == [0, None]


def test_a_full_dest_opens_again_below_its_lower_threshold() -> None:
    """ipvsadm -x 3 -y 2: three connections fill it, and only one left open it again."""
    with director() as core:
        core.service(VIP, 80, [Dest(server_addr(0), 80, id=1, upper=3, lower=2)])
        core.neigh(server_addr(0), 1)
        flows = [Flow(core, cport=40000 + i) for i in range(5)]
        served = [bool(flow.syn()) for flow in flows]
        assert served == [True, True, True, False, False]
        for flow, more in zip(flows[:2], (False, True), strict=True):
            core.set(tcp_timeout_s=[2, 90, 3, 30, 7, 7, 1, 7, 7, 120, 30])
            flow.server(RST)
            core.pass_time(2)
            assert bool(flows[4].syn()) is more
