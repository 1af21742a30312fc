"""Services with the same local addresses share one list of them, and each has its own ones."""

from itertools import combinations

from dpvs_core._native import lib

from tests.dpvs_core.lb.test_edit_memory import pieces, settle, vip
from tests.oracle.wire import Udp
from tests.steps.core import Dest, StepCore
from tests.steps.scene import LIP, RS, client_udp, director

UDP = 17
OTHER = "192.168.100.222"


def put(core: StepCore, i: int, laddrs: list[str]) -> None:
    with core.edit() as edit:
        assert edit.put(vip(i), 53, [Dest(RS, 53, id=i)], proto=UDP, laddrs=laddrs) == 0


def grows_by(core: StepCore, i: int, laddrs: list[str]) -> int:
    """Pieces of memory that service i takes."""
    before = pieces(core)
    put(core, i, laddrs)
    return pieces(core) - before


def source_of(core: StepCore, i: int, cport: int) -> str:
    """The local address of a first packet to service i."""
    (out,) = core.forward(client_udp(Udp(cport, 53), vip=vip(i)))
    return ".".join(str(byte) for byte in out[26:30])


def test_only_the_first_service_takes_memory_for_a_list() -> None:
    with director() as core:
        core.laddr(OTHER, 1)
        before = pieces(core)
        first = grows_by(core, 0, [LIP])
        assert grows_by(core, 1, [LIP]) == first - 1
        assert grows_by(core, 2, [LIP, OTHER]) == first
        assert grows_by(core, 3, [OTHER]) == first
        assert grows_by(core, 4, [OTHER, LIP]) == first  # the order counts
        assert grows_by(core, 5, [LIP, OTHER]) == first - 1
        assert grows_by(core, 6, []) == first - 1  # none at all
        with core.edit() as edit:
            assert [edit.delete(vip(i), 53, UDP) for i in range(7)] == [0] * 7
        assert pieces(core) == before


def test_a_list_goes_with_its_last_service() -> None:
    """The addresses of each are its own, also of a list made anew."""
    with director() as core:
        core.laddr(OTHER, 1)
        for i, laddr in enumerate([LIP, OTHER, LIP]):
            put(core, i, [laddr])
        for i, laddr in enumerate([LIP, OTHER, LIP]):
            assert source_of(core, i, 1000) == laddr
        put(core, 0, [OTHER])
        settle(core)
        assert [source_of(core, i, 1001) for i in range(3)] == [OTHER, OTHER, LIP]
        put(core, 2, [OTHER])
        settle(core)
        put(core, 3, [LIP])  # nobody had that list any more
        assert [source_of(core, i, 1002) for i in range(4)] == [OTHER, OTHER, OTHER, LIP]


def test_an_address_that_came_again_is_not_the_former_one() -> None:
    with director() as core:
        core.laddr(OTHER, 1)
        put(core, 0, [OTHER])
        with core.edit() as edit:
            assert edit.delete(vip(0), 53, UDP) == 0
        settle(core)
        core.set()
        assert core.delete_laddr(OTHER) == 0
        settle(core)
        core.laddr(OTHER, 1)
        put(core, 1, [OTHER])
        assert source_of(core, 1, 1000) == OTHER
        assert lib.core_poll(core.core) == 0


def test_more_lists_than_are_remembered() -> None:
    """Their ids meet in the table: none gets another's."""
    laddrs = [f"192.168.100.{100 + i}" for i in range(25)]
    with director() as core:
        for laddr in laddrs:
            core.laddr(laddr, 1)
        pairs = list(combinations(laddrs, 2))
        assert len(pairs) > 256
        with core.edit() as edit:
            for i, pair in enumerate(pairs):
                dests = [Dest(RS, 53, id=i)]
                assert edit.put(vip(i), 53, dests, proto=UDP, laddrs=pair) == 0
        for i, pair in enumerate(pairs):
            assert source_of(core, i, 1000) in pair
        with core.edit() as edit:
            assert [edit.delete(vip(i), 53, UDP) for i in range(len(pairs))] == [0] * len(pairs)
        settle(core)
