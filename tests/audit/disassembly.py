"""Machine code of the installed native module: what a function calls, and its atomics."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

# `lock` prefixes, exchanges with memory (locked without a prefix), and full fences.
ATOMIC = re.compile(r"^(lock\b.*|xchg\s.*\(.*|mfence.*)$")
BRANCH = re.compile(r"^(?:call|j[a-z]+)\s+[0-9a-f]+ <([^>+]+)(\+0x[0-9a-f]+)?>")


@dataclass(slots=True)
class Function:
    atomics: list[str] = field(default_factory=list)
    """The instructions."""
    branches: set[str] = field(default_factory=set)
    """Functions it calls or goes on in; of another library: with @plt."""


def functions(text: str) -> dict[str, Function]:
    """From what `objdump -d --no-show-raw-insn` prints; the stubs that lead to other libraries'
    functions are none."""
    found: dict[str, Function] = {}
    current = Function()
    for line in text.splitlines():
        if header := re.match(r"^[0-9a-f]+ <(.+)>:$", line):
            own = "@plt" not in header[1]
            current = found.setdefault(header[1], Function()) if own else Function()
        elif "\t" in line:
            instruction = line.split("\t")[1].strip()
            if ATOMIC.match(instruction):
                current.atomics.append(instruction)
            if branch := BRANCH.match(instruction):
                current.branches.add(branch[1])
    for function in found.values():
        function.branches = {_own(name, found) for name in function.branches}
    return found


def _own(name: str, found: dict[str, Function]) -> str:
    """A library calls its own exported functions by way of its table too."""
    own = name.removesuffix("@plt")
    return own if own in found else name


def disassemble(library: Path) -> dict[str, Function]:
    done = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", library],
        capture_output=True,
        text=True,
        check=True,
    )
    return functions(done.stdout)


def reached(all_functions: dict[str, Function], roots: Iterable[str]) -> Iterator[str]:
    """The roots and what they branch to without a pointer, each once."""
    waiting = list(roots)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        if name in all_functions:
            waiting.extend(all_functions[name].branches)
