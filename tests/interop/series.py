"""One case in one direction: a network, events in turn, one capture, and what it shows."""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from tests.interop import evaluation
from tests.interop.cases import SECOND_US, Case, Direction
from tests.interop.configuration import ADDRESS, PRIORITY, VIP
from tests.interop.evaluation import Row, Window
from tests.interop.machine import Busyness
from tests.interop.pair import PLAN, Pair
from tests.interop.rows import Advert
from tests.interop.strikes import EVENTS, Event
from tests.netns.topology import Topology
from tests.netns.wait import until

START_TIMEOUT_S = 15.0
"""Of a program on a busy machine, beside what the protocol waits."""
PREFIX = "iop"


@dataclass(frozen=True, slots=True)
class Series:
    case: Case
    direction: Direction
    rows: list[Row]
    n_flaps: int
    cadence_ms: list[float]
    machine: str


def run_series(
    case: Case,
    direction: Direction,
    capture_file: Path,
    n_rounds: int,
    events: tuple[Event, ...] = EVENTS,
) -> Series:
    """`n_rounds` times all events in turn. The capture stays in `capture_file`.

    RuntimeError if a node does not do its part, with the ends of both logs.
    """
    busyness = Busyness()
    with Topology(PLAN, prefix=PREFIX) as net:
        pair = Pair(net, case, direction, capture_file)
        player = _Player(pair, case, random.Random(f"{case.name} {direction}"))
        begin_ns = player.begin()
        windows = [player.play(event) for _ in range(n_rounds) for event in events]
        pair.capture.close()
        pair.end()
        adverts, announcements = pair.capture.adverts, pair.capture.announcements
    return Series(
        case,
        direction,
        evaluation.rows_of(case.name, str(direction), windows, adverts, announcements),
        evaluation.n_flaps(begin_ns, windows, adverts),
        evaluation.cadence_ms(begin_ns, windows, adverts),
        str(busyness),
    )


class _Player:
    """Strikes, waits for the backup's advert, repairs, waits until the master is at rest."""

    def __init__(self, pair: Pair, case: Case, dice: random.Random) -> None:
        self._pair, self._dice = pair, dice
        self._interval_s = case.interval_us / SECOND_US
        self._timeout_s = START_TIMEOUT_S + 5 * self._interval_s

    def begin(self) -> int:
        """Start both; when the master was heard with the backup at its side."""
        both = (self._pair.backup, self._pair.master)
        for one in both:
            one.start()
        for one in both:
            one.program.wait_for_log("Entering BACKUP STATE", self._timeout_s)
        return self._await_rest(time.time_ns())

    def play(self, event: Event) -> Window:
        # At any phase of the interval, as in life; the lateness does not depend on it.
        time.sleep(self._dice.random() * self._interval_s)
        strike_ns = time.time_ns()
        event.strike(self._pair)
        self._await(
            f"the backup's advert after {event.name}",
            lambda adverts: _speaks_last(adverts, "backup", 1, strike_ns),
        )
        self._await_vip(event.holders)
        repair_ns = time.time_ns()
        event.repair(self._pair)
        settled_ns = self._await_rest(repair_ns)
        self._await_vip({"master"})
        return Window(event.name, event.politely, strike_ns, repair_ns, settled_ns)

    def _await_rest(self, since_ns: int) -> int:
        """When the master was heard alone, twice in a row; the time of the first of the two."""
        self._await("two adverts of the master", lambda a: _speaks_last(a, "master", 2, since_ns))
        return self._pair.capture.adverts[-2].time_ns

    def _await_vip(self, holders: AbstractSet[str]) -> None:
        """Until exactly these nodes have the virtual address."""
        with self._logs_on_timeout():
            until(
                f"{VIP} on {sorted(holders)} alone",
                lambda: self._pair.vip_holders() == holders,
                self._timeout_s,
            )

    def _await(self, what: str, seen: Callable[[list[Advert]], bool]) -> None:
        with self._logs_on_timeout():
            self._pair.capture.until(what, seen, self._timeout_s)

    @contextlib.contextmanager
    def _logs_on_timeout(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            both = (self._pair.master, self._pair.backup)
            tails = "\n".join(f"{one.node.name}:\n{one.log_tail()}" for one in both)
            raise RuntimeError(f"{error}\n{tails}") from error


def _speaks_last(adverts: list[Advert], role: str, n_adverts: int, since_ns: int) -> bool:
    """Whether the last `n_adverts` are of that node, as a master, and came after `since_ns`."""
    last = adverts[-n_adverts:]
    return len(last) == n_adverts and all(
        (a.source, a.priority) == (ADDRESS[role], PRIORITY[role]) and a.time_ns >= since_ns
        for a in last
    )
