"""Runs `keepalived` with configurations that are the model itself, as JSON: apart from the parser.

A file whose text begins with "error" has that error, but is usable; one that begins with
"unusable" is not.
"""

import sys
from pathlib import Path

import msgspec

from dpvs_core.config.errors import Diagnostic, Location
from keepalivedpy.config import load as load_module
from keepalivedpy.config.load import DEFAULT_PATH, LoadResult
from keepalivedpy.model.root import Root


def load(path: str = DEFAULT_PATH, *_: object, **__: object) -> LoadResult:
    text = Path(path).read_text()
    if not text.startswith(("error", "unusable")):
        return LoadResult(root=msgspec.json.decode(text, type=Root))
    status = 5 if text.startswith("error") else 2
    mistake = Diagnostic(
        place=Location(path, 3, 1), severity="error", found=text.strip(), exit_status=status
    )
    return LoadResult(root=Root(), diagnostics=(mistake,), status=status)


if __name__ == "__main__":
    load_module.load = load
    from keepalivedpy.programs.keepalived import main

    sys.exit(main())
