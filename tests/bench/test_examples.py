"""The examples in the docstrings of the bench's own modules."""

import doctest
import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
MODULES = sorted(
    path.stem for path in FOLDER.glob("*.py") if ">>>" in path.read_text(encoding="utf-8")
)
MODULES.remove(Path(__file__).stem)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"tests.bench.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
