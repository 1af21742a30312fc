"""One pool for connections of both sizes: which unit each gets, and that nothing is refused which
the free units could hold."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.wire import UDP, Udp
from tests.steps.core import Dest, StepCore, lib
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    LIP,
    LIP6,
    RS,
    RS6,
    VIP,
    VIP6,
    client_udp,
    director6,
)

N_PORTS = 12
FIRST_PORT = 100
CADDR, VADDR = {4: CLIENT, 6: CLIENT6}, {4: VIP, 6: VIP6}
LADDR, DADDR = {4: LIP, 6: LIP6}, {4: RS, 6: RS6}

Conn = tuple[int, int]
"""Family and service port: one connection each."""


@dataclass
class Buddies:
    """IPv4 takes a unit, IPv6 an even one and the next. What became free last is used first: of the
    units whose neighbour is in use, then of the pairs, then memory that never was used."""

    n_units: int
    singles: list[int] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)
    n_fresh: int = 0
    used: dict[Conn, int] = field(default_factory=dict)

    def _pair(self) -> int | None:
        if self.pairs:
            return self.pairs.pop()
        if self.n_fresh + 2 > self.n_units:
            return None
        self.n_fresh += 2
        return self.n_fresh - 2

    def _single(self) -> int | None:
        if self.singles:
            return self.singles.pop()
        unit = self._pair()
        if unit is not None:
            self.singles.append(unit + 1)
        elif self.n_fresh < self.n_units:
            unit = self.n_fresh
            self.n_fresh += 1
        return unit

    def take(self, conn: Conn) -> bool:
        unit = self._pair() if conn[0] == 6 else self._single()
        if unit is not None:
            self.used[conn] = unit
        return unit is not None

    def give(self, conn: Conn) -> None:
        unit = self.used.pop(conn)
        if conn[0] == 6:
            self.pairs.append(unit)
        elif unit ^ 1 in self.singles:
            self.singles.remove(unit ^ 1)
            self.pairs.append(unit & ~1)
        else:
            self.singles.append(unit)

    def free_units(self) -> int:
        return self.n_units - sum(1 if af == 4 else 2 for af, _ in self.used)

    def in_order(self) -> list[Conn]:
        return sorted(self.used, key=self.used.__getitem__)


def put(core: StepCore, conn: Conn, weight: int) -> None:
    af, port = conn
    dest_id = port - FIRST_PORT + (0 if af == 4 else N_PORTS)
    core.service(
        VADDR[af], port, [Dest(DADDR[af], port, weight, dest_id)], proto=UDP,
        laddrs=[LADDR[af]], flags=lib.CORE_SVC_EXPIRE_QUIESCENT,
    )  # fmt: skip


def packet_of(core: StepCore, conn: Conn) -> list[bytes]:
    af, port = conn
    return core.forward(client_udp(Udp(5000, port, b"?"), CADDR[af], VADDR[af]))


def end(core: StepCore, conn: Conn) -> None:
    """At once: its dest is quiesced, and its service lets connections end then."""
    put(core, conn, 0)
    assert packet_of(core, conn) == []
    put(core, conn, 1)


CONNS = [(af, FIRST_PORT + i) for af in (4, 6) for i in range(N_PORTS)]


@given(conns=st.lists(st.sampled_from(CONNS), max_size=60), n_units=st.integers(1, 11))
@settings(max_examples=120, deadline=None, database=None)
def test_any_mixture_is_the_models(conns: list[Conn], n_units: int) -> None:
    """A connection that lives is ended, one that does not is begun."""
    model = Buddies(n_units)
    with director6(conn_pool=n_units) as core:
        for conn in CONNS:
            put(core, conn, 1)
        for conn in conns:
            refused = core.verdicts().get("no-conn-memory", 0)
            if conn in model.used:
                model.give(conn)
                end(core, conn)
                continue
            n_free = model.free_units()
            fits = model.take(conn)
            assert fits or n_free < (n_units + 1 if conn[0] == 6 else 1)
            assert len(packet_of(core, conn)) == fits, core.verdicts()
            assert core.verdicts().get("no-conn-memory", 0) == refused + (not fits)
            rows = [(6 if ":" in row.caddr else 4, row.vport) for row in core.conns()]
            assert rows == model.in_order()
            assert core.n_conns() == len(rows)
        for conn in model.used:
            assert len(packet_of(core, conn)) == 1  # old ones are served
    # StepCore's exit finds every buffer back


@pytest.mark.parametrize("n_units", [8, 9])
def test_a_pool_is_n_narrow_or_half_as_many_wide_ones_time_and_again(n_units: int) -> None:
    with director6(conn_pool=n_units) as core:
        for conn in CONNS:
            put(core, conn, 1)
        for _ in range(3):
            for af, n_fit in ((4, n_units), (6, n_units // 2)):
                conns = [conn for conn in CONNS if conn[0] == af]
                assert [len(packet_of(core, conn)) for conn in conns] == [1] * n_fit + [0] * (
                    N_PORTS - n_fit
                )
                for conn in conns[:n_fit]:
                    end(core, conn)
                assert core.n_conns() == 0
        assert [core.ports(addr)[0] for addr in (LIP, LIP6)] == [0, 0]


def test_narrow_ones_leave_room_for_wide_ones_where_they_can() -> None:
    """Singles are filled up before another pair is split: of 8 units 4 in 2 pairs, then 2 wide."""
    with director6(conn_pool=8) as core:
        for conn in CONNS:
            put(core, conn, 1)
        four, six = [[c for c in CONNS if c[0] == af] for af in (4, 6)]
        for conn in four[:4]:
            packet_of(core, conn)
        end(core, four[0])
        packet_of(core, four[5])
        assert [len(packet_of(core, conn)) for conn in six[:3]] == [1, 1, 0]
