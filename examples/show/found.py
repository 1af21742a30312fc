"""Every show there is: each folder beside this one whose demo.py has a SHOW."""

import importlib
from pathlib import Path
from typing import Any

from examples.show.program import Show

EXAMPLES = Path(__file__).resolve().parents[1]
DEFAULT = "pair"


def shows() -> dict[str, Show[Any]]:
    """By their names; the one that is played when none is named stands first."""
    folders = sorted(path.parent.name for path in EXAMPLES.glob("*/demo.py"))
    found = [importlib.import_module(f"examples.{folder}.demo").SHOW for folder in folders]
    return {show.name: show for show in sorted(found, key=lambda show: show.name != DEFAULT)}
