"""The page of typical mistakes says what the programs say."""

import os
import re
from pathlib import Path

import pytest

from tests.keepalivedpy.config.mistakes_page import FOLDER, THEIRS, page

SAYS_WHERE_AND_WHAT = r"    {name}:\d+:\d+: (error|warning): found .+"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
FILES = sorted(path.name for path in FOLDER.glob("*.conf"))


@pytest.mark.netns
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a network namespace")
@pytest.mark.skipif(not Path(THEIRS).exists(), reason="needs keepalived (apt-get install it)")
def test_the_page_is_true() -> None:
    assert page() == PAGE


def test_there_are_twenty() -> None:
    assert len(FILES) >= 20 and PAGE.count("\n## ") == len(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_mistake_is_found_where_it_is(name: str) -> None:
    """With file, line and column, what is there, and what would be right."""
    ours = PAGE.split(f"[{name}]({name})")[1].split("\nOurs, ")[1].split("\n## ")[0]
    assert re.search(SAYS_WHERE_AND_WHAT.format(name=name), ours)
