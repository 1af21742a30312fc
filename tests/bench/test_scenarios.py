"""The table of scenarios is whole: every role that a ratio names is run, before it is needed."""

import pytest

from tests.bench.runners import RUNNERS
from tests.bench.scenario import MEASURED, Difference, Figure, Ratio, Scenario
from tests.bench.scenarios import GROUPS, SCENARIOS

ALL = list(SCENARIOS.values())


def figures_of(what: Ratio | Difference | None) -> list[Figure]:
    if what is None:
        return []
    if isinstance(what, Difference):
        return [what.over, what.under]
    return [*what.over, *what.under]


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_roles(scenario: Scenario) -> None:
    for case in scenario.cases:
        named = [*case.steady, *figures_of(case.ratio)]
        for made in case.more.values():
            named += figures_of(made)
        assert {figure.role for figure in named} <= set(case.runs)
        assert list(case.runs)[-1] == MEASURED
        seen: set[str] = set()
        for role, run in case.runs.items():
            assert not run.rate_of or run.rate_of in seen
            assert run.way in RUNNERS
            seen.add(role)
        assert set(case.more) <= set(scenario.extra)
        assert case.steady, "nothing would show that the machine was noisy"


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_defaults_need_no_option(scenario: Scenario) -> None:
    assert scenario.flows and scenario.seconds > 0 and scenario.rounds >= 2
    assert scenario.sentence and scenario.meaning
    labels = [case.label for case in scenario.cases]
    assert len(set(labels)) == len(labels)


def test_groups_name_scenarios() -> None:
    assert set(GROUPS["all"]) == set(SCENARIOS)
    assert all(set(names) <= set(SCENARIOS) for names in GROUPS.values())
    assert not set(GROUPS) & set(SCENARIOS)
