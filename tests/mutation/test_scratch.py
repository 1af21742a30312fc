"""A verdict on a tree's tests: what counts as red."""

import shutil
from pathlib import Path

import pytest

from tests.mutation.scratch import ROOT, BuildError, failing

TESTS = """
import os
import pytest

def test_green():
    pass

@pytest.mark.parametrize("number", [1, 2])
def test_red(number):
    assert number == 2

def test_aborts():
    os.abort()

def test_never_ends():
    while True:
        pass

def test_needs_what_breaks(broken):
    pass

@pytest.fixture
def broken():
    raise OSError
"""
CPU_LIMIT_S = 3
"""More than what pytest takes to start."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tests" / "mutation").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "mutation" / "first_failure.py", tmp_path / "tests" / "mutation")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    long: no\n")
    (tmp_path / "test_it.py").write_text(TESTS)
    return tmp_path


def verdict(tree: Path, *names: str) -> set[str]:
    found = failing(tree, tuple(f"test_it.py::{name}" for name in names), CPU_LIMIT_S)
    return {name.removeprefix("test_it.py::") for name in found}


def test_one_parameter_or_a_fixture_is_enough(tree: Path) -> None:
    names = ("test_green", "test_red", "test_needs_what_breaks")
    assert verdict(tree, *names) == {"test_red", "test_needs_what_breaks"}


def test_what_takes_all_down_is_red_and_the_others_are_not(tree: Path) -> None:
    names = ("test_aborts", "test_never_ends", "test_green")
    assert verdict(tree, *names) == {"test_aborts", "test_never_ends"}


def test_what_is_not_there_has_no_verdict(tree: Path) -> None:
    with pytest.raises(BuildError, match="test_gone"):
        verdict(tree, "test_gone")
