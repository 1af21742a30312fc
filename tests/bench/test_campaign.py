"""Rounds in turn, repeated while it is noisy, never for ever."""

from collections.abc import Callable

import pytest

from tests.bench import campaign
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.made_up import CASE, QUIET, sample
from tests.bench.noise import Disturbance, Verdict
from tests.bench.scenario import MEASURED, NAT, Case, Figure, Run, Sample

POINT = Point(1000, 64)
CYCLES = {"macswap": 50.0, "nat": 100.0, "fnat": 150.0}


class Bench:
    """Programs that answer at once; `noise` is of the runs in turn, quiet after its end."""

    def __init__(self, *noise: Disturbance) -> None:
        self.noise = list(noise)
        self.ran: list[tuple[str, float | None]] = []

    def measure(self, run: Run, _point: Point, rate_mpps: float | None) -> Sample:
        self.ran.append((run.program, rate_mpps))
        return sample(CYCLES[run.program])

    def watch(self) -> Callable[[], Disturbance]:
        return lambda: self.noise.pop(0) if self.noise else QUIET

    def rounds(self, case: Case = CASE, wanted: int = 2) -> Verdict:
        return campaign.rounds_of(case, POINT, wanted, self.measure, self.watch)


def test_scenario_and_references_take_turns() -> None:
    bench = Bench()
    assert len(bench.rounds().rounds) == 2
    assert [name for name, _ in bench.ran] == ["macswap", "nat", "fnat"] * 2


def test_one_noisy_run_costs_one_round() -> None:
    bench = Bench(QUIET, Disturbance(0, 50))
    assert not bench.rounds().noisy
    assert len(bench.ran) == 9


def test_patience_has_an_end() -> None:
    bench = Bench(*[Disturbance(50, 0)] * 100)
    verdict = bench.rounds()
    assert verdict.noisy
    assert len(bench.ran) == 2 * campaign.MAX_ROUNDS_FACTOR * 3


def test_half_the_rate_of_another_role() -> None:
    case = Case({NAT: Run("nat"), MEASURED: Run("fnat", rate_of=NAT)}, None, steady=(Figure(NAT),))
    bench = Bench()
    bench.rounds(case)
    assert bench.ran[:2] == [("nat", None), ("fnat", 12.25)]


@pytest.mark.parametrize("value", [None, 0, "fast"])
def test_a_program_without_its_figure(value: object) -> None:
    bench = Bench()

    def lacking(run: Run, point: Point, rate_mpps: float | None) -> Sample:
        made = bench.measure(run, point, rate_mpps)
        return {**made, "cycles_per_packet": value} if run.program == "nat" else made

    with pytest.raises(BenchError, match="nat gave no cycles_per_packet"):
        campaign.rounds_of(CASE, POINT, 2, lacking, bench.watch)
