"""Rounds of a case until the machine was quiet for long enough, or patience is over."""

from collections.abc import Callable

from tests.bench import noise
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.noise import Disturbance, Round, Verdict
from tests.bench.scenario import Case, Figure, Run, Sample

MAX_ROUNDS_FACTOR = 3
HALF = 0.5

Measure = Callable[[Run, Point, float | None], Sample]
"""Carry out one run, paced at so many million packets a second."""
Watch = Callable[[], Callable[[], Disturbance]]
"""Begin to watch the machine; the result ends it."""


def rounds_of(case: Case, point: Point, wanted: int, measure: Measure, watch: Watch) -> Verdict:
    """At most MAX_ROUNDS_FACTOR times the wanted rounds."""
    rounds: list[Round] = []
    verdict = Verdict((), "nothing was measured")
    while verdict.noisy and len(rounds) < MAX_ROUNDS_FACTOR * wanted:
        rounds.append(_round(case, point, measure, watch))
        if len(rounds) >= wanted:
            verdict = noise.judge(case, rounds, wanted)
    return verdict


def _round(case: Case, point: Point, measure: Measure, watch: Watch) -> Round:
    samples: dict[str, Sample] = {}
    worst = Disturbance(0.0, 0.0)
    for role, run in case.runs.items():
        rate_mpps = _rate(run, samples)
        watched = watch()
        samples[role] = measure(run, point, rate_mpps)
        seen = watched()
        worst = Disturbance(
            max(worst.stolen_pct, seen.stolen_pct), max(worst.others_pct, seen.others_pct)
        )
    _check(case, samples)
    return Round(samples, worst)


def _rate(run: Run, samples: dict[str, Sample]) -> float | None:
    if not run.rate_of:
        return None
    return HALF * float(samples[run.rate_of]["mpps_through"])


def _check(case: Case, samples: dict[str, Sample]) -> None:
    """Every figure that is needed is there and is a number above 0."""
    needed = set(case.steady) | {Figure(role) for role in case.runs if role in ("nat", "macswap")}
    if case.ratio:
        needed |= {*case.ratio.over, *case.ratio.under}
    for figure in needed:
        value = samples[figure.role].get(figure.key)
        if not isinstance(value, int | float) or value <= 0:
            raise BenchError(f"{figure.role} gave no {figure.key}")
