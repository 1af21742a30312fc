"""Whether there is a figure at all: made-up rounds, and what the judge makes of them."""

import pytest

from tests.bench import noise
from tests.bench.made_up import CASE, round_of
from tests.bench.noise import Round, Verdict
from tests.bench.scenario import MEASURED, NAT, Case, Difference, Figure, Ratio, Run


def judged(*rounds: Round, wanted: int = 3) -> Verdict:
    return noise.judge(CASE, rounds, wanted)


def test_quiet_rounds_count() -> None:
    rounds = (round_of(150), round_of(152), round_of(149))
    verdict = judged(*rounds)
    assert not verdict.noisy
    assert verdict.rounds == rounds


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (round_of(150, stolen_pct=2.1), "the hypervisor took 2.1 %"),
        (round_of(150, others_pct=5.1), "other programs took 5.1 %"),
        (round_of(150, tail=1.7), "p90 of nat was 1.7 times"),
    ],
)
def test_a_disturbed_round_does_not_count(bad: Round, why: str) -> None:
    verdict = judged(round_of(150), bad, round_of(150))
    assert verdict.noisy
    assert verdict.rounds == ()
    assert "2 of 3 rounds were undisturbed" in verdict.why_noisy
    assert why in verdict.why_noisy
    repeated = judged(round_of(150), bad, round_of(150), round_of(151))
    assert not repeated.noisy
    assert bad not in repeated.rounds


def test_just_inside_the_bounds() -> None:
    edge = round_of(150, stolen_pct=2.0, others_pct=5.0, tail=1.6)
    assert not judged(edge, edge, edge).noisy


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (round_of(174, nat=116), "nat's cycles_per_packet differed by 16 %"),
        (round_of(150, macswap=59), "macswap's cycles_per_packet differed by 18 %"),
        (round_of(175), "the ratio differed by 17 %"),
    ],
)
def test_rounds_that_disagree_give_no_figure(odd: Round, why: str) -> None:
    verdict = judged(round_of(150), odd, round_of(150))
    assert verdict.noisy
    assert why in verdict.why_noisy


def test_the_latest_rounds_count_not_the_best() -> None:
    slow = round_of(160, nat=107)
    verdict = judged(round_of(150), round_of(150), round_of(150), slow, slow)
    assert verdict.rounds[-2:] == (slow, slow)


def test_an_odd_round_is_left_behind_when_enough_follow() -> None:
    rounds = [round_of(150), round_of(175), round_of(150), round_of(151)]
    assert judged(*rounds).noisy
    assert not judged(*rounds, round_of(150)).noisy


def test_a_ratio_need_not_be_steady() -> None:
    loose = Case(CASE.runs, CASE.ratio, steady_ratio=False)
    rounds = [round_of(150), round_of(300), round_of(200)]
    assert not noise.judge(loose, rounds, 3).noisy
    assert judged(*rounds).noisy


def test_a_scenario_without_tails_is_judged_by_spread() -> None:
    figure = Figure(MEASURED, "cycles_per_packet_before")
    case = Case({MEASURED: Run("control")}, None, steady=(figure,))

    def rounds(*cycles: float) -> list[Round]:
        quiet = round_of(1).disturbance
        return [Round({MEASURED: {figure.key: value}}, quiet) for value in cycles]

    assert not noise.judge(case, rounds(200, 210), 2).noisy
    assert noise.judge(case, rounds(200, 250), 2).noisy


def test_values_of_a_round() -> None:
    each = round_of(150, nat=100)
    assert each.value(Figure(NAT)) == 100
    assert each.value(Ratio((Figure(MEASURED),), (Figure(NAT), Figure(NAT)), "")) == 0.015
    assert each.value(Difference(Figure(MEASURED), Figure(NAT))) == 50
