"""The shortest campaign that shows both makes understanding each other, in either place."""

from pathlib import Path

import pytest

from tests.interop.bounds import order_violations
from tests.interop.cases import TO_OURS, TO_THEIRS, Direction, case_named
from tests.interop.decoders import all_complaints
from tests.interop.required import needs_both_makers
from tests.interop.series import run_series
from tests.interop.strikes import EVENTS

pytestmark = [pytest.mark.netns, needs_both_makers]
SELECTION = (
    ("v3-100ms", TO_OURS, ("kill -9", "SIGTERM")),
    ("v3-100ms", TO_THEIRS, ("kill -9", "SIGTERM")),
    ("v3-100ms-unicast", TO_OURS, ("SIGTERM",)),
    ("v2-1s-pass", TO_OURS, ("SIGTERM",)),
    ("v2-1s-pass", TO_THEIRS, ("SIGTERM",)),
)


@pytest.mark.parametrize(
    ("name", "direction", "kinds"), SELECTION, ids=[f"{n} {d}" for n, d, _ in SELECTION]
)
def test_the_backup_takes_over_and_gives_back(
    name: str, direction: Direction, kinds: tuple[str, ...], tmp_path: Path
) -> None:
    case, capture_file = case_named(name), tmp_path / "adverts.pcap"
    events = tuple(event for event in EVENTS if event.name in kinds)
    series = run_series(case, direction, capture_file, 1, events)
    assert [row.event for row in series.rows] == list(kinds)
    assert order_violations(series) == []
    assert all_complaints(case, capture_file) == []
