"""Names that stand for numbers in routes and rules: tables, protocols, realms, scopes, dsfields.

Those of iproute2's files beside those that the kernel knows itself. Read once, when a line has a
name; a file that is missing has no names.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDERS = (Path("/usr/share/iproute2"), Path("/etc/iproute2"))

KERNEL: Mapping[str, Mapping[str, int]] = {
    "rt_tables": {"default": 253, "main": 254, "local": 255},
    "rt_protos": {"redirect": 1, "kernel": 2, "boot": 3, "static": 4, "ra": 9, "keepalived": 18},
    "rt_dsfield": {},
    "rt_realms": {},
    "group": {"default": 0},
}


@cache
def names_of(kind: str) -> Mapping[str, int]:
    """Name to number, of one of KERNEL's files."""
    found = dict(KERNEL[kind])
    for folder in FOLDERS:
        for path in (folder / kind, *sorted((folder / f"{kind}.d").glob("*.conf"))):
            found.update(_read(path))
    return found


def _read(path: Path) -> Iterator[tuple[str, int]]:
    try:
        text = path.read_text("utf-8", "surrogateescape")
    except OSError:
        return
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) == 2 and (number := c_number(words[0])) is not None:
            yield words[1], number


def c_number(word: str) -> int | None:
    """A decimal number or 0x and a hexadecimal one.

    >>> c_number("0x10"), c_number("010"), c_number("main")
    (16, 10, None)
    """
    if not word.isascii() or len(word) > 20:
        return None
    base = 16 if word[:2] in ("0x", "0X") else 10
    digits = word[2:] if base == 16 else word
    try:
        return int(digits, base) if digits[:1].isalnum() and "_" not in digits else None
    except ValueError:
        return None
