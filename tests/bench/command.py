"""The command line of script/bench: which scenarios, how measured, where the figures go."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import (
    campaign,
    core_program,
    disturbance,
    figures,
    machine,
    pages,
    plot,
    runners,
    table,
)
from tests.bench.failure import BenchError
from tests.bench.figures import Point, Row
from tests.bench.noise import Disturbance
from tests.bench.options import Options, parse
from tests.bench.scenario import Case, Scenario

FAILED, NOISY, INTERRUPTED = 1, 3, 130
"""Exit statuses: something could not be measured; the machine was too noisy; Ctrl-C."""


def main(argv: Sequence[str]) -> int:
    try:
        options = parse(argv)
        require_processors(options.cpus, os.sched_getaffinity(0))
        return measure(options)
    except BenchError as error:
        print(f"script/bench: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def require_processors(wanted: Sequence[int], allowed: set[int]) -> None:
    if len(set(wanted)) < 2:
        raise BenchError("--cpus: two processors are needed: one generates, one is measured")
    missing = sorted(set(wanted) - allowed)
    if missing:
        have = ",".join(map(str, sorted(allowed)))
        raise BenchError(f"processor {missing[0]} is not there (--cpus; there are {have})")


def measure(options: Options) -> int:
    """Every scenario after the other; the exit status."""
    most = max(max(points(options, row), key=lambda p: p.flows).flows for row in options.scenarios)
    rows: list[Row] = []
    failures: list[str] = []
    with pages.lent(pages.mib_needed(most)) as huge:
        here = machine.describe(options.cpus, huge)
        print(here.line(), flush=True)
        for scenario in options.scenarios:
            try:
                new = measure_scenario(options, scenario, huge)
            except BenchError as error:
                print(f"\n{scenario.name}: {error}", file=sys.stderr, flush=True)
                failures.append(scenario.name)
                continue
            rows += new
            print("\n" + "\n".join(table.lines(scenario, new)), flush=True)
    if options.json:
        told = [{**row, "machine": here.json()} for row in rows]
        Path(options.json).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if options.plot:
        Path(options.plot).write_text(plot.svg(rows, here.line()), encoding="utf-8")
    return exit_status(rows, failures)


def points(options: Options, scenario: Scenario) -> list[Point]:
    flows = options.flows or scenario.flows
    return [Point(n, size) for n in flows for size in options.packet_bytes]


def measure_scenario(options: Options, scenario: Scenario, huge: bool) -> list[Row]:
    seconds = options.seconds or scenario.seconds
    wanted = options.rounds or scenario.rounds
    setting = core_program.Setting(
        cpus=options.cpus, huge=huge, seconds=seconds,
        program=core_program.installed("dpvs-core-bench"),
        load_program=core_program.installed("dpvs-memif-load"), balancer=options.balancer,
    )  # fmt: skip

    def measured(case: Case, point: Point) -> Row:
        verdict = campaign.rounds_of(
            case, point, wanted, runners.measure(setting), watch(options.cpus)
        )
        return figures.row(scenario, case, point, verdict)

    cases = [runners.on_workers(case, options.workers) for case in scenario.cases]
    return [measured(case, point) for case in cases for point in points(options, scenario)]


def watch(cpus: Sequence[int]) -> Callable[[], Callable[[], Disturbance]]:
    """Of the processors that are used, from a run's begin to its end."""

    def begin() -> Callable[[], Disturbance]:
        before = disturbance.now(cpus)
        return lambda: disturbance.between(before, disturbance.now(cpus), len(set(cpus)))

    return begin


def exit_status(rows: Sequence[Row], failures: Sequence[str]) -> int:
    if failures:
        return FAILED
    return NOISY if any(row["noisy"] for row in rows) else 0
