"""Mutations as data: a line of the sources, what it becomes, and the tests that must notice.

A list is a TOML file in lists/, a table each mutation:

    [[mutation]]
    name = "behaviour 14: a port is taken again at once"
    file = "dpvs_core/lb/lport.c"
    line = "h->now &= h->now - 1;"
    becomes = "h->now &= h->now;"
    tests = ["tests/dpvs_core/lb/test_lport.py::test_behaviour_14_..."]

`line` is a whole line of the file without its indentation, and there only once; `after`, where it
is there more often, is a line before it, of which the next such line counts.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LISTS = Path(__file__).parent / "lists"


@dataclass(frozen=True)
class Mutation:
    name: str
    file: str
    line: str
    becomes: str
    tests: tuple[str, ...]
    """File and function; every one of them must fail."""
    after: str = ""

    def apply(self, source: str) -> str:
        """ValueError: the source has no such line, or several."""
        lines = source.split("\n")
        found = [at for at, line in enumerate(lines) if line.strip() == self.line]
        if self.after:
            start = [at for at, line in enumerate(lines) if line.strip() == self.after]
            if len(start) != 1:
                raise ValueError(f"{self.file}: {len(start)} lines are {self.after!r}")
            found = [at for at in found if at > start[0]][:1]
        if len(found) != 1:
            raise ValueError(f"{self.file}: {len(found)} lines are {self.line!r}")
        old = lines[found[0]]
        indent = old[: len(old) - len(old.lstrip())]
        lines[found[0]] = indent + self.becomes
        return "\n".join(lines)


def mutations() -> list[Mutation]:
    """Of all lists, in the order of their files."""
    return [
        Mutation(**{**row, "tests": tuple(row["tests"])})
        for path in sorted(LISTS.glob("*.toml"))
        for row in tomllib.loads(path.read_text())["mutation"]
    ]
