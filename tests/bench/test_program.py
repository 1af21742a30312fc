"""The measuring program: every scenario for a moment, with few flows; what it prints adds up.

No figure is judged here: the machine that runs tests is busy.
"""

import functools
import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(
    os.environ.get("DPVS_CORE_BENCH")
    or Path(sysconfig.get_path("platlib")) / "dpvs_core" / "dpvs-core-bench"
)
"""Beside the installed core; the variable names one that was built by hand."""

CPUS = sorted(os.sched_getaffinity(0))[:2]
EAL = (
    "--no-huge", "--no-shconf", "-m", "256", "--no-pci", "--no-telemetry", "--iova-mode=va",
    "--log-level=error", "-l", ",".join(map(str, CPUS)),
)  # fmt: skip
FLOWS = 300
N_STAGES = 6
COMMON = {"scenario", "flows", "workers", "packet_bytes", "hz"}
CYCLES = {"cycles_per_packet", "p10", "p90", "bursts", "mpps_per_cpu_second"}

pytestmark = [
    pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built: script/setup does"),
    pytest.mark.skipif(len(CPUS) < 2, reason="needs two processors: one generates"),
]

Sample = dict[str, Any]


def started(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *words], capture_output=True, text=True, timeout=300, check=False
    )


@functools.cache
def sample(*words: str) -> Sample:
    done = started(*EAL, "--", *words, "--flows", str(FLOWS), "--seconds", "0.1")
    assert done.returncode == 0, done.stderr
    found: Sample = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() >= COMMON
    assert (found["scenario"], found["flows"]) == (words[0], FLOWS)
    return found


def check_cycles(found: Sample) -> None:
    assert found.keys() >= CYCLES
    assert found["bursts"] > 0
    assert 0 < found["p10"] <= found["cycles_per_packet"] <= found["p90"]
    mpps = found["hz"] / found["cycles_per_packet"] / 1e6
    assert found["mpps_per_cpu_second"] == pytest.approx(mpps, rel=0.01)


def check_packets(found: Sample) -> None:
    assert found["sent"] == found["returned"] > 0


def check_standing(found: Sample) -> None:
    check_packets(found)
    assert found["connections_made"] == found["connections_live"] == FLOWS
    assert found["dropped"] == 0


def check_turnover(found: Sample) -> None:
    check_cycles(found)
    check_packets(found)
    assert found["dropped"] == 0
    assert found["connections_made"] == found["connections_ended"] + found["connections_live"]
    assert found["connections_ended"] > FLOWS
    assert found["connections_left"] == found["ports_left"] == 0


WIRINGS = ((), ("--self-fed",), ("--workers", "2"))


@pytest.mark.parametrize("wiring", WIRINGS)
@pytest.mark.parametrize("name", ["io", "macswap", "nat"])
def test_references(name: str, wiring: tuple[str, ...]) -> None:
    found = sample(name, *wiring)
    check_cycles(found)
    check_packets(found)
    assert found["workers"] == (2 if "2" in wiring else 1)


def test_bare_nat_rewrites_every_packet() -> None:
    for wiring in WIRINGS:
        found = sample("nat", *wiring)
        assert found["rewritten"] == found["sent"]


@pytest.mark.parametrize("wiring", WIRINGS)
@pytest.mark.parametrize(
    "name", ["fnat", "fnat-tcp", "fnat6", "masq", "masq-tcp", "snat", "nat64", "dr", "tunnel"]
)
def test_connections_that_stand(name: str, wiring: tuple[str, ...]) -> None:
    found = sample(name, *wiring)
    check_cycles(found)
    check_standing(found)


@pytest.mark.parametrize("name", ["nat", "fnat", "fnat-tcp", "fnat6"])
def test_long_packets(name: str) -> None:
    found = sample(name, "--packet-bytes", "1400")
    assert found["packet_bytes"] == 1400
    assert found.get("packet_bytes_sent", 1400) == 1400
    check_packets(found)


