"""Threads that take places of one dest at the same moment (limit_race.c)."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CORE = ROOT / "dpvs_core"
SOURCES = (Path(__file__).with_name("limit_race.c"), CORE / "lb/sched_limit.c")
N_ROUNDS = 1_000_000


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("no C compiler (apt-get install gcc)")
    flags = subprocess.run(
        ["pkg-config", "--cflags", "libdpdk"], capture_output=True, text=True, check=True
    ).stdout.split()
    made = tmp_path_factory.mktemp("race") / "limit_race"
    subprocess.run(
        [compiler, "-std=gnu11", "-O2", f"-I{CORE}", f"-I{CORE / 'include'}", *flags,
         *SOURCES, "-o", made, "-lpthread"],
        check=True,
    )  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("n_workers", "upper", "n_before"), [(1, 2, 0), (2, 1, 0), (2, 4, 1), (4, 7, 1), (8, 18, 3)]
)
def test_no_more_than_the_threshold_at_any_moment(
    program: Path, n_workers: int, upper: int, n_before: int
) -> None:
    arguments = (n_workers, upper, n_before, N_ROUNDS)
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=True, timeout=60
    )
    most_held, n_got, left = map(int, done.stdout.split())
    assert most_held == upper
    assert n_got > N_ROUNDS / 10
    assert left == 0
