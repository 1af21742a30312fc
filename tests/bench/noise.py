"""Was the machine quiet enough for a figure? Pure: samples and disturbances in, a verdict out.

A round is left out if, on the processors it used,
* the hypervisor took more than MAX_STOLEN_PCT of the time, or other programs MAX_OTHERS_PCT, or
* a reference's p90 is more than MAX_TAIL times its median: something else ran in its caches.

Of what is left, the last `wanted` rounds count, if in them every steady figure (the references)
and the ratio differ by at most MAX_SPREAD_PCT of their median. Otherwise there is no figure.
The latest rounds are taken, never the best ones: choosing would make the figures too good.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from tests.bench.scenario import Case, Difference, Figure, Ratio, Sample

MAX_STOLEN_PCT = 2.0
MAX_OTHERS_PCT = 5.0
MAX_TAIL = 1.6
MAX_SPREAD_PCT = 15.0


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Of the processors that were used, while they were: the mean over them, in per cent."""

    stolen_pct: float
    others_pct: float


@dataclass(frozen=True, slots=True)
class Round:
    samples: dict[str, Sample]
    disturbance: Disturbance

    def value(self, what: Figure | Ratio | Difference) -> float:
        if isinstance(what, Figure):
            return float(self.samples[what.role][what.key])
        if isinstance(what, Difference):
            return self.value(what.over) - self.value(what.under)
        return prod(map(self.value, what.over)) / prod(map(self.value, what.under))


@dataclass(frozen=True, slots=True)
class Verdict:
    rounds: tuple[Round, ...]  # that count; none if noisy
    why_noisy: str = ""

    @property
    def noisy(self) -> bool:
        return not self.rounds


def judge(case: Case, rounds: Sequence[Round], wanted: int) -> Verdict:
    """The last `wanted` undisturbed rounds if they agree, or why there is no figure."""
    reasons = [disturbed(case, each) for each in rounds]
    quiet = [each for each, reason in zip(rounds, reasons, strict=True) if not reason]
    if len(quiet) < wanted:
        last = next((reason for reason in reversed(reasons) if reason), "too few rounds")
        return Verdict((), f"{len(quiet)} of {len(rounds)} rounds were undisturbed; {last}")
    counted = tuple(quiet[-wanted:])
    why = disagreement(case, counted)
    return Verdict((), why) if why else Verdict(counted)


def disturbed(case: Case, each: Round) -> str:
    """Why this round does not count; empty if it does."""
    by = each.disturbance
    if by.stolen_pct > MAX_STOLEN_PCT:
        return f"the hypervisor took {by.stolen_pct:.1f} % of the processors' time"
    if by.others_pct > MAX_OTHERS_PCT:
        return f"other programs took {by.others_pct:.1f} % of the processors' time"
    for figure in case.steady:
        sample = each.samples[figure.role]
        tail = sample["p90"] / sample[figure.key] if sample.get("p90") else 0
        if tail > MAX_TAIL:
            return f"p90 of {figure.role} was {tail:.1f} times its median"
    return ""


def disagreement(case: Case, rounds: Sequence[Round]) -> str:
    """What differs too much between rounds; empty if nothing does."""
    steady: dict[str, Figure | Ratio] = {f"{row.role}'s {row.key}": row for row in case.steady}
    if case.ratio and case.steady_ratio:
        steady["the ratio"] = case.ratio
    for name, what in steady.items():
        spread_pct = spread(each.value(what) for each in rounds)
        if spread_pct > MAX_SPREAD_PCT:
            return f"{name} differed by {spread_pct:.0f} % between rounds"
    return ""


def spread(values: Iterable[float]) -> float:
    """Largest less smallest, in per cent of the median.

    >>> spread([95, 100, 105])
    10.0
    """
    known = list(values)
    return 100 * (max(known) - min(known)) / statistics.median(known)
