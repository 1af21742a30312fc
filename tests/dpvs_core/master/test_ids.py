"""Ids: never two keys with one id, and none given again while it is not idle."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.master.ids import IdPool, Ids, NoIdLeft, Origin

steps = st.lists(
    st.tuples(st.sampled_from(["take", "retire", "sweep", "forget"]), st.integers(0, 5))
)


@given(steps)
def test_no_id_twice(program: list[tuple[str, int]]) -> None:
    pool: IdPool[int] = IdPool(4)
    for verb, key in program:
        if verb == "take":
            try:
                pool.take(key)
            except NoIdLeft:
                assert len(pool.used) + len(pool.trash) == 4
        elif verb == "sweep":
            even = key % 2
            pool.sweep(lambda id_: id_ % 2 == even)  # noqa: B023
        else:
            getattr(pool, verb)(key)
        ids = [*pool.used.values(), *pool.trash.values()]
        assert len(ids) == len(set(ids))
        assert not pool.used.keys() & pool.trash.keys()
        assert all(0 <= id_ < 4 for id_ in ids)


def test_trash_revives_until_swept() -> None:
    pool: IdPool[str] = IdPool(2)
    assert pool.take("a") == (0, Origin.NEW)
    assert pool.take("a") == (0, Origin.HELD)
    pool.retire("a")
    assert pool.take("b") == (1, Origin.NEW)
    assert pool.take("a") == (0, Origin.REVIVED)
    pool.retire("a")
    with pytest.raises(NoIdLeft):
        pool.take("c")
    assert pool.sweep(lambda _id: True) == 0
    assert pool.take("c") == (0, Origin.RECYCLED)


def test_a_dest_id_is_given_again_only_after_two_idle_looks(bench: Any) -> None:
    import logging

    from dpvs_core.control import messages as m
    from dpvs_core.master.engine import DestStats
    from dpvs_core.master.upkeep import Upkeep

    key = m.ServiceKey(proto="tcp", addr="10.0.0.1", port=80)
    spec = m.DestSpec(addr="10.0.0.2", port=80, forward="fullnat")
    bench.do(m.ServiceAdd(key=key), m.DestAdd(service=key, dest=spec), m.ServiceDel(key=key))
    upkeep = Upkeep(bench.handlers, bench.service, logging.getLogger("test"))
    bench.engine.stats[0, None] = DestStats(inactive=1)
    asyncio.run(upkeep.sweep())
    asyncio.run(upkeep.sweep())
    assert bench.state.dest_ids.trash
    bench.engine.stats.clear()
    asyncio.run(upkeep.sweep())
    assert bench.state.dest_ids.trash
    asyncio.run(upkeep.sweep())
    assert not bench.state.dest_ids.trash


def test_a_new_id_is_taken_only_where_there_is_no_other() -> None:
    ids: Ids[str] = Ids(2)
    assert ids.take_new() == 0
    ids.retire("a", 0)
    assert ids.take_new() is None
    ids.free("a", 0)
    assert ids.take_new() is None
    assert ids.take("b") == (0, Origin.RECYCLED)
    assert ids.take_new() == 1
    with pytest.raises(NoIdLeft):
        ids.take_new()
