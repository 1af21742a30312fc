"""Screens, compared with files: UPDATE_SCREENS=1 writes them anew, to be read and committed."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from keepalivedpy.status.paint import Paint
from keepalivedpy.status.screen import screen
from tests.keepalivedpy.status.examples import EXAMPLES, NOW

SCREENS = Path(__file__).with_name("screens")
COLOUR = re.compile(r"\x1b\[([0-9;]*)m")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def shown(name: str, colours: bool = False) -> str:
    return "".join(f"{line}\n" for line in screen(EXAMPLES[name], NOW, Paint(colours)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_screen(name: str) -> None:
    file = SCREENS / f"{name}.txt"
    if os.environ.get("UPDATE_SCREENS"):
        file.write_text(shown(name))
    assert shown(name) == file.read_text()


def test_every_file_is_an_example() -> None:
    assert {file.stem for file in SCREENS.iterdir()} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_colours_change_nothing_else(name: str) -> None:
    painted = shown(name, colours=True)
    assert COLOUR.search(painted)
    assert COLOUR.sub("", painted) == shown(name)


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("master", "MASTER", "32"),
        ("master", "active", "32"),
        ("fault", "FAULT ", "1;31"),
        ("fault", "! Cannot reach dpvs", "1;31"),
        ("fault", "dpvs cannot be reached: Connection refused", "1;31"),
        ("not_set", "NOT SET in dpvs on dpdk0", "1;31"),
        ("services", "DOWN", "1;31"),
        ("services", "sorry server, in use", "33"),
    ],
)
def test_what_has_which_colour(name: str, words: str, code: str) -> None:
    assert re.search(rf"\x1b\[{code}m{re.escape(words)} *\x1b\[0m", shown(name, colours=True))
