"""The audit's program: every source of the core with the compiler's marks, and the runtime here.

What all sources include from DPDK is precompiled, which takes a third of the time that compiling
them one by one does.
"""

import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CORE = HERE.parents[1] / "dpvs_core"

PRECOMPILED = ("rte_config.h", "rte_mbuf.h", "rte_rcu_qsbr.h", "rte_hash_crc.h")
WRAPPED = ("memcpy", "memmove", "memset", "memcmp", "calloc", "free", "mmap", "munmap")
COMMON = ("-std=gnu11", "-O1", "-g", "-fno-pie", "-D_GNU_SOURCE=", "-Werror=implicit")
# Every access is to be seen: mem* stay calls, and a call stays in its caller.
MARKED = ("-fsanitize=thread", "-fno-builtin", "-fno-optimize-sibling-calls", "-Wno-tsan")
N_JOBS = 2


class BuildError(Exception):
    """What the compiler said."""


@dataclass(frozen=True, slots=True)
class Program:
    path: Path
    """The executable."""
    objects: dict[Path, Path]
    """By source: of the core and of the runtime."""


def run(*words: str | Path) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout


def core_sources() -> list[Path]:
    return sorted(CORE.glob("*/*.c"))


def flags() -> list[str]:
    """For the preprocessor, without what comes from the precompiled header."""
    dpdk = run("pkg-config", "--cflags", "libdpdk").split()
    at = dpdk.index("rte_config.h")
    return [*COMMON, f"-I{CORE}", f"-I{CORE / 'include'}", *dpdk[: at - 1], *dpdk[at + 1 :]]


def precompile(into: Path, words: Iterable[str]) -> Path:
    header = into / "dpdk.h"
    header.write_text("".join(f"#include <{name}>\n" for name in PRECOMPILED))
    run("gcc", *words, "-x", "c-header", header, "-o", f"{header}.gch")
    return header


def compile_marked(into: Path, source: Path, words: Iterable[str]) -> Path:
    output = into / f"{source.parent.name}_{source.stem}.o"
    header = into / "dpdk.h"
    run("gcc", *words, *MARKED, "-include", header, f"-I{CORE}", "-c", source, "-o", output)
    return output


def compile_runtime(into: Path, source: Path, words: Iterable[str]) -> Path:
    output = into / f"{source.stem}.o"
    warnings = ("-Wall", "-Wextra", "-Werror", "-include", "rte_config.h")
    run("gcc", *words, *warnings, "-c", source, "-o", output)
    return output


def link(path: Path, objects: Iterable[Path]) -> Path:
    wraps = [f"-Wl,--wrap={name}" for name in WRAPPED]
    libraries = run("pkg-config", "--libs", "libdpdk").split()
    run("gcc", "-no-pie", "-o", path, *objects, *wraps, *libraries)
    return path


def build(into: Path) -> Program:
    words = flags()
    precompile(into, [*words, *MARKED])
    runtime = sorted(HERE.glob("*.c"))
    with ThreadPoolExecutor(N_JOBS) as pool:
        marked = pool.map(lambda source: compile_marked(into, source, words), core_sources())
        plain = pool.map(lambda source: compile_runtime(into, source, words), runtime)
        objects = dict(zip([*core_sources(), *runtime], [*marked, *plain], strict=True))
    return Program(link(into / "audit", objects.values()), objects)


def rebuild(program: Program, into: Path, source: Path, text: str) -> Program:
    """The same program with another text of one source, for tests of the audit itself."""
    changed = into / source.parent.name / source.name
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text(text)
    header = program.path.parent / "dpdk.h"
    output = into / "changed.o"
    run("gcc", *flags(), *MARKED, "-include", header, "-c", changed, "-o", output)
    objects = program.objects | {source: output}
    return Program(link(into / "audit", objects.values()), objects)
