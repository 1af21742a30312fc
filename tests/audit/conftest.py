"""The program of the audit, made once, and what each of its scenarios touched."""

import shutil

import pytest

from tests.audit.allowed import SCENARIOS
from tests.audit.build import Program, build
from tests.audit.findings import Report, run_scenario

NEEDS = ("gcc", "pkg-config", "addr2line", "nm", "objdump")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    missing = [name for name in NEEDS if not shutil.which(name)]
    if missing:
        pytest.skip(f"compiles the core: no {', '.join(missing)} here (script/setup installs them)")
    return build(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="session")
def reports(program: Program) -> dict[str, Report]:
    return {scenario: run_scenario(program.path, scenario) for scenario in SCENARIOS}
