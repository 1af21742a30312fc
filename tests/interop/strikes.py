"""What befalls the master, and how it is made good: one row an event."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.interop.pair import Pair


@dataclass(frozen=True, slots=True)
class Event:
    """`strike` returns when it is done; `politely`: the master says goodbye with priority 0.

    `holders` are the nodes with the virtual address between the backup's taking over and repair.
    """

    name: str
    strike: Callable[[Pair], None]
    repair: Callable[[Pair], None]
    holders: frozenset[str]
    politely: bool = False


ONE = frozenset({"backup"})
BOTH = frozenset({"master", "backup"})  # nobody is left to remove it, or nobody knows


KILL_LIMIT_MS = 10.0


def _kill(pair: Pair) -> None:
    took_ms = pair.master.kill()
    if took_ms > KILL_LIMIT_MS:
        raise RuntimeError(f"killing all processes took {took_ms:.1f} ms: the machine is too busy")


def _stop(pair: Pair) -> None:
    pair.master.stop()


def _start_again(pair: Pair) -> None:
    pair.master.start()


def _start_after_stop(pair: Pair) -> None:
    pair.master.wait_stopped()
    pair.master.start()


def _link_down(pair: Pair) -> None:
    pair.set_master_link(up=False)


def _link_up(pair: Pair) -> None:
    pair.set_master_link(up=True)


EVENTS = (
    Event("kill -9", _kill, _start_again, BOTH),
    Event("SIGTERM", _stop, _start_after_stop, ONE, politely=True),
    Event("link down", _link_down, _link_up, ONE),
    Event("cut", Pair.cut, Pair.heal, BOTH),
)
