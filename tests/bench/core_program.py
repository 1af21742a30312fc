"""One run of `dpvs-core-bench`: its command line, and the object on its last line."""

import json
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import pages
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.scenario import Run, Sample

SMALLEST_PACKET = 64
PATIENCE_S = 180.0
"""Beside the measured seconds: ten million connections are made first."""


def installed(name: str) -> Path:
    """A program that lies beside the installed core."""
    return Path(sysconfig.get_path("platlib")) / "dpvs_core" / name


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all runs of a campaign."""

    cpus: tuple[int, ...]
    huge: bool
    seconds: float
    program: Path
    load_program: Path
    balancer: str = ""


def argv(setting: Setting, run: Run, point: Point, rate_mpps: float | None) -> list[str]:
    """Lcores are numbered as the processors are; the first generates, the second is measured.

    An option that the scenario does not take is an error of the program: the size is named only
    if it is not the usual one.
    """
    size = ["--packet-bytes", str(point.packet_bytes)] * (point.packet_bytes != SMALLEST_PACKET)
    rate = [] if rate_mpps is None else ["--rate-mpps", f"{rate_mpps:.3f}"]
    return [
        str(setting.program), *eal(setting, setting.cpus[:2], pages.mib_needed(point.flows)), "--",
        run.program, "--flows", str(point.flows), "--seconds", str(setting.seconds),
        *size, *run.options, *rate,
    ]  # fmt: skip


def eal(setting: Setting, cpus: Sequence[int], mib: int) -> list[str]:
    return [
        *pages.eal_words(setting.huge, mib), "--no-pci", "--no-telemetry", "--iova-mode=va",
        "--log-level=error", "-l", ",".join(map(str, cpus)),
    ]  # fmt: skip


def sample(setting: Setting, run: Run, point: Point, rate_mpps: float | None) -> Sample:
    words = argv(setting, run, point, rate_mpps)
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=PATIENCE_S + 20 * setting.seconds,
            check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise BenchError(f"{words[0]} is not there: script/setup builds it") from None
    except subprocess.TimeoutExpired:
        raise BenchError(f"{run.program} with {point.flows} flows did not end") from None
    if done.returncode:
        said = " ".join(done.stderr.split())[-500:]
        raise BenchError(f"{run.program} with {point.flows} flows: {said}")
    return last_object(done.stdout, run.program)


def last_object(output: str, what: str) -> Sample:
    """The JSON object on the last line."""
    lines = output.splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise BenchError(f"{what} printed no figures but: {output.strip()[-300:]!r}")
    return found
