"""`script/bench memif`: a balancer between two memif ports, flat out and at half of that."""

from tests.bench import core_program, cpu_time, memif_lab
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.memif_lab import Balancer, Lab
from tests.bench.scenario import Run, Sample

WARM_UP_TIMEOUT_S = 120.0
SLACK_S = 30.0


def sample(setting: Setting, run: Run, point: Point, _rate_mpps: float | None) -> Sample:
    with memif_lab.standing(
        setting, point, balancer(setting, run), "--seconds", str(setting.seconds)
    ) as lab:
        spent, full = measured(lab, setting.seconds)
        _, half = measured(lab, setting.seconds)
    return figures(spent, full, half)


def balancer(setting: Setting, run: Run) -> Balancer:
    if run.program == "forward":
        return memif_lab.forwarder
    return memif_lab.other if setting.balancer else memif_lab.dpvs


def measured(lab: Lab, seconds: float) -> tuple[cpu_time.Thread, Sample]:
    """The balancer's busiest thread in one measured part of the load, and what the load saw."""
    expect(lab, "measuring", WARM_UP_TIMEOUT_S)
    before = cpu_time.threads(lab.balancer.pid)
    expect(lab, "measured", seconds + SLACK_S)
    spent = cpu_time.busiest(before, cpu_time.threads(lab.balancer.pid))
    return spent, core_program.last_object(lab.clients.line(SLACK_S), "generate")


def expect(lab: Lab, word: str, timeout_s: float) -> None:
    line = lab.clients.line(timeout_s)
    if line != word:
        raise BenchError(f"the load said {line!r} instead of {word!r}")


def figures(spent: cpu_time.Thread, full: Sample, half: Sample) -> Sample:
    """Of a packet in one direction: a request and its answer are two. Times are of the round trip.

    >>> full = {"received": 1_000_000, "lost": 0, "wrong": 0, "seconds": 2.0, "hz": 2_000_000_000}
    >>> half = {**full, "lost": 3, "p50_us": 9, "p99_us": 20, "max_us": 80}
    >>> figures(cpu_time.Thread("rte-worker-1", 1.0), full, half)["mpps_per_cpu_second"]
    2.0
    """
    if full["wrong"] or half["wrong"]:
        raise BenchError(f"{full['wrong'] + half['wrong']} packets came back wrong")
    n_packets = 2 * full["received"]
    if not n_packets or spent.cpu_s <= 0:
        raise BenchError("nothing went through the balancer")
    return {
        "cycles_per_packet": round(spent.cpu_s * full["hz"] / n_packets, 1),
        "mpps_per_cpu_second": round(n_packets / spent.cpu_s / 1e6, 3),
        "mpps": round(n_packets / full["seconds"] / 1e6, 3),
        "lost_packets": full["lost"] + half["lost"],
        "worker_thread": spent.name,
        **{key: half[key] for key in ("p50_us", "p99_us", "max_us")},
    }
