"""A failure shows the last lines of the director's log."""

from collections.abc import Generator

import pytest

N_LINES = 40

pytest.register_assert_rewrite("tests.system.required")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    for fixture in item.funcargs.values():
        log = getattr(fixture, "director_log", None)
        if report.failed and log is not None:
            report.sections.append(("director's log", "\n".join(log().splitlines()[-N_LINES:])))
    return report
