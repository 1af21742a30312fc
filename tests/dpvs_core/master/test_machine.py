"""Where the master may run beside the workers."""

import pytest

from dpvs_core.master.machine import beside


@pytest.mark.parametrize(
    ("workers", "cpus", "left"),
    [
        ([[1], [2]], (0, 1, 2, 3), (0, 3)),
        ([[0]], (0,), (0,)),
        ([[0], [1]], (0, 1), (0, 1)),
        ([[0, 1, 2]], (0, 1, 2), (0, 1, 2)),
        ([[0, 1, 2], [1]], (0, 1, 2), (0, 2)),
        ([[0, 1]], (0, 1, 2), (0, 1, 2)),
        ([], (4, 5), (4, 5)),
    ],
)
def test_the_master_leaves_pinned_workers_alone(
    workers: list[list[int]], cpus: tuple[int, ...], left: tuple[int, ...]
) -> None:
    assert beside(workers, cpus) == left
