"""Command lines of the measuring program, and what it answers."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import core_program
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.scenario import Run

SETTING = Setting(
    cpus=(2, 3, 4), huge=True, seconds=1.5, program=Path("/opt/bench"), load_program=Path("/l")
)


def words(setting: Setting = SETTING, run: Run = Run("fnat"), size: int = 64) -> str:  # noqa: B008
    return " ".join(core_program.argv(setting, run, Point(1000, size), None))


def test_usual_command() -> None:
    assert words() == (
        "/opt/bench --in-memory --no-pci --no-telemetry --iova-mode=va --log-level=error -l 2,3 "
        "-- fnat --flows 1000 --seconds 1.5"
    )


def test_what_is_unusual_is_named() -> None:
    redirect = Run("redirect", workers=2, options=("--redirect-pct", "50"))
    assert words(run=redirect).endswith("-- redirect --flows 1000 --seconds 1.5 --redirect-pct 50")
    assert words(size=512).endswith("--packet-bytes 512")
    assert "--no-huge --no-shconf -m 256 " in words(replace(SETTING, huge=False))
    paced = core_program.argv(SETTING, Run("latency-nat"), Point(1000, 64), 6.25)
    assert paced[-2:] == ["--rate-mpps", "6.250"]


def program(tmp_path: Path, text: str) -> Setting:
    path = tmp_path / "bench"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return replace(SETTING, program=path)


def test_figures_are_on_the_last_line(tmp_path: Path) -> None:
    setting = program(tmp_path, """echo noise; echo '{"cycles_per_packet": 100}'""")
    assert core_program.sample(setting, Run("fnat"), Point(1, 64), None) == {
        "cycles_per_packet": 100
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("echo 'no such scenario' >&2; exit 2", "fnat with 7 flows: no such scenario"),
        ("echo '{\"cycles_per_packet\": 1}'; exit 1", "fnat with 7 flows: "),
        ("true", "fnat printed no figures"),
        ("echo '[1]'", "fnat printed no figures"),
        ("echo hello", "fnat printed no figures but: 'hello'"),
    ],
)
def test_failures_are_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BenchError) as failure:
        core_program.sample(program(tmp_path, text), Run("fnat"), Point(7, 64), None)
    assert says in str(failure.value)


def test_a_program_that_is_not_built(tmp_path: Path) -> None:
    setting = replace(SETTING, program=tmp_path / "absent")
    with pytest.raises(BenchError, match="script/setup builds it"):
        core_program.sample(setting, Run("fnat"), Point(1, 64), None)
