"""Several dests in one request: the same as one by one, whatever is asked and refused."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpvs_core.control import codec
from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code
from dpvs_core.master import meanings

KEYS = [m.ServiceKey(proto="tcp", addr="10.0.0.100", port=port) for port in (80, 81)]
KEY = KEYS[0]


def dest(n: int, **fields: Any) -> m.DestSpec:
    return m.DestSpec(addr=f"192.168.100.{n}", port=80, forward="fullnat", **fields)


keys = st.sampled_from(KEYS)
specs = st.one_of(
    *[st.builds(dest, st.integers(1, 3), weight=st.integers(0, 2))] * 9,
    st.just(dest(4, weight=-1)),
    st.just(dest(300)),
)
changes: st.SearchStrategy[m.Change] = st.one_of(
    *[st.builds(kind, service=keys, dest=specs) for kind in (m.DestAdd, m.DestAdd, m.DestEdit)],
    st.builds(m.DestDel, service=keys, addr=st.just("192.168.100.1"), port=st.just(80)),
    st.builds(m.ServiceAdd, key=keys),
    st.builds(m.ServiceDel, key=keys),
)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(changes, max_size=10), min_size=1, max_size=4))
def test_as_one_by_one(
    bench_that_forwards: Callable[..., Any], batches: list[list[m.Change]]
) -> None:
    """Replies to the last letter, what the core is told, and who has which id."""
    singly, joined = (bench_that_forwards((0, 4, 4)) for _ in range(2))
    for bench in (singly, joined):
        bench.do(m.ServiceAdd(key=KEY), m.DestAdd(service=KEY, dest=dest(1)))
    for batch in batches:
        (expected,) = singly.run(m.Batch(requests=batch))
        (reply,) = joined.run(m.Batch(requests=codec.joined(batch)))
        if isinstance(expected, m.Failure):
            reply = m.Failure(
                code=reply.code, message=reply.message.replace("(dests.", "(dest."),
                value=reply.value,
            )  # fmt: skip
        assert reply == expected
        assert joined.snapshot() == singly.snapshot()
        assert joined.state.dest_ids == singly.state.dest_ids


def test_alone_it_is_answered_as_any_request(bench: Any) -> None:
    bench.do(m.ServiceAdd(key=KEY))
    both = (dest(1), dest(2))
    assert bench.run(m.DestsAdd(service=KEY, dests=both)) == [m.Ok()]
    assert bench.run(m.DestsEdit(service=KEY, dests=both)) == [m.Ok(changed=False)]
    assert bench.run(m.DestsEdit(service=KEY, dests=(dest(1), dest(2, weight=7)))) == [m.Ok()]
    ((_, told, _),) = bench.engine.services.values()
    assert [row.weight for row in told] == [1, 7]


def test_the_refused_dest_is_the_one_that_is_named(bench: Any) -> None:
    several = m.DestsAdd(service=KEY, dests=(dest(1), dest(2), dest(1), dest(3)))
    before = m.DestsAdd(service=KEY, dests=(dest(8), dest(9)))
    (reply,) = bench.run(m.Batch(requests=[m.ServiceAdd(key=KEY), before, several]))
    assert reply.code == Code.EXIST
    assert reply.message.startswith("request 6 of the batch (dests.add): the dest exists")
    assert (bench.state.services, bench.engine.services) == ({}, {})


def test_a_batch_counts_what_differs(bench: Any) -> None:
    bench.do(m.ServiceAdd(key=KEY), m.DestsAdd(service=KEY, dests=(dest(1), dest(2))))
    edit = m.DestsEdit(service=KEY, dests=(dest(1), dest(2, weight=9)))
    assert bench.run(m.Batch(requests=[edit])) == [m.BatchDone(changed=1)]


def test_what_specs_mean_is_not_remembered_for_ever(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meanings, "MAX_KNOWN", 3)
    bench.do(m.ServiceAdd(key=KEY), *(m.DestAdd(service=KEY, dest=dest(n)) for n in range(1, 9)))
    ((known,),) = [list(bench.state.meanings.values())]
    assert 0 < len(known) <= 3
    ((_, told, _),) = bench.engine.services.values()
    assert [row.raw[3] for row in told] == list(range(1, 9))


def test_a_threshold_that_the_core_cannot_hold_is_refused(bench: Any) -> None:
    bench.do(m.ServiceAdd(key=KEY))
    too_high = dest(1, upper_threshold=1 << 32)
    assert bench.code(m.DestAdd(service=KEY, dest=too_high)) == Code.INVAL
