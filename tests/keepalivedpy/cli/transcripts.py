"""The transcripts of the original tools, read into cases (format: the README beside them)."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CASES = Path(__file__).resolve().parents[3] / "../shared/cases/dpvs-cli"
ABSENT = "needs the shared case files; not in this checkout"


class Case(NamedTuple):
    file: str
    line: str
    out: tuple[str, ...]
    err: tuple[str, ...]
    status: int

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line)

    @property
    def asked_its_core(self) -> bool:
        return any(re.search(r"\[sockopt_msg_recv\]|\[dpvs_[gs]etsockopt\]", e) for e in self.err)


def read(path: Path) -> Iterator[Case]:
    """Each command with what it printed; output outside a command is a comment."""
    line, out, err = None, [], []
    for text in path.read_text(errors="replace").split("\n"):
        if text.startswith("$ "):
            line, out, err = text[2:], [], []
        elif found := re.search(r"\[rc=(\d+)\]$", text):
            if line is not None:
                yield Case(path.name, line, tuple(out), tuple(err), int(found[1]))
            line = None
        elif text.startswith("[stderr] "):
            err.append(text[len("[stderr] ") :])
        else:
            out.append(text)


def tool_cases() -> list[Case]:
    """Every complete call of ipvsadm or dpip."""
    cases = [case for path in sorted(CASES.glob("*.txt")) for case in read(path)]
    return [
        case
        for case in cases
        if case.words[0] in ("ipvsadm", "dpip") and "|" not in case.words and case.status != 124
    ]
