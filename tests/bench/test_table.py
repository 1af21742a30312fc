"""The report for people, as text."""

from tests.bench import figures, table
from tests.bench.figures import Point, Row
from tests.bench.made_up import CASE, round_of
from tests.bench.noise import Round, Verdict
from tests.bench.scenario import MEASURED, Case, Scenario

SCENARIO = Scenario("fnat", "full NAT", "ratio: to bare NAT.", (CASE,))


def row(scenario: Scenario, flows: int, *rounds: Round, case: Case = CASE, why: str = "") -> Row:
    return figures.row(scenario, case, Point(flows, 64), Verdict(rounds, why))


def test_one_line_a_row_units_in_the_head() -> None:
    rows = [row(SCENARIO, 1000, round_of(150)), row(SCENARIO, 1_000_000, round_of(1230.5))]
    assert table.lines(SCENARIO, rows) == [
        "fnat: full NAT",
        "",
        "      flows  workers  bytes  cycles/packet      p10      p90  Mpps/CPU s  bare NAT"
        "  MAC swap  ratio",
        "      1,000        1     64          150.0    135.0    165.0        16.3     100.0"
        "      50.0   1.50",
        "  1,000,000        1     64        1,230.5  1,107.5  1,353.5        1.99     100.0"
        "      50.0   12.3",
        "",
        "  ratio: to bare NAT.",
    ]


def test_too_noisy_stands_in_place_of_the_number() -> None:
    rows = [row(SCENARIO, 1000, why="others took 9 %"), row(SCENARIO, 10, round_of(150))]
    text = "\n".join(table.lines(SCENARIO, rows))
    assert "  flows 1,000, workers 1, bytes 64: too noisy: others took 9 %" in text
    assert "None" not in text
    only = table.lines(SCENARIO, rows[:1])
    assert not any("cycles/packet" in line for line in only)


def test_lists_are_tables_below() -> None:
    scenario = Scenario("stages", "where", "sum.", (CASE,), extra=("stages",))
    each = round_of(150)
    each.samples[MEASURED]["stages"] = [
        {"stage": "receive", "cycles": 12.5}, {"stage": "rewrite", "cycles": 104.0}
    ]  # fmt: skip
    text = table.lines(scenario, [row(scenario, 1000, each)])
    at = text.index("  stages, 1,000 flows")
    assert text[at + 1 : at + 4] == [
        "  stage    cycles",
        "  receive    12.5",
        "  rewrite   104.0",
    ]
    assert "stages" not in text[2]


def test_long_meanings_are_wrapped() -> None:
    scenario = Scenario("fnat", "full NAT", "word " * 60, (CASE,))
    assert max(map(len, table.lines(scenario, [row(scenario, 1, round_of(150))]))) <= 100
