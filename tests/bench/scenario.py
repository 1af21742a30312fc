"""What a scenario is made of: runs of a measuring program, and the ratios between them. Pure.

A **run** is one start of a program that prints one JSON object, its **sample**. A **case** runs
several in turn, under names called roles: "measured", and the references beside it. One turn of
all of them is a **round**; the scenario's row is made of medians over rounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Sample = dict[str, Any]

MEASURED, NAT, MACSWAP = "measured", "nat", "macswap"
CYCLES = "cycles_per_packet"


@dataclass(frozen=True, slots=True)
class Run:
    """`program` of the measuring program; `way` says which one (see runners.py)."""

    program: str
    workers: int = 1  # for the report: `options` tell the program
    options: tuple[str, ...] = ()
    way: str = "core"
    rate_of: str = ""
    """Pace packets at half of what this role's sample of the same round can carry."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in a role's sample."""

    role: str
    key: str = CYCLES


@dataclass(frozen=True, slots=True)
class Ratio:
    """Product of figures over product of figures, in each round; `of` says to what, in words."""

    over: tuple[Figure, ...]
    under: tuple[Figure, ...]
    of: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure less another, in each round."""

    over: Figure
    under: Figure


@dataclass(frozen=True, slots=True)
class Case:
    """What gives one row at each number of flows and packet size; `label` where there are several.

    `steady`: figures that must be alike in all rounds if the machine was quiet; so must be the
    ratio if `steady_ratio`.
    """

    runs: Mapping[str, Run]  # the references before what is measured
    ratio: Ratio | None  # None: the sample compares by itself
    label: str = ""
    more: Mapping[str, Ratio | Difference] = field(default_factory=dict)
    steady: tuple[Figure, ...] = (Figure(NAT), Figure(MACSWAP))
    steady_ratio: bool = True


@dataclass(frozen=True, slots=True)
class Scenario:
    """A row of `script/bench --list`."""

    name: str
    sentence: str
    meaning: str
    """Of the ratio, printed below the table."""
    cases: tuple[Case, ...]
    flows: tuple[int, ...] = (1_000_000,)
    extra: tuple[str, ...] = ()
    """Keys of the measured sample that go into the row as they are."""
    seconds: float = 1.5
    rounds: int = 3
