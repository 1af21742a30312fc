"""Whose CPU time it was: made-up /proc/stat."""

import pytest

from tests.bench import disturbance
from tests.bench.disturbance import Usage

STAT = """\
cpu  1000 0 0 0 0 0 0 0 0 0
cpu0 100 20 30 800 40 5 6 7 50 0
cpu1 10 0 0 90 0 0 0 1 0 0
cpu10 5000 0 0 0 0 0 0 0 0 0
intr 5
"""


def test_only_the_processors_that_are_used() -> None:
    assert disturbance.usage(STAT, [0], 100) == (1.61, 0.07)
    assert disturbance.usage(STAT, [0, 1], 100) == (1.71, 0.08)


@pytest.mark.parametrize(
    ("busy_s", "stolen_s", "own_s", "others_pct", "stolen_pct"),
    [
        (4.0, 0.0, 4.0, 0.0, 0.0),
        (4.0, 0.2, 3.6, 10.0, 5.0),
        (3.9, 0.0, 4.0, 0.0, 0.0),  # the two clocks differ by a tick
    ],
)
def test_shares(
    busy_s: float, stolen_s: float, own_s: float, others_pct: float, stolen_pct: float
) -> None:
    before = Usage(busy_s=10, stolen_s=1, wall_s=100, own_s=5)
    after = Usage(10 + busy_s, 1 + stolen_s, 102, 5 + own_s)
    seen = disturbance.between(before, after, n_cpus=2)
    assert seen.others_pct == pytest.approx(others_pct)
    assert seen.stolen_pct == pytest.approx(stolen_pct)


def test_the_real_files_are_understood() -> None:
    before = disturbance.now([0])
    after = disturbance.now([0])
    assert before.busy_s > 0
    assert after.wall_s > before.wall_s
    assert after.own_s >= before.own_s > 0
