"""One run of the fuzzer: seeds written, the program started, its report read."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import seeds

MAX_BYTES = 16384
REASON = re.compile(
    r"^(FINDING: .*|.*: runtime error: .*|==\d+==ERROR: .*|==\d+== ERROR: .*)$", re.M
)
SETTINGS = {
    "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1:max_allocation_size_mb=1024",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


@dataclass(frozen=True)
class Outcome:
    n_runs: int
    seconds: float
    reasons: tuple[str, ...]
    """Why it ended early: what the oracle or a sanitizer said; empty: no finding."""
    findings: tuple[Path, ...]
    """Inputs that show it."""

    @property
    def runs_per_s(self) -> float:
        return self.n_runs / self.seconds if self.seconds else 0


def read_outcome(text: str, seconds: float, findings: tuple[Path, ...], failed: bool) -> Outcome:
    runs = [int(number) for number in re.findall(r"^#(\d+)\s", text, re.M)]
    done = re.search(r"^Done (\d+) runs in (\d+) second", text, re.M)
    reasons = tuple(REASON.findall(text))[:3]
    if failed and not reasons:
        reasons = ("it ended with an error: " + text[-500:],)
    return Outcome(
        int(done[1]) if done else max(runs, default=0), seconds, reasons if failed else (), findings
    )


@dataclass(frozen=True)
class Campaign:
    program: Path
    work: Path
    """Its seeds, corpus, findings and log; the corpus stays for the next run."""

    @property
    def seeds(self) -> Path:
        return self.work / "seeds"

    @property
    def corpus(self) -> Path:
        return self.work / "corpus"

    @property
    def log(self) -> Path:
        return self.work / "fuzz.log"

    def prepare(self) -> int:
        """Fresh seeds; their number."""
        for folder in (self.seeds, self.corpus, self.work / "findings"):
            folder.mkdir(parents=True, exist_ok=True)
        for old in self.seeds.iterdir():
            old.unlink()
        return seeds.write(self.seeds)

    def run(self, seconds: int, seed: int) -> Outcome:
        """Seeds and corpus first, then mutations until `seconds` are over; 0: none of those."""
        found = self.work / "findings"
        before = set(found.iterdir())
        limit = f"-max_total_time={seconds}" if seconds else "-runs=0"
        command = (
            str(self.program), limit, f"-seed={seed}", f"-max_len={MAX_BYTES}", "-len_control=0",
            f"-artifact_prefix={found}/", str(self.corpus), str(self.seeds),
        )  # fmt: skip
        started = os.times().elapsed
        with self.log.open("wb") as log:
            status = subprocess.run(
                command, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **SETTINGS}
            ).returncode
        return read_outcome(
            self.log.read_text(errors="replace"),
            os.times().elapsed - started,
            tuple(sorted(set(found.iterdir()) - before)),
            status != 0,
        )
