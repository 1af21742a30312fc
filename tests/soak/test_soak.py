"""Correctness at speed: the soak program (README.md), short; its whole length is marked `long`."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak.pairs import Pair, read, wrong

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("DPVS_SOAK", ROOT / "build/core/tests/soak/dpvs-core-soak"))
BIG_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Tables of a million flows in transparent huge pages: a third less time."""


def run(few_ports: bool = False, **options: int | Path) -> subprocess.CompletedProcess[str]:
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is missing: script/setup builds it")
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    words += ["--few-ports"] * few_ports
    return subprocess.run(
        [PROGRAM, *words], capture_output=True, text=True, env=os.environ | BIG_PAGES, check=False
    )


def soak(few_ports: bool = False, **options: int | Path) -> str:
    """The program's report; a difference it finds is the failure's text."""
    done = run(few_ports, **options)
    assert done.returncode == 0, f"{done.args}\n{done.stdout}{done.stderr}"
    return done.stdout


def figure(report: str, name: str) -> int:
    found = re.search(rf"{re.escape(name)} (\d+)", report)
    assert found, f"{name!r} is not in the report:\n{report}"
    return int(found[1])


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_packet_is_right_and_nothing_is_left(workers: int) -> None:
    report = soak(packets=300_000, flows=8_000, workers=workers, seed=workers)
    assert figure(report, "connections") > 15_000
    assert figure(report, "clients' ports used again while closing") > 5_000
    assert figure(report, "with the client's address") > 10_000
    assert figure(report, "expiry resets") > 1_000
    assert (figure(report, "handed over") > 100_000) == (workers > 1)


def test_local_ports_come_round() -> None:
    report = soak(packets=1_200_000, flows=20_000, workers=2, seed=3)
    assert figure(report, "local ports again to the same server") > 1_000


@pytest.mark.parametrize("workers", [2, 3])
def test_a_flow_that_begins_again_alike_is_counted(workers: int) -> None:
    """Its new connection looks like the one that may have ended: only the core's count tells."""
    report = soak(packets=1_200_000, flows=60_000, workers=workers, seed=3, few_ports=True)
    assert figure(report, "ended and begun again alike") > 0


@pytest.mark.parametrize("number", range(0, 20_000, 1_013))
def test_one_wrong_bit_is_seen(number: int) -> None:
    done = run(packets=40_000, flows=2_000, seed=number, spoil=number)
    found = re.match(rf"FAILED seed {number}, packet (\d+), ", done.stdout)
    assert done.returncode == 1 and found, done.stdout + done.stderr
    assert number <= int(found[1]) < number + 256


def test_a_seed_is_a_run() -> None:
    first, again, other = (
        soak(packets=50_000, flows=2_000, workers=3, seed=seed).splitlines()[1:4]
        for seed in (8, 8, 9)
    )
    assert first == again != other


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    path = tmp_path_factory.mktemp("soak") / "pairs"
    soak(packets=100_000, flows=4_000, workers=2, seed=7, records=path, n_records=2_000)
    return list(read(path))


def test_scapy_agrees(pairs: list[Pair]) -> None:
    assert len(pairs) == 2_000
    assert [sentence for pair in pairs for sentence in wrong(pair)] == []


@pytest.mark.parametrize("from_server", [False, True])
@pytest.mark.parametrize("proto", [6, 17])
def test_scapy_sees_every_changed_byte(pairs: list[Pair], from_server: bool, proto: int) -> None:
    """The second judge judges: no byte of the output may be another."""
    pair = next(
        pair
        for pair in pairs
        if (pair.from_server, pair.proto) == (from_server, proto) and len(pair.sent) > 60
    )
    for at in range(len(pair.sent)):
        broken = bytearray(pair.sent)
        broken[at] ^= 0x41
        assert wrong(replace(pair, sent=bytes(broken))), f"byte {at} of {len(broken)}"


@pytest.mark.long
def test_a_hundred_million_packets_over_a_million_flows() -> None:
    soak(packets=100_000_000, flows=1_000_000, workers=3, seed=22)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 22])
def test_few_ports_at_length(seed: int) -> None:
    report = soak(packets=20_000_000, flows=60_000, workers=3, seed=seed, few_ports=True)
    assert figure(report, "ended and begun again alike") > 10


@pytest.mark.long
def test_scapy_agrees_at_length(tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    soak(packets=5_000_000, flows=200_000, workers=3, seed=21, records=path, n_records=100_000)
    n_pairs = 0
    for pair in read(path):
        n_pairs += 1
        assert wrong(pair) == []
    assert n_pairs == 100_000
