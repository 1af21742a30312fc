"""The bitmaps of local ports, against a model that says what lport.h says (M-007)."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.steps.native import LocalAddress

GROUPS = 64
ALL_PORTS = 65535 - 1025 + 1


def ports_of(group: int) -> list[int]:
    return [port for port in range(group, 65536, GROUPS) if port >= 1025]


@dataclass
class Pool:
    """Old and young ports as sets; the circle goes on behind the port taken last."""

    group: int
    at: int
    old: set[int] = field(init=False)
    young: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.old = set(ports_of(self.group))

    def take(self, wanted: set[int] | None = None) -> int:
        for wish in (wanted, None) if wanted is not None else (None,):
            chosen = self.old if wish is None else self.old & wish
            if not chosen:
                renewed = self.young if wish is None else self.young & wish
                self.young = self.young - renewed
                self.old = self.old | renewed
                chosen = renewed
            if chosen:
                port = min(chosen, key=lambda port: (port - self.at) % 65536)
                self.old.discard(port)
                self.at = port + GROUPS
                return port
        return 0

    def give(self, port: int) -> None:
        self.young.add(port)


def first_at(group: int, first: int) -> int:
    return group + GROUPS * (16 + first % 1008)


@pytest.mark.parametrize("group", [0, 1, 2, 40, 63])
def test_every_port_of_a_group_once(group: int) -> None:
    with LocalAddress() as laddr:
        taken = [laddr.take(group) for _ in range(len(ports_of(group)))]
        assert sorted(taken) == ports_of(group)
        assert laddr.take(group) == 0
        assert laddr.count() == (len(taken), 16 * ALL_PORTS - len(taken), 1)
        laddr.give(taken[5])
        assert laddr.take(group) == taken[5]
        for port in taken:
            laddr.give(port)
        assert laddr.count() == (0, 16 * ALL_PORTS, 1)


def test_all_ports_from_1025_on() -> None:
    with LocalAddress(n_pools=1) as laddr:
        taken = {laddr.take(group) for group in range(GROUPS) for _ in ports_of(group)}
        assert taken == set(range(1025, 65536))
        assert laddr.count() == (ALL_PORTS, 0, 0)


def test_pools_and_groups_do_not_touch_each_other() -> None:
    with LocalAddress(n_pools=3) as laddr:
        for _ in range(1008):
            assert laddr.take(7, pool=1)
        assert laddr.take(7, pool=1) == 0
        for group, pool in ((7, 0), (7, 2), (6, 1), (8, 1)):
            first = laddr.take(group, pool)
            assert first == first_at(group, 0), (group, pool)


@given(
    group=st.sampled_from([0, 1, 63]),
    first=st.integers(0, 2**32 - 1),
    seed=st.integers(0, 2**32 - 1),
    fill=st.sampled_from([0.1, 0.5, 0.97, 1.2]),
    wishes=st.booleans(),
)
@settings(max_examples=30, deadline=None, database=None)
def test_random_use_is_the_models(
    group: int, first: int, seed: int, fill: float, wishes: bool
) -> None:
    """`fill`: what share of the ports is in use for most of the time; above 1: none is left."""
    rng = random.Random(seed)
    pool, used, n_missed = Pool(group, first_at(group, first)), [], 0
    masks = [[rng.getrandbits(64) for _ in range(16)] for _ in range(3)]
    wanted = [
        {group + GROUPS * (64 * i + b) for i in range(16) for b in range(64) if mask[i] >> b & 1}
        for mask in masks
    ]
    with LocalAddress(first=first) as laddr:
        for _ in range(2500):
            if rng.random() < (0.8 if len(used) < fill * 1008 else 0.4):
                kind = rng.randrange(3) if wishes and rng.random() < 0.8 else None
                mask, wish = (None, None) if kind is None else (masks[kind], wanted[kind])
                port = laddr.take(group, wanted=mask)
                assert port == pool.take(wish)
                assert port not in used
                n_missed += port == 0
                used += [port] if port else []
            elif used:
                port = used.pop(rng.randrange(len(used)))
                laddr.give(port)
                pool.give(port)
        assert laddr.count() == (len(used), 16 * ALL_PORTS - len(used), n_missed)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=3, deadline=None, database=None)
def test_a_port_waits_for_those_that_were_old_when_it_came_back(seed: int) -> None:
    rng, used = random.Random(seed), []
    since: dict[int, set[int]] = {}  # port given back -> those that are to go first
    old = set(ports_of(9))
    with LocalAddress() as laddr:
        for _ in range(4000):
            if rng.random() < 0.5 or not used:
                old = old or set(since)
                port = laddr.take(9)
                assert port in old
                assert not since.pop(port, set()), "others were free for longer"
                for others in since.values():
                    others.discard(port)
                old.discard(port)
                used.append(port)
            else:
                port = used.pop(rng.randrange(len(used)))
                laddr.give(port)
                since[port] = set(old)


def test_connections_of_equal_length_use_ports_as_a_queue_does() -> None:
    """100 at a time, the oldest ends first: each port rests until the 908 others were used."""
    with LocalAddress() as laddr:
        used = [laddr.take(3) for _ in range(100)]
        last, at = {port: i for i, port in enumerate(used)}, 100
        for _ in range(5000):
            laddr.give(used.pop(0))
            port = laddr.take(3)
            assert at - last.get(port, -1008) == 1008 or port not in last
            last[port], at = at, at + 1
            used.append(port)


def test_unused_pools_take_no_memory() -> None:
    """20 kB a pool number in use: bitmaps of 256 bytes for 64 groups, and heads, which four numbers
    share; what is only counted takes nothing."""
    page = 4096

    def resident() -> int:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * page

    laddrs = [LocalAddress(n_pools=128) for _ in range(300)]
    before = resident()
    for laddr in laddrs:
        assert laddr.count()[0] == 0
    counted = resident()
    for laddr in laddrs:
        for group in range(GROUPS):
            laddr.take(group, pool=5)
    used = resident()
    assert counted - before < 300 * 2048
    assert 300 * 5 * page * 0.9 < used - counted < 300 * 6 * page
    for laddr in laddrs:
        laddr.__exit__()
