"""A short run of the fuzzer, and that it finds mistakes. Everything in build/fuzz; needs clang,
which script/setup installs."""

import re
from pathlib import Path

import pytest

from tests.fuzz import coverage, mutations, script, seeds
from tests.fuzz.build import CORE, HERE, ROOT, Build
from tests.fuzz.campaign import Campaign, read_outcome
from tests.fuzz.mutations import MUTATIONS, Mutation
from tests.fuzz.rows import SCTP, rows
from tests.fuzz.rows import names as table_names

SECONDS = 6
"""Somewhat longer than the seeds take; more is script/fuzz's to do."""
SHOWN_EACH_TIME = (MUTATIONS[0], MUTATIONS[4])
"""A sum that is not set, and a length that is not checked: oracle and sanitizer."""


@pytest.fixture(scope="module")
def fuzzer() -> Build:
    build = Build(ROOT / "build" / "fuzz" / "lean", lean=True)
    build.run()
    return build


def test_nothing_is_found(fuzzer: Build, tmp_path: Path) -> None:
    campaign = Campaign(fuzzer.program, tmp_path)
    n_seeds = campaign.prepare()
    outcome = campaign.run(SECONDS, seed=1)
    assert not outcome.reasons, campaign.log.read_text(errors="replace")[-6000:]
    assert not outcome.findings
    assert outcome.n_runs > n_seeds


@pytest.mark.parametrize("mutation", SHOWN_EACH_TIME, ids=lambda m: m.name)
def test_a_mistake_is_found(mutation: Mutation, fuzzer: Build, tmp_path: Path) -> None:
    outcome = mutations.run(mutation, fuzzer, tmp_path)
    assert mutations.is_found(mutation, outcome), outcome
    assert outcome.findings


@pytest.mark.long
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_every_mistake_is_found(mutation: Mutation, fuzzer: Build, tmp_path: Path) -> None:
    assert mutations.is_found(mutation, mutations.run(mutation, fuzzer, tmp_path))


def test_mistakes_are_of_the_sources_as_they_are() -> None:
    for mutation in MUTATIONS:
        assert (CORE / mutation.path).read_text().count(mutation.was) == 1, mutation


def test_every_row_has_seeds() -> None:
    """As many rows as the C table has, and each with every kind of packet."""
    declared = re.search(r"N_FWD_ROWS = (\d+)", (CORE / "lb" / "fwd.h").read_text())
    assert declared and len(table_names()) == int(declared[1])
    assert {name.removeprefix(SCTP) for name in table_names()} == {row.name for row in rows()}
    names = set(seeds.scripts())
    for row in rows():
        for kind in ("tcp", "udp", "error", "back", "fragments", "mtu", "options", "idle", "sctp"):
            assert any(name.startswith(f"{row.name}-{kind}") for name in names), (row, kind)


def c_names(header: str, enum: str) -> list[tuple[str, str]]:
    """Names of an enum with the values that are written, in order."""
    body = re.search(rf"enum {enum} \{{(.*?)\}};", (HERE / header).read_text(), re.DOTALL)
    assert body
    return re.findall(r"^    ([A-Z_0-9]+)(?: = (\d+))?,", body[1], re.MULTILINE)


def test_python_numbers_scripts_as_c_does() -> None:
    flags = [int(value) for _, value in c_names("script.h", "record_flag")]
    assert flags == [
        script.LENGTHS, script.CHECKSUMS, script.CUT, script.ANSWERED, script.EMITTED,
        script.NO_TURN, script.PADDED,
    ]  # fmt: skip
    ops = [name for name, _ in c_names("script.h", "op")]
    assert ops == [
        "OP_FRAME", "OP_ANSWER", "OP_QUOTE", "OP_RETURN", "OP_FRAME_OF_KERNEL", "OP_TIME",
        "OP_CHANGE", "OP_WATCH", "N_OPS",
    ]  # fmt: skip
    assert (script.FRAME, script.KERNEL, script.CHANGE, script.WATCH) == (0, 4, 6, 7)
    options = [int(value) for _, value in c_names("scene.h", "scene_option")]
    scarcity = [int(value) for _, value in c_names("scene.h", "scene_scarcity")]
    assert options == scarcity == [1 << bit for bit in range(8)]


def test_a_record_is_ten_bytes_and_its_data() -> None:
    made = bytes(script.Script(3, 4).add(script.QUOTE, 5, 1, 2, 8, 6, 7, 8, 9, 10, b"data"))
    assert made == bytes([3, 4, script.QUOTE, 5, 1 | 2 << 1 | 8, 6, 7, 8, 9, 10, 0, 4]) + b"data"


def test_a_report_is_read() -> None:
    text = (
        "#900\tINITED\nFINDING: hop limit of what leaves\n==1== ERROR: libFuzzer: deadly signal\n"
    )
    outcome = read_outcome(text, 2.0, (), failed=True)
    assert outcome.n_runs == 900 and outcome.runs_per_s == 450
    assert outcome.reasons[0] == "FINDING: hop limit of what leaves"
    assert read_outcome("killed", 1.0, (), failed=True).reasons
    done = read_outcome("#9\tpulse\nDone 1234 runs in 5 second(s)\n", 5.0, (), failed=False)
    assert done.n_runs == 1234 and not done.reasons


def test_lines_are_counted() -> None:
    counts = coverage.read_lcov("SF:/a.c\nDA:1,0\nDA:2,3\nend_of_record\nSF:/a.c\nDA:1,2\n")
    assert counts == {"/a.c": {1: 2, 2: 3}}
    assert coverage.ranges([1, 3, 4, 5, 9]) == "1 3-5 9"
    files = [coverage.FileLines("pkt/cut.c", (2, 3), 4), coverage.FileLines("x.c", (), 9)]
    assert coverage.percent(coverage.of_group(files, "fragment")) == 50
    assert "2-3" in coverage.table(files)
