"""Build the fuzzer with clang: a build.ninja, run by ninja.

The core's sources are compiled with AddressSanitizer, UndefinedBehaviorSanitizer and libFuzzer's
counters, each with exact.h before it. `port/` is not: a plain core calls none of EAL's devices.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CORE = ROOT / "dpvs_core"
FUZZED = ("base", "pkt", "net", "lb", "worker", "host", "api")
LINKED = ("port",)
CLANGS = ("clang-14", "clang")
SANITIZE = "-fsanitize=address,undefined"
CHECKS = f"-O1 {SANITIZE} -fno-sanitize-recover=undefined"
CHECKED = f"{CHECKS} -fsanitize=fuzzer-no-link"
LEAN = (
    f"{CHECKS} -fno-sanitize=null,pointer-overflow,object-size,alignment "
    "-fsanitize-coverage=inline-8bit-counters,pc-table"
)
COUNTED = "-fprofile-instr-generate -fcoverage-mapping"

RULES = """\
rule header
  command = {clang} $flags $more -x c-header -MD -MF $out.d $in -o $out
  depfile = $out.d
rule cc
  command = {clang} $flags $more $pch -MD -MF $out.d -c $in -o $out
  depfile = $out.d
rule link
  command = {clang} $more $in -o $out {libs}
"""


class BuildError(Exception):
    """The fuzzer could not be built; the message says why."""


def clang() -> str:
    for name in CLANGS:
        if path := shutil.which(name):
            return path
    raise BuildError("there is no clang: script/setup installs it")


def _pkg_config(*args: str) -> str:
    return subprocess.run(
        ("pkg-config", *args, "libdpdk"), check=True, capture_output=True, text=True
    ).stdout.strip()


@dataclass(frozen=True)
class Build:
    folder: Path
    coverage: bool = False
    """Count lines (llvm-cov), for a run over a corpus."""
    lean: bool = False
    """Without the checks that take half the time of building and that AddressSanitizer, or the
    processor, nearly always makes too; compared values are not watched."""
    replaced: tuple[tuple[str, Path], ...] = ()
    """Sources of the core, by path in dpvs_core/, that another file stands for."""

    @property
    def program(self) -> Path:
        return self.folder / "fuzz"

    def _checks(self) -> str:
        return COUNTED if self.coverage else LEAN if self.lean else CHECKED

    def _objects(self) -> list[tuple[str, Path, str]]:
        """Names of objects, sources, flags of their own."""
        other, checks = dict(self.replaced), self._checks()
        rows = [
            (f"{folder}_{source.stem}.o", other.get(f"{folder}/{source.name}", source), checks)
            for folder in FUZZED
            for source in sorted((CORE / folder).glob("*.c"))
        ]
        rows += [(f"fuzz_{source.stem}.o", source, checks) for source in sorted(HERE.glob("*.c"))]
        for folder in LINKED:
            rows += [
                (f"{folder}_{source.stem}.o", source, "")
                for source in sorted((CORE / folder).glob("*.c"))
            ]
        return rows

    def _ninja(self) -> str:
        includes = f"-I{CORE} -I{CORE / 'include'} -I{HERE} {_pkg_config('--cflags')}"
        flags = "-std=gnu11 -D_GNU_SOURCE= -gline-tables-only -Wall -Wextra "
        flags += f"-Wno-unused-parameter {includes}"
        lines = [RULES.format(clang=clang(), libs=_pkg_config("--libs")), f"flags = {flags}"]
        headers = {self._checks(): "checked.pch", "": "plain.pch"}
        for more, pch in headers.items():
            lines += [f"build {pch}: header {HERE / 'everything.h'}", f"  more = {more}"]
        objects = self._objects()
        for name, source, more in objects:
            lines += [f"build {name}: cc {source} | {headers[more]}", f"  more = {more}"]
            lines += [f"  pch = -include-pch {headers[more]}"]
        names = " ".join(name for name, _, _ in objects)
        linked = COUNTED if self.coverage else SANITIZE
        lines += [f"build fuzz: link {names}", f"  more = -fsanitize=fuzzer {linked}"]
        return "\n".join([*lines, "default fuzz", ""])

    def run(self) -> Path:
        """Build what changed; the program."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = self._ninja()
        file = self.folder / "build.ninja"
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
        done = subprocess.run(
            ("ninja", "-C", str(self.folder), "--quiet"), capture_output=True, text=True
        )
        if done.returncode:
            raise BuildError(done.stdout[-4000:] + done.stderr[-2000:])
        return self.program
