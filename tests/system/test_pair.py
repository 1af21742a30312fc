"""A pair: whatever befalls the master, the backup serves; it comes back, and all is as before.

The tutorial's files at 0.1 s adverts; each failure once, without bounds on time. The long form,
with the bounds, is test_pair_campaign.py.
"""

from collections.abc import Iterator

import pytest

from tests.system.pair_bounds import failures
from tests.system.pair_conf import FAST
from tests.system.pair_event import run_event
from tests.system.pair_lab import PairLab, running_pair
from tests.system.pair_scenarios import SCENARIOS, Scenario

pytestmark = pytest.mark.netns


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest) -> Iterator[PairLab]:
    with running_pair(FAST, request.param) as lab:
        yield lab


@pytest.mark.parametrize(
    ("pair", "scenario"),
    [(scenario.kind, scenario) for scenario in SCENARIOS],
    indirect=["pair"],
    ids=[scenario.name for scenario in SCENARIOS],
)
def test_backup_serves_and_master_returns(pair: PairLab, scenario: Scenario) -> None:
    assert failures(run_event(pair, scenario)) == []
