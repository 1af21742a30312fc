"""A row of the report from the rounds of a case: medians, and ratios taken in each round. Pure."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.noise import Round, Verdict
from tests.bench.scenario import CYCLES, MACSWAP, MEASURED, NAT, Case, Difference, Ratio, Scenario

Row = dict[str, Any]

FIGURES = (
    CYCLES, "p10", "p90", "mpps_per_cpu_second", "reference_cycles_per_packet",
    "macswap_cycles_per_packet", "ratio",
)  # fmt: skip
"""Keys of every row; null where the scenario gives them no meaning, or the machine was noisy."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a case is measured."""

    flows: int
    packet_bytes: int


def row(scenario: Scenario, case: Case, point: Point, verdict: Verdict) -> Row:
    return {
        "scenario": scenario.name,
        "case": case.label or None,
        "flows": point.flows,
        "workers": case.runs[MEASURED].workers,
        "packet_bytes": point.packet_bytes,
        **_figures(case, verdict.rounds),
        "ratio_to": case.ratio and case.ratio.of,
        **{key: _extra(case, key, verdict.rounds) for key in scenario.extra},
        "rounds": len(verdict.rounds),
        "noisy": verdict.noisy,
        "why_noisy": verdict.why_noisy or None,
    }


def _figures(case: Case, rounds: Sequence[Round]) -> Row:
    if not rounds:
        return dict.fromkeys(FIGURES)

    def median(role: str, key: str) -> Any:
        return fold([each.samples.get(role, {}).get(key) for each in rounds])

    return {
        **{key: median(MEASURED, key) for key in FIGURES[:4]},
        "reference_cycles_per_packet": median(NAT, CYCLES),
        "macswap_cycles_per_packet": median(MACSWAP, CYCLES),
        "ratio": case.ratio and _over_rounds(case.ratio, rounds),
    }


def _extra(case: Case, key: str, rounds: Sequence[Round]) -> Any:
    if not rounds:
        return None
    made = case.more.get(key)
    if made is not None:
        return _over_rounds(made, rounds)
    over_rounds: Callable[[Sequence[Any]], Any] = WORST.get(key, fold)
    return over_rounds([each.samples[MEASURED].get(key) for each in rounds])


def _over_rounds(what: Ratio | Difference, rounds: Sequence[Round]) -> float:
    return round(statistics.median(each.value(what) for each in rounds), 3)


def fold(values: Sequence[Any]) -> Any:
    """Medians of numbers, also inside lists of objects of one shape; else the first; None if any
    is missing.

    >>> fold([[{"stage": "rx", "cycles": 10}], [{"stage": "rx", "cycles": 14}]])
    [{'stage': 'rx', 'cycles': 12.0}]
    """
    first = values[0]
    if any(value is None for value in values):
        return None
    if isinstance(first, dict):
        return {key: fold([value[key] for value in values]) for key in first}
    if isinstance(first, list):
        return [fold(same) for same in zip(*values, strict=True)]
    if isinstance(first, int | float) and not isinstance(first, bool):
        return round(float(statistics.median(values)), 3)
    return first


def _worst(values: Sequence[Any]) -> Any:
    return None if any(value is None for value in values) else max(values)


WORST = dict.fromkeys(("lost_packets", "max_us", "address_max_ms", "longest_block_ms"), _worst)
"""Of these the worst round counts, not the median."""
