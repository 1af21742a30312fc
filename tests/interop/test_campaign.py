"""The whole campaign with its bounds; about twenty minutes on an idle machine.

    script/test --full -m long tests/interop

The report is build/interop.json, written anew after each series.
"""

import pytest

from tests.interop.campaign import REPORT, measure, rounds
from tests.interop.cases import CASES, DIRECTIONS, Case, Direction
from tests.interop.report import HEAD, table, write_json
from tests.interop.required import needs_both_makers
from tests.interop.series import Series

pytestmark = [pytest.mark.netns, pytest.mark.long, needs_both_makers]


@pytest.fixture(scope="module")
def all_series() -> list[Series]:
    return []


@pytest.mark.parametrize("direction", DIRECTIONS, ids=str)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_bound_is_kept(
    case: Case,
    direction: Direction,
    all_series: list[Series],
    capsys: pytest.CaptureFixture[str],
) -> None:
    series, complaints = measure(case, direction, rounds(case, direction, None))
    all_series.append(series)
    write_json(all_series, REPORT)
    with capsys.disabled():
        print("\n" + "\n".join((HEAD, *table(series))))
    assert complaints == []
