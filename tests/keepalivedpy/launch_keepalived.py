"""Runs `keepalived` with configurations that are the model itself, as JSON: apart from the parser.

A file whose text begins with "error" has that error.
"""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import msgspec

from keepalivedpy.model.root import Root


def load(path: str) -> SimpleNamespace:
    text = Path(path).read_text()
    if text.startswith("error"):
        return SimpleNamespace(root=Root(), errors=[text.strip()], warnings=[])
    return SimpleNamespace(root=msgspec.json.decode(text, type=Root), errors=[], warnings=[])


if __name__ == "__main__":
    stand_in = ModuleType("keepalivedpy.config.load")
    stand_in.load = load  # type: ignore[attr-defined]
    sys.modules["keepalivedpy.config.load"] = stand_in
    from keepalivedpy.programs.keepalived import main

    sys.exit(main())
