"""Which lines of the code that handles packets a corpus reaches (llvm-profdata, llvm-cov)."""

import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tests.fuzz.build import CORE, BuildError

GROUPS = {
    "parse": ("pkt/parse.*", "pkt/classify.c", "pkt/ip.h", "pkt/pkt.h", "base/csum.h"),
    "rewrite": (
        "lb/rewrite.h", "lb/translate.h", "lb/fwd*", "lb/one_way.c", "lb/tunnel_source.c",
        "lb/follow_tcp.*", "lb/fnat_bind.c", "pkt/tcp_option.c",
    ),
    "icmp": (
        "pkt/icmp_*", "worker/related.c", "worker/reply.c", "lb/proto_icmp.c", "host/nd_packet.c",
        "host/nd.c", "host/arp.c",
    ),
    "sctp": (
        "pkt/sctp.*", "lb/proto_sctp.c", "lb/fwd_sctp.c", "worker/reply_sctp.c", "base/crc32c.*",
    ),
    "listeners": ("host/mld.c", "host/mld_packet.c", "host/mld_tell.c"),
    "capture": ("base/bpf.c", "worker/capture.c"),
    "fragment": ("worker/fragment.c", "lb/frag_table.*", "pkt/cut.c"),
}  # fmt: skip
"""What is reported, by path in dpvs_core/."""
LEAST_PCT = 90


@dataclass(frozen=True)
class FileLines:
    path: str
    missed: tuple[int, ...]
    n_lines: int

    @property
    def n_hit(self) -> int:
        return self.n_lines - len(self.missed)


def _tool(name: str) -> str:
    for candidate in (f"{name}-14", name):
        if path := shutil.which(candidate):
            return path
    raise BuildError(f"there is no {name}: script/setup installs it")


def read_lcov(text: str) -> dict[str, dict[int, int]]:
    """Lines and how often each was reached, by source file."""
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    source = ""
    for line in text.splitlines():
        kind, _, value = line.partition(":")
        if kind == "SF":
            source = value
        elif kind == "DA":
            number, count = value.split(",")[:2]
            known = counts[source].get(int(number), 0)
            counts[source][int(number)] = known + int(count)
    return counts


def measure(program: Path, folders: Iterable[Path], work: Path) -> list[FileLines]:
    """Run everything in the folders once; the core's files."""
    raw, data = work / "lines.profraw", work / "lines.profdata"
    env = {**os.environ, "LLVM_PROFILE_FILE": str(raw)}
    run = (str(program), "-runs=0", "-max_len=16384", *map(str, folders))
    subprocess.run(run, env=env, cwd=work, check=True, capture_output=True)
    merge = (_tool("llvm-profdata"), "merge", "-sparse", str(raw), "-o", str(data))
    subprocess.run(merge, check=True)
    export = (
        _tool("llvm-cov"), "export", str(program), f"-instr-profile={data}", "-format=lcov",
    )  # fmt: skip
    text = subprocess.run(export, check=True, capture_output=True, text=True).stdout
    return [
        FileLines(
            str(Path(source).relative_to(CORE)),
            tuple(sorted(number for number, count in lines.items() if not count)),
            len(lines),
        )
        for source, lines in sorted(read_lcov(text).items())
        if Path(source).is_relative_to(CORE)
    ]


def of_group(files: Iterable[FileLines], group: str) -> list[FileLines]:
    return [file for file in files if any(fnmatch(file.path, p) for p in GROUPS[group])]


def percent(files: Iterable[FileLines]) -> float:
    rows = list(files)
    return 100 * sum(file.n_hit for file in rows) / max(1, sum(file.n_lines for file in rows))


def ranges(numbers: Iterable[int]) -> str:
    """Lines as text, neighbours joined: 3-5 9."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def table(files: list[FileLines]) -> str:
    lines = [f"{'file':26} {'lines':>6} {'hit':>6} {'%':>6}  not reached"]
    for group in GROUPS:
        rows = of_group(files, group)
        lines += [
            f"{row.path:26} {row.n_lines:6} {row.n_hit:6} {percent([row]):6.1f}  "
            f"{ranges(row.missed)}".rstrip()
            for row in rows
        ]
        n_lines, n_hit = sum(r.n_lines for r in rows), sum(r.n_hit for r in rows)
        lines.append(f"{'= ' + group:26} {n_lines:6} {n_hit:6} {percent(rows):6.1f}")
    return "\n".join(lines)
