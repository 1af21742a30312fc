"""Configurations with mistakes: the case files and samples, changed at random but repeatably.

python -P -m tests.keepalivedpy.config.mutants SEED COUNT    loads so many, says the slowest
"""

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from dpvs_core.config.render import render_all
from keepalivedpy.config.compat import render_compat
from keepalivedpy.config.dump import dump
from keepalivedpy.config.load import load
from keepalivedpy.config.render import render_json
from keepalivedpy.config.tables import ROOT, blocks
from tests.keepalivedpy.config.files import all_files

MOST_BYTES = 30_000
KEYWORDS = sorted({name for block in blocks(ROOT) for name in block.table})
BITS = (
    *'{}"\'#!\\$~@()/,.:-% \t\r\n\0', "\\\n", "${", "${A}", "$A", "$A=", "$A= \\\n", "$A=${A}",
    "~SEQ(A,1,3) ", "~SEQ(A, 0x9, -1, 1)", "~LST(A,1,2) ", "~LST({A,B},{1,2},{3,4}) ", "@main ",
    "@^main ", "${_RANDOM 1 9}", "${_PWD}", "${_HASH}", "include *\n", "include_check\n",
    "\ufeff", "\x80", "9" * 30, "-1", "0", "0x10", "1.5", "::1", "10.0.0.1/33", "10.0.0.1-9",
    "x" * 1100,
)  # fmt: skip


def texts() -> list[str]:
    """What is changed."""
    read = [path.read_text("utf-8", "surrogateescape") for path in all_files()]
    return [text for text in read if len(text) <= MOST_BYTES]


def mutant(seed: int, originals: Sequence[str]) -> str:
    """One of them with a few changes."""
    chance = random.Random(seed)
    text = chance.choice(originals)
    for _ in range(chance.randint(1, 6)):
        text = chance.choice(CHANGES)(text, chance, originals)
    return text[: 2 * MOST_BYTES]


def insert(text: str, chance: random.Random, _: Sequence[str]) -> str:
    at = chance.randint(0, len(text))
    bit = chance.choice(BITS) if chance.random() < 0.7 else f" {chance.choice(KEYWORDS)} "
    return text[:at] + bit + text[at:]


def cut(text: str, chance: random.Random, _: Sequence[str]) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + text[at + chance.choice((1, 1, 3, 20, 200)) :]


def move_lines(text: str, chance: random.Random, _: Sequence[str]) -> str:
    lines = text.split("\n")
    start, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    some = lines[start : start + chance.randint(1, 4)]
    return "\n".join(lines[:to] + some * chance.randint(1, 3) + lines[to:])


def swap_words(text: str, chance: random.Random, _: Sequence[str]) -> str:
    words = text.split(" ")
    a, b = chance.randrange(len(words)), chance.randrange(len(words))
    words[a], words[b] = words[b], words[a]
    return " ".join(words)


def change_digit(text: str, chance: random.Random, _: Sequence[str]) -> str:
    places = [at for at, char in enumerate(text) if char.isdigit()]
    if not places:
        return text
    at = chance.choice(places)
    return text[:at] + str(chance.randrange(10**4)) + text[at + 1 :]


def splice(text: str, chance: random.Random, originals: Sequence[str]) -> str:
    other = chance.choice(originals)
    return text[: chance.randint(0, len(text))] + other[chance.randint(0, len(other)) :]


CHANGES = (insert, insert, cut, move_lines, swap_words, change_digit, splice)


def read(path: Path) -> int:
    """Load a file and say all that can be said of it; its status."""
    result = load(str(path), config_id="main", interfaces=("lo", "eth0"))
    render_all(result.diagnostics)
    render_compat(result.diagnostics, result.blocks)
    render_json(result.diagnostics, result.status)
    dump(result.root)
    return result.status


def campaign(first_seed: int, n_files: int, folder: Path) -> tuple[float, int]:
    """Read so many mutants; the longest time in seconds and its seed."""
    originals = texts()
    path = folder / "mutant.conf"
    slowest = (0.0, first_seed)
    for seed in range(first_seed, first_seed + n_files):
        path.write_text(mutant(seed, originals), "utf-8", "surrogateescape")
        start = time.process_time()
        try:
            read(path)
        except Exception as error:
            raise AssertionError(f"mutant {seed}") from error
        slowest = max(slowest, (time.process_time() - start, seed))
    return slowest


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(*campaign(int(sys.argv[1]), int(sys.argv[2]), Path(name)))
