"""The figures a pair promises, ten times each: script/test --full -m long THIS_FILE.

Writes build/pair.json: by scenario, the measured events.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.pair_bounds import violations
from tests.system.pair_conf import FAST, TUTORIAL
from tests.system.pair_event import Event, run_event
from tests.system.pair_lab import PairLab, running_pair
from tests.system.pair_scenarios import SCENARIOS, Scenario

pytestmark = [pytest.mark.netns, pytest.mark.long]

REPETITIONS = 10
RESULT = Path(__file__).resolve().parents[2] / "build/pair.json"


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest) -> Iterator[PairLab]:
    with running_pair(FAST, request.param) as lab:
        yield lab


@pytest.fixture(scope="module")
def results() -> Iterator[dict[str, list[Event]]]:
    """Written at the end, also of what a failing test has measured."""
    events: dict[str, list[Event]] = {}
    yield events
    rows = {name: [event.row() for event in measured] for name, measured in events.items()}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


@pytest.mark.parametrize("number", range(1, REPETITIONS + 1))
@pytest.mark.parametrize(
    ("pair", "scenario"),
    [(scenario.kind, scenario) for scenario in SCENARIOS],
    indirect=["pair"],
    ids=[scenario.name for scenario in SCENARIOS],
)
def test_ten_times(
    pair: PairLab, scenario: Scenario, number: int, results: dict[str, list[Event]]
) -> None:
    event = run_event(pair, scenario)
    results.setdefault(scenario.name, []).append(event)
    assert violations(event, scenario, FAST) == []


def test_the_tutorials_own_second(results: dict[str, list[Event]]) -> None:
    """Version 2 with PASS at 1 s, as the files are."""
    scenario = SCENARIOS[0]
    with running_pair(TUTORIAL, scenario.kind) as lab:
        event = run_event(lab, scenario)
    results[f"{scenario.name}, 1 s"] = [event]
    assert violations(event, scenario, TUTORIAL) == []
