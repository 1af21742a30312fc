"""Which program carries out a run: rows of a table, by the run's `way`."""

from collections.abc import Callable
from dataclasses import replace

from tests.bench import config_scenario, control_scenario, core_program, memif_scenario
from tests.bench.campaign import Measure
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.scenario import MEASURED, Case, Run, Sample

Runner = Callable[[Setting, Run, Point, float | None], Sample]

RUNNERS: dict[str, Runner] = {
    "core": core_program.sample,
    "memif": memif_scenario.sample,
    "control": control_scenario.sample,
    "config": config_scenario.sample,
}
ANY_WORKERS = ("fnat", "fnat-tcp", "fnat6", "dr", "tunnel")


def measure(setting: Setting) -> Measure:
    def carried_out(run: Run, point: Point, rate_mpps: float | None) -> Sample:
        return RUNNERS[run.way](setting, run, point, rate_mpps)

    return carried_out


def on_workers(case: Case, n_workers: int) -> Case:
    """The case with that many workers, its references likewise; 0: as it is."""
    run = case.runs[MEASURED]
    if n_workers in (0, run.workers):
        return case
    if run.program not in ANY_WORKERS:
        raise BenchError(f"--workers: only {', '.join(ANY_WORKERS)} run on any number of workers")
    runs = {
        role: replace(each, workers=n_workers, options=(*each.options, "--workers", str(n_workers)))
        for role, each in case.runs.items()
    }
    return replace(case, runs=runs)
