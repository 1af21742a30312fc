"""What may befall the master of a pair, a row each: how it breaks, and how it is mended."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from tests.system.pair_director import Apart, PairDirector, Together
from tests.system.pair_lab import PairLab


class Leaving(Enum):
    """What becomes of the master's VRRP process."""

    DIES = "dies"
    SAYS_GOODBYE = "says goodbye"  # priority 0
    FAULTY = "goes to FAULT"
    STAYS = "stays MASTER, unheard"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`mend` brings the master back, which then preempts; None: it comes back by itself."""

    name: str
    kind: type[PairDirector]
    strike: Callable[[PairLab], None]
    mend: Callable[[PairLab], None] | None
    leaving: Leaving


def _start(lab: PairLab) -> None:
    lab.first.start()


SCENARIOS = (
    Scenario("all killed", Together, lambda lab: lab.first.kill(), _start, Leaving.DIES),
    Scenario("core killed", Together, lambda lab: lab.first.kill_core(), None, Leaving.FAULTY),
    Scenario("terminated", Together, lambda lab: lab.first.terminate(), _start,
             Leaving.SAYS_GOODBYE),
    Scenario("cable cut", Together, lambda lab: lab.net.cut(lab.first.node.name),
             lambda lab: lab.net.heal(lab.first.node.name), Leaving.STAYS),
    Scenario("keepalived killed", Apart, lambda lab: lab.first.kill_keepalived(), _start,
             Leaving.DIES),
    Scenario("core killed, apart", Apart, lambda lab: lab.first.kill_core(), _start,
             Leaving.FAULTY),
)  # fmt: skip


def of_kind(kind: type[PairDirector]) -> list[Scenario]:
    return [scenario for scenario in SCENARIOS if scenario.kind is kind]