@pytest.mark.parametrize("pct", [0, 30, 100])
def test_redirect(pct: int) -> None:
    found = sample("redirect", "--redirect-pct", str(pct))
    check_cycles(found)
    check_standing(found)
    assert found["workers"] == 2
    warmed = 2 * FLOWS  # before the measurement packets go where they come
    share = 100 * found["redirected"] / (found["sent"] - warmed)
    assert share == pytest.approx(pct, abs=5)


def test_whole_connections() -> None:
    found = sample("tcp-crr")
    check_turnover(found)
    assert found["strays"] == 0
    assert found["cycles_per_connection"] == pytest.approx(8 * found["cycles_per_packet"])
    assert found["cycles_per_connection_beside_packets"] == pytest.approx(
        found["cycles_per_connection"] - 8 * found["established_cycles_per_packet"]
    )


@pytest.mark.parametrize("sched", ["rr", "wrr", "wlc"])
def test_new_connections(sched: str) -> None:
    found = sample("conn-setup", "--services", "20", "--dests", "30", "--sched", sched)
    check_turnover(found)
    assert (found["services"], found["dests"]) == (20, 30)
    assert found["cycles_per_connection"] == found["cycles_per_packet"]
    assert found["connections_made"] == found["sent"]


def test_stages_add_up_to_the_whole() -> None:
    found = sample("stages")
    check_cycles(found)
    check_standing(found)
    assert len(found["stages"]) == N_STAGES
    total = 0.0
    for stage in found["stages"]:
        total += stage["cycles"]
        assert stage["stage"]
        assert stage["cumulative"] == pytest.approx(total)
    assert total == pytest.approx(found["cycles_per_packet"])


@pytest.mark.parametrize("name", ["latency-fnat", "latency-nat"])
def test_latency(name: str) -> None:
    found = sample(name, "--rate-mpps", "0.02")
    check_packets(found)
    assert found["rate_mpps"] == pytest.approx(0.02)
    assert 0 < found["p50_us"] <= found["p99_us"] <= found["max_us"] + 0.1
    assert 0 < found["sent_mpps"] < 0.03


@pytest.mark.parametrize(("name", "n_rows"), [("compare-hash", 2), ("compare-timer", 3)])
def test_comparisons(name: str, n_rows: int) -> None:
    found = sample(name)
    check_cycles(found)
    assert len(found["rows"]) == n_rows
    for row in found["rows"]:
        assert row["operation"]
        assert row["cycles"] > 0
        assert row["library_cycles"] > 0


def test_every_scenario_is_tried_here() -> None:
    done = started("--list")
    assert done.returncode == 0
    listed = {
        line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in done.stdout.splitlines()
    }
    assert set(listed) == {
        "io", "macswap", "nat", "fnat", "fnat-tcp", "fnat6", "masq", "masq-tcp", "snat",
        "nat64", "dr", "tunnel", "redirect", "tcp-crr", "conn-setup", "stages",
        "latency-fnat", "latency-nat", "compare-hash", "compare-timer",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no scenario named: no such scenario; dpvs-core-bench --list shows them"),
        (("nonsense",), "nonsense: no such scenario; dpvs-core-bench --list shows them"),
        (("io", "nat"), "nat: one scenario at a time, and io was named"),
        (("fnat", "--flowz", "1"), "--flowz: no such option"),
        (("fnat", "--flows"), "--flows: needs a value"),
        (("fnat", "--flows", "0"), "--flows 0: a whole number from 1 to 100000000"),
        (("fnat", "--flows", "1.5"), "--flows 1.5: a whole number from 1 to 100000000"),
        (("fnat", "--flows", "10x"), "--flows 10x: a whole number from 1 to 100000000"),
        (("fnat", "--sched", "lc"), "--sched lc: one of rr wrr wlc"),
        (("nat", "--services", "3"), "nat does not take --services"),
        (("latency-nat",), "latency-nat needs --rate-mpps"),
    ],
)
def test_mistakes_are_told_in_one_line(words: tuple[str, ...], said: str) -> None:
    done = started("--no-huge", "--", *words)
    assert (done.returncode, done.stderr, done.stdout) == (2, said + "\n", "")
