"""Edits without memory, thrown away or in numbers: nothing stays behind, nothing goes too early."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from dpvs_core._native import ffi, lib

from tests.dpvs_core.lb.test_services import ask
from tests.oracle.wire import TCP
from tests.steps.core import Dest, Edit, StepCore
from tests.steps.scene import LIP, RS, director

N = 60  # services there before; an edit splits pages, so that each kind of allocation is refused
ENOMEM, EBUSY, ESTALE = 12, 16, 116
MAX_REFUSALS = 2000


def vip(i: int) -> str:
    return f"10.0.{i // 200 + 2}.{i % 200 + 1}"


@contextmanager
def many(n: int = N) -> Iterator[StepCore]:
    with director() as core:
        with core.edit() as edit:
            for i in range(n):
                assert edit.put(vip(i), 80, [Dest(RS, 1000 + i, id=i)], sched="WRR") == 0
        settle(core)
        yield core


def settle(core: StepCore) -> None:
    """Turns of all threads until nothing waits to be freed."""
    for _ in range(20):
        core.step()
        if lib.core_poll(core.core) == 0:
            return
    raise AssertionError("something is never freed")


def pieces(core: StepCore) -> int:
    settle(core)
    return int(lib.core_memory_pieces(core.core))


def everything(edit: Edit) -> list[int]:
    """New services, replaced ones (also twice), removed ones, real servers of NAT; the results."""
    nat = [edit.put(vip(i), 81, [Dest(vip(100 + i), 2, id=i, fwd="NAT")]) for i in range(40)]
    made = [edit.put(vip(i), 80, [Dest(RS, 2, id=i)], sched="WRR") for i in range(N, N + 40)]
    again = [edit.put(vip(i), 80, [Dest(RS, 3, id=i)] * 3) for i in range(N + 30, N + 40)]
    replaced = [edit.put(vip(i), 80, [Dest(RS, 4, id=i)]) for i in range(0, N, 2)]
    removed = [edit.delete(vip(i), 80) for i in range(1, N, 3)]
    return nat + made + again + replaced + removed


def test_an_aborted_edit_leaves_nothing() -> None:
    with many() as core:
        before = pieces(core)
        edit = Edit(core)
        assert set(everything(edit)) == {0}
        edit.abort()
        assert pieces(core) == before
        assert [ask(core, (vip(i), 80, TCP), 1000) for i in (0, 1, N)] == [1000, 1001, None]


def test_committed_edits_free_what_they_replaced() -> None:
    """Again and again with the same result: the memory is the same."""
    with many() as core:
        amounts = set()
        for port in range(2, 7):
            with core.edit() as edit:
                assert set(everything(edit)) == {0}
            with core.edit() as edit:
                for i in [*range(0, N, 2), *range(N, N + 40)]:
                    assert edit.put(vip(i), 80, [Dest(RS, 7, id=i)]) == 0
                    assert edit.delete(vip(i), 80) == 0
                    assert edit.put(vip(i), 80, [Dest(RS, port, id=i)], sched="WRR") == 0
                for i in range(1, N, 3):
                    assert edit.put(vip(i), 80, [Dest(RS, port, id=i)], sched="WRR") == 0
            amounts.add(pieces(core))
            assert ask(core, (vip(0), 80, TCP), 1000 + port) == port
        assert len(amounts) == 1


def test_whatever_allocation_is_refused_nothing_is_left_or_lost() -> None:
    """Every allocation of an edit in turn: what was refused is not there, the rest is, and both
    an abort and a commit of the rest leave the memory in order."""
    with many() as core:
        before = pieces(core)
        for after in range(1, MAX_REFUSALS):
            assert lib.core_memory_refuse(core.core, after) == 0
            native = lib.core_lb_begin(core.core)
            if native == ffi.NULL:
                assert pieces(core) == before
                continue
            edit = Edit.__new__(Edit)
            edit._core, edit._edit = core, native
            results = everything(edit)
            assert lib.core_memory_refuse(core.core, 0) == 0
            edit.abort()
            assert pieces(core) == before, after
            assert ask(core, (vip(2), 80, TCP), 1000 + after) == 1002
            if set(results) == {0}:
                break
            assert set(results) <= {0, -ENOMEM, -2}, after
        else:
            raise AssertionError("never without a refusal")
        assert after > 100  # each service and its position, pages, directories, lists


@pytest.mark.parametrize("after", range(3, 120, 4))
def test_a_commit_after_a_refusal_publishes_the_rest(after: int) -> None:
    with many() as core:
        edit = Edit(core)
        assert lib.core_memory_refuse(core.core, after) == 0
        results = {}
        for i in range(N, N + 60):
            results[i] = edit.put(vip(i), 80, [Dest(RS, 5000 + i, id=i)])
        assert lib.core_memory_refuse(core.core, 0) == 0
        edit.commit()
        settle(core)
        assert sorted(set(results.values())) == [-ENOMEM, 0]
        for i, result in results.items():
            want = 5000 + i if result == 0 else None
            assert ask(core, (vip(i), 80, TCP), 1000) == want
        assert [ask(core, (vip(i), 80, TCP), 1000) for i in range(N)] == list(range(1000, 1000 + N))


def test_freeing_is_bounded_a_call() -> None:
    """3000 replaced services are not freed in one call, and all within a few."""
    n = 900
    with many(n) as core:
        with core.edit() as edit:
            for i in range(n):
                for port in (1, 2, 3):
                    assert edit.put(vip(i), port, [Dest(RS, 80, id=1)]) == 0
        settle(core)
        with core.edit() as edit:
            for i in range(n):
                for port in (1, 2, 3):
                    assert edit.delete(vip(i), port) == 0
        for thread in (0, -1):
            core.turn(thread)
        waiting = [int(lib.core_poll(core.core)) for _ in range(6)]
        freed = [a - b for a, b in pairwise(waiting)]
        assert max(freed) <= 1000
        assert waiting[0] > 1500
        assert waiting[-1] == 0


def test_of_two_edits_at_once_the_second_commit_is_refused() -> None:
    with many() as core:
        before = pieces(core)
        one, two = Edit(core), Edit(core)
        assert one.put(vip(0), 80, [Dest(RS, 1, id=0)], sched="WRR") == 0
        assert two.put(vip(0), 80, [Dest(RS, 2, id=0)], sched="WRR") == 0
        one.commit()
        assert lib.core_lb_commit(two._edit) == -ESTALE
        assert ask(core, (vip(0), 80, TCP), 1000) == 1
        assert pieces(core) == before


def test_a_local_address_waits_for_the_versions_that_name_it() -> None:
    """Also for those that are only being built, and not for other things that wait."""
    with director() as core:
        extra = "192.168.100.222"
        core.laddr(extra, 1)
        edit = Edit(core)
        assert edit.put(vip(0), 80, [Dest(RS, 80, id=1)], laddrs=[extra]) == 0
        assert core.delete_laddr(extra) == -EBUSY
        edit.abort()
        settle(core)
        core.service(vip(0), 80, [Dest(RS, 80, id=1)], laddrs=[extra])
        core.service(vip(0), 80, [Dest(RS, 80, id=1)], laddrs=[LIP])
        assert core.delete_laddr(extra) == -EBUSY  # a worker may still read that version
        settle(core)
        core.service(vip(1), 80, [Dest(RS, 80, id=2)])  # something that waits again
        core.service(vip(1), 80, [Dest(RS, 80, id=2)], laddrs=[LIP])
        core.set()
        assert core.delete_laddr(extra) == -EBUSY
        settle(core)
        core.set()
        assert core.delete_laddr(extra) == 0
