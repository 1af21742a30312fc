"""Writes the manual pages and the completion: `python -m keepalivedpy.reference.make FOLDER`.

FOLDER is what `share` is to a prefix: man-db and bash-completion look there by themselves when the
prefix's `bin` is in PATH.
"""

import datetime
import sys
from pathlib import Path

from dpvs_core import __version__
from keepalivedpy.reference.completion import bash
from keepalivedpy.reference.man import pages


def make(share: Path, date: str) -> list[Path]:
    """The files written."""
    files = {
        share / f"man/man{name.rpartition('.')[2]}/{name}": page
        for name, page in pages(date, __version__).items()
    }
    files[share / "bash-completion/completions/keepalived"] = bash()
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return list(files)


def main() -> int:
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} FOLDER", file=sys.stderr)
        return 1
    try:
        make(Path(sys.argv[1]), datetime.date.today().isoformat())
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
