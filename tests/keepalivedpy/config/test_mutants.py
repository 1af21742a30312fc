"""No configuration, however wrong, makes the loader fail or wait."""

from pathlib import Path

import pytest

from tests.keepalivedpy.config.mutants import campaign

MOST_S = 2.0


def test_some_mutants(tmp_path: Path) -> None:
    seconds, seed = campaign(0, 150, tmp_path)
    assert seconds < MOST_S, f"mutant {seed}"


@pytest.mark.long
def test_a_hundred_thousand_mutants(tmp_path: Path) -> None:
    seconds, seed = campaign(1_000, 100_000, tmp_path)
    assert seconds < MOST_S, f"mutant {seed}"
