"""Colours, on terminals that want them; plain words elsewhere."""

import os
from collections.abc import Mapping
from enum import Enum
from typing import TextIO


class Tone(Enum):
    """The codes are ANSI's (ECMA-48 SGR)."""

    GOOD = "32"
    BAD = "1;31"
    CARE = "33"
    TITLE = "1"


class Paint:
    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted

    def __call__(self, tone: Tone, text: str) -> str:
        return f"\x1b[{tone.value}m{text}\x1b[0m" if self._wanted else text


def paint_for(out: TextIO, environment: Mapping[str, str] = os.environ) -> Paint:
    """By custom NO_COLOR, set to anything, means none."""
    dumb = environment.get("TERM") == "dumb" or bool(environment.get("NO_COLOR"))
    return Paint(out.isatty() and not dumb)
