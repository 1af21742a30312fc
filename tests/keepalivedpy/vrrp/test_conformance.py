"""tests/conformance/vrrp/*.txt against the router: all it does, and nothing else."""

import pytest

from tests.keepalivedpy.vrrp.scenario import SETTINGS, blocks, transcript

SCENARIOS = dict(blocks())


@pytest.mark.parametrize("lines", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(lines: list[str]) -> None:
    assert transcript(lines) == lines


def test_every_setting_has_a_scenario() -> None:
    used = {
        word.split("=")[0]
        for lines in SCENARIOS.values()
        for text in lines
        for word in text.split()
        if "=" in word
    }
    assert set(SETTINGS) - used == set()


def test_titles_are_different() -> None:
    assert len(list(blocks())) == len(SCENARIOS)
