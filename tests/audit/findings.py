"""What a scenario of the audit touched, with names: lines two actors met on, and atomic operations.

A line's name is what the source assigns the allocation to, read at the place that asked for it
(`worker_create: w->dest_count`), so no table of names is kept; static data have their symbol's.
"""

import bisect
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LINE_BYTES = 64
ALLOCATED_BEFORE_BYTES = 8  # env.c keeps the pointer to free in front of what it aligns; not lazy.c
ORDERS = ("relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst")


@dataclass(frozen=True, slots=True)
class Touch:
    actor: int
    """A worker's number, or the number of workers: the host thread."""
    kind: str
    """read, write, rmw; or without a line: fence, enter (a function is begun)."""
    order: int
    """Of an atomic access, as in ORDERS; -1: a plain one."""
    line: int
    bytes: int
    """A bit a byte of the line."""
    pc: int

    @property
    def at(self) -> int:
        """The first byte."""
        return self.line + (self.bytes & -self.bytes).bit_length() - 1

    @property
    def writes(self) -> bool:
        return self.kind in ("write", "rmw")


@dataclass(frozen=True, slots=True)
class Area:
    at: int
    n_bytes: int
    name: str = ""
    callers: tuple[int, ...] = ()
    before_bytes: int = 0
    """Of the allocator, at the beginning."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A line that one actor wrote and another touched."""

    name: str
    offset: int
    """Of the line, from the start of the area."""
    several_write: bool
    same_bytes: bool
    """False: they only have the line in common."""
    writers: frozenset[str]
    """Functions that wrote it."""
    readers: frozenset[str]
    """Functions that read it in another turn than the only writer's; in any, if several write."""

    def __str__(self) -> str:
        how = "written by several" if self.several_write else "one writer"
        what = "the same bytes" if self.same_bytes else "only the line in common"
        writers = ", ".join(sorted(self.writers))
        readers = ", ".join(sorted(self.readers)) or "none"
        at = f"{self.name}+{self.offset}"
        return f"{at}: {how}, {what}; written in {writers}; read in {readers}"


@dataclass(frozen=True, slots=True, order=True)
class Atomic:
    """An atomic operation that costs more than a plain access could."""

    kind: str
    order: str
    function: str
    name: str
    """What it was done to; empty for a fence."""


