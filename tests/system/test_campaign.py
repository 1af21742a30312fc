"""The figures that the first release promises, with 1, 2 and 3 workers: script/test --full."""

from collections.abc import Iterator

import pytest

from tests.system.lab import MEGABYTE, Lab, running_lab
from tests.system.required import (
    require_connections,
    require_download,
    require_echoes,
    require_recovery,
)

pytestmark = [pytest.mark.netns, pytest.mark.long]


@pytest.fixture(scope="module", params=[1, 2, 3], ids=lambda workers: f"{workers}w")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with running_lab(request.param, 200 * MEGABYTE) as lab:
        yield lab


def test_10000_connections(lab: Lab) -> None:
    require_connections(lab, 10_000, 50)


def test_20000_datagrams(lab: Lab) -> None:
    require_echoes(lab, 2_000, 10.0, 64)


def test_200_megabytes(lab: Lab) -> None:
    require_download(lab)


def test_recovery_within_a_second(lab: Lab) -> None:
    """The only bound on time among the tests: not in CI, where machines are busy."""
    assert require_recovery(lab) < 1.0
