"""A plugin of pytest: once a test function failed, its other parameters are skipped, and no failing
example is made smaller. One red is all that a mutation needs."""

from typing import Any

import pytest
from hypothesis import Phase, settings

failed: set[str] = set()


def function_of(nodeid: str) -> str:
    return nodeid.split("[")[0]


def pytest_sessionstart() -> None:
    """Behind conftest.py, which loads a profile too, and before the tests, which inherit it."""
    phases = [Phase.explicit, Phase.generate]
    settings.register_profile("mutation", deadline=None, phases=phases, database=None)
    settings.load_profile("mutation")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if function_of(item.nodeid) in failed:
        pytest.skip("failed already")


def pytest_runtest_logreport(report: Any) -> None:
    if report.failed:
        failed.add(function_of(report.nodeid))
