"""The page of typical mistakes says what the programs say."""

import os
import re
from pathlib import Path

import pytest

from tests.keepalivedpy.config.mistakes_page import FOLDER, OURS, THEIRS, config_test, page

pytestmark = pytest.mark.netns
FILES = sorted(path.name for path in FOLDER.glob("*.conf"))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a network namespace")
@pytest.mark.skipif(not Path(THEIRS).exists(), reason="needs keepalived (apt-get install it)")
def test_the_page_is_true() -> None:
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == page()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a network namespace")
@pytest.mark.parametrize("name", FILES)
def test_a_mistake_is_found_where_it_is(name: str) -> None:
    """With file, line and column, what is there, and what would be right."""
    said = config_test(OURS, name)
    assert re.search(rf"^{name}:\d+:\d+: (error|warning): found .+", said.text, re.MULTILINE)
    assert "Traceback" not in said.text


def test_there_are_twenty() -> None:
    assert len(FILES) >= 20
