"""From the words of a command line to files and an exit status, with programs that are made up."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench import command, options, pages, runners
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.made_up import QUIET, sample
from tests.bench.noise import Disturbance
from tests.bench.scenario import MEASURED, NAT, Run, Sample
from tests.bench.scenarios import SCENARIOS

CYCLES = {"macswap": 50.0, "nat": 100.0, "fnat": 150.0}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> list[Disturbance]:
    """Programs that answer at once on two processors; the list: noise of the runs to come."""
    noise: list[Disturbance] = []

    def made_up(_setting: Setting, run: Run, _point: Point, _rate: float | None) -> Sample:
        if run.program not in CYCLES:
            raise BenchError(f"{run.program}: no such scenario")
        return sample(CYCLES[run.program])

    @contextlib.contextmanager
    def lent(_mib: int) -> Iterator[bool]:
        yield False

    def watch(_cpus: object) -> Callable[[], Callable[[], Disturbance]]:
        return lambda: lambda: noise.pop(0) if noise else QUIET

    monkeypatch.setitem(runners.RUNNERS, "core", made_up)
    monkeypatch.setattr(pages, "lent", lent)
    monkeypatch.setattr(command, "watch", watch)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})
    return noise


def test_json_and_plot(bench: list[Disturbance], tmp_path: Path) -> None:
    told, drawn = tmp_path / "out.json", tmp_path / "out.svg"
    status = command.main(
        ["fnat", "--flows", "1000,100000", "--json", str(told), "--plot", str(drawn)]
    )
    assert status == 0
    rows = json.loads(told.read_text())
    assert [(row["flows"], row["ratio"]) for row in rows] == [(1000, 1.5), (100_000, 1.5)]
    assert rows[0]["machine"]["pages"].startswith("4 kB pages (no hugepages: figures are higher)")
    assert all(rows[0]["machine"][key] for key in ("cpu", "kernel", "dpdk"))
    assert ElementTree.fromstring(drawn.read_text()).tag.endswith("svg")


def test_noise_is_exit_status_3(
    bench: list[Disturbance], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "out.json"
    bench += [Disturbance(0, 50)] * 1000
    assert command.main(["fnat", "--flows", "1000", "--json", str(told)]) == command.NOISY == 3
    (row,) = json.loads(told.read_text())
    assert row["noisy"] is True
    assert row["cycles_per_packet"] is None and row["ratio"] is None
    said = capsys.readouterr().out
    assert "too noisy: 0 of 9 rounds were undisturbed; other programs took 50.0 %" in said
    assert "150" not in said


def test_one_failure_does_not_end_the_others(
    bench: list[Disturbance], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["fnat6", "fnat"]) == command.FAILED
    said = capsys.readouterr()
    assert "fnat6: fnat6: no such scenario" in said.err
    assert "1.50" in said.out


def test_ctrl_c_is_no_traceback(bench: list[Disturbance], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object) -> Sample:
        raise KeyboardInterrupt

    monkeypatch.setitem(runners.RUNNERS, "core", interrupted)
    assert command.main(["fnat"]) == command.INTERRUPTED == 130


def test_the_machine_must_have_the_processors(bench: list[Disturbance]) -> None:
    assert command.main(["fnat", "--cpus", "0,7"]) == command.FAILED
    with pytest.raises(BenchError, match="processor 7 is not there"):
        command.require_processors((0, 7), {0, 1})
    with pytest.raises(BenchError, match="two processors"):
        command.require_processors((1,), {0, 1})


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nothing"],
        ["fnat", "--rounds", "1"],
        ["fnat", "--flows", "many"],
        ["fnat", "--workers", "3"],
        ["fnat", "--packet-bytes", "-64"],
    ],
)
def test_wrong_command_lines(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        options.parse(words)
    assert end.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_defaults_and_groups() -> None:
    plain = options.parse(["fnat"])
    assert plain.cpus == (0, 1) and plain.packet_bytes == (64,)
    assert command.points(plain, SCENARIOS["fnat"])[0] == Point(1000, 64)
    everything = options.parse(["all", "fnat"])
    assert everything.scenarios == tuple(SCENARIOS.values())
    sizes = options.parse(["fnat", "--flows", "5,7", "--packet-bytes", "64,512"])
    assert command.points(sizes, SCENARIOS["fnat"]) == [
        Point(5, 64), Point(5, 512), Point(7, 64), Point(7, 512)
    ]  # fmt: skip


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        options.parse(["--list"])
    assert end.value.code == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(SCENARIOS)


def test_any_number_of_workers_where_the_program_can() -> None:
    (case,) = SCENARIOS["fnat"].cases
    two = runners.on_workers(case, 2)
    assert two.runs[MEASURED].workers == two.runs[NAT].workers == 2
    assert all(run.options[-2:] == ("--workers", "2") for run in two.runs.values())
    assert runners.on_workers(case, 0) == runners.on_workers(case, 1) == case
    with pytest.raises(BenchError, match="--workers"):
        runners.on_workers(SCENARIOS["tcp-crr"].cases[0], 2)