class Report:
    def __init__(self, program: Path, text: str) -> None:
        self.program = program
        self.touches: list[Touch] = []
        self.areas: list[Area] = []
        self.verdicts: dict[str, int] = {}
        for line in text.splitlines():
            self._read(line.split())
        self.areas.sort(key=lambda area: area.at)

    def _read(self, words: list[str]) -> None:
        match words:
            case ["touch", actor, kind, order, line, covered, pc, _n]:
                self.touches.append(
                    Touch(
                        int(actor), kind, int(order), int(line, 16), int(covered, 16), int(pc, 16)
                    )
                )
            case ["alloc" | "map" as how, at, n_bytes, *callers]:
                chain = tuple(int(pc, 16) for pc in callers)
                before = ALLOCATED_BEFORE_BYTES if how == "alloc" else 0
                self.areas.append(Area(int(at, 16), int(n_bytes), "", chain, before))
            case ["named", at, n_bytes, name]:
                self.areas.append(Area(int(at, 16), int(n_bytes), name))
            case ["verdict", name, n]:
                self.verdicts[name] = int(n)
            case _:
                raise ValueError(f"not a row: {' '.join(words)}")

    # --- names --------------------------------------------------------------------------------

    @cached_property
    def places(self) -> dict[int, tuple[str, str]]:
        """Function and file:line of every instruction of the report, innermost inlined one."""
        pcs = {touch.pc for touch in self.touches}
        pcs |= {pc for area in self.areas for pc in area.callers}
        asked = sorted(pcs)
        done = subprocess.run(
            ["addr2line", "-f", "-e", self.program],
            input="".join(f"{pc:#x}\n" for pc in asked),
            capture_output=True,
            text=True,
            check=True,
        )
        lines = done.stdout.splitlines()
        return {
            pc: (function, place)
            for pc, function, place in zip(asked, lines[::2], lines[1::2], strict=True)
        }

    @cached_property
    def symbols(self) -> list[tuple[int, int, str]]:
        done = subprocess.run(
            ["nm", "-S", "--defined-only", self.program],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split() for line in done.stdout.splitlines()]
        return sorted((int(r[0], 16), int(r[1], 16), r[3]) for r in rows if len(r) == 4)

    def function(self, pc: int) -> str:
        """The innermost inlined one."""
        return self.places[pc][0]

    def entered(self, actors: range) -> set[str]:
        """Functions that were called in the actors' turns, by pointer too."""
        return {
            self._called_as(touch.pc)
            for touch in self.touches
            if touch.kind == "enter" and touch.actor in actors
        }

    def _called_as(self, pc: int) -> str:
        return self.symbols[bisect.bisect_right(self.symbols, pc, key=lambda row: row[0]) - 1][2]

    def _area_name(self, area: Area) -> str:
        if area.name:
            return area.name
        function, place = self.places[area.callers[0]] if area.callers else ("?", "?:0")
        path, line = place.split(" ")[0].rsplit(":", 1)
        if not line.isdigit() or not Path(path).is_file():
            return f"allocated by {function}"
        source = Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assigned = re.search(r"([\w.>\[\]-]+) = .*zalloc\(", source)
        return f"{function}: {assigned[1]}" if assigned else f"allocated by {function}"

    def name(self, at: int) -> tuple[str, int]:
        """Of what is at an address, and how far into it the line begins."""
        line = at - at % LINE_BYTES
        i = bisect.bisect_right(self.areas, at, key=lambda area: area.at) - 1
        if i >= 0 and at < self.areas[i].at + self.areas[i].n_bytes:
            area = self.areas[i]
            if area.name:
                return area.name, line - area.at
            from_start = -(-(area.at + area.before_bytes) // LINE_BYTES) * LINE_BYTES
            return self._area_name(area), line - from_start
        i = bisect.bisect_right(self.symbols, at, key=lambda row: row[0]) - 1
        from_start, n_bytes, symbol = self.symbols[i] if i >= 0 else (0, 0, "")
        if at < from_start + n_bytes:
            return f"static {symbol}", line - from_start
        return f"nothing known at {at:#x}", 0

    # --- what was found -----------------------------------------------------------------------

    @cached_property
    def shared(self) -> list[Shared]:
        by_line: dict[int, list[Touch]] = defaultdict(list)
        for touch in self.touches:
            if touch.bytes:
                by_line[touch.line].append(touch)
        found = [self._shared(touches) for _line, touches in sorted(by_line.items())]
        return [one for one in found if one]

    def _shared(self, touches: list[Touch]) -> Shared | None:
        writing = [touch for touch in touches if touch.writes]
        writers = {touch.actor for touch in writing}
        others = [t for t in touches if writers - {t.actor}]
        if not others:
            return None
        name, offset = self.name(min(touch.at for touch in writing))
        return Shared(
            name,
            offset,
            len(writers) > 1,
            any(w.bytes & t.bytes for t in others for w in writing if w.actor != t.actor),
            frozenset(self.function(touch.pc) for touch in writing),
            frozenset(self.function(touch.pc) for touch in others if touch.kind == "read"),
        )

    @cached_property
    def atomics(self) -> frozenset[Atomic]:
        """Read-modify-writes, sequentially consistent stores, and fences of any order."""
        return frozenset(self._atomics(self.touches))

    def _atomics(self, touches: Iterable[Touch]) -> Iterable[Atomic]:
        for touch in touches:
            order = ORDERS[touch.order] if touch.order >= 0 else ""
            if touch.kind == "fence":
                yield Atomic("fence", order, self.function(touch.pc), "")
            elif touch.kind == "rmw" or (touch.kind == "write" and order == "seq_cst"):
                name = self.name(touch.at)[0]
                yield Atomic(touch.kind, order, self.function(touch.pc), name)


def run_scenario(program: Path, scenario: str) -> Report:
    done = subprocess.run(
        [program, scenario], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return Report(program, done.stdout)
