"""List the source files below some folders, for meson.build: one path a line, sorted.

    build_sources.py SUFFIX... FOLDER...

A word that begins with a dot is a suffix, any other a folder of the current directory. Folders
that do not exist are empty; a folder without a matching file is no error, for the linker says
better what is missing.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path


def sources(top: Path, suffixes: set[str], folders: list[str]) -> Iterator[str]:
    """Paths relative to `top` with '/' between the parts."""
    for folder in folders:
        for path in (top / folder).rglob("*"):
            if path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path.relative_to(top).as_posix()


def main(words: list[str]) -> None:
    suffixes = {word for word in words if word.startswith(".")}
    folders = [word for word in words if not word.startswith(".")]
    # Meson runs this in the source folder of the meson.build that asks.
    top = Path(os.environ.get("MESON_SOURCE_ROOT", "."), os.environ.get("MESON_SUBDIR", ""))
    print("\n".join(sorted(sources(top, suffixes, folders))))


if __name__ == "__main__":
    main(sys.argv[1:])
