"""Rows from rounds: medians, per-round ratios, nulls where there is no figure."""

from typing import Any

import pytest

from tests.bench import figures
from tests.bench.figures import FIGURES, Point, Row
from tests.bench.made_up import CASE, round_of
from tests.bench.noise import Round, Verdict
from tests.bench.scenario import MEASURED, Case, Figure, Ratio, Scenario
from tests.bench.scenarios import SCENARIOS

SCENARIO = Scenario("made-up", "of no machine", "nothing", (CASE,))
POINT = Point(flows=1000, packet_bytes=64)
ALWAYS = {
    "scenario", "case", "flows", "workers", "packet_bytes", *FIGURES, "ratio_to", "rounds",
    "noisy", "why_noisy",
}  # fmt: skip


def row(*rounds: Round, case: Case = CASE, extra: tuple[str, ...] = (), why: str = "") -> Row:
    scenario = Scenario("made-up", "", "", (case,), extra=extra)
    return figures.row(scenario, case, POINT, Verdict(rounds, why))


def test_medians_and_the_median_of_ratios() -> None:
    """The rounds' ratios are 2, 1.5 and 1; medians over medians would give 150 / 100 too, so
    the references move along."""
    made = row(round_of(100, nat=50), round_of(150, nat=100), round_of(190, nat=190))
    assert made["cycles_per_packet"] == 150
    assert made["reference_cycles_per_packet"] == 100
    assert made["macswap_cycles_per_packet"] == 50
    assert made["ratio"] == 1.5
    other = row(round_of(100, nat=100), round_of(150, nat=50), round_of(200, nat=80))
    assert other["ratio"] == 2.5  # 150 / 80 would be 1.875
    assert other["p10"] == 135
    assert other["mpps_per_cpu_second"] == pytest.approx(16.333)


def test_too_noisy_is_null_everywhere() -> None:
    made = row(extra=("p50_us",), why="other programs")
    assert all(made[key] is None for key in (*FIGURES, "p50_us"))
    assert made["noisy"] is True
    assert made["why_noisy"] == "other programs"


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_rows_have_the_same_keys(name: str) -> None:
    scenario = SCENARIOS[name]
    for case in scenario.cases:
        made = figures.row(scenario, case, POINT, Verdict((), "noise"))
        assert set(made) == ALWAYS | set(scenario.extra)


def with_extra(**values: Any) -> Round:
    each = round_of(100)
    each.samples[MEASURED].update(values)
    return each


def test_extras_are_folded() -> None:
    stages = [
        [{"stage": "rx", "cycles": n}, {"stage": "tx", "cycles": n + 1}] for n in (10, 20, 12)
    ]
    made = row(
        *(with_extra(stages=each, p50_us=n) for n, each in enumerate(stages)),
        extra=("stages", "p50_us", "absent"),
    )
    assert made["stages"] == [{"stage": "rx", "cycles": 12}, {"stage": "tx", "cycles": 13}]
    assert made["p50_us"] == 1
    assert made["absent"] is None


def test_losses_are_the_worst_rounds() -> None:
    made = row(*(with_extra(lost_packets=n, max_us=n) for n in (0, 7, 0)),
               extra=("lost_packets", "max_us"))  # fmt: skip
    assert (made["lost_packets"], made["max_us"]) == (7, 7)


def test_more_ratios() -> None:
    case = Case(CASE.runs, None, more={"half": Ratio((Figure("nat"),), (Figure(MEASURED),), "")})
    made = row(round_of(200), round_of(200), case=case, extra=("half",))
    assert made["half"] == 0.5
    assert made["ratio"] is None and made["ratio_to"] is None
