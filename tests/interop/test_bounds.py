"""Each bound is broken once by a made-up series, and named."""

from dataclasses import replace

import pytest

from tests.interop.bounds import order_violations, violations
from tests.interop.cases import TO_OURS, TO_THEIRS, Case, case_named
from tests.interop.evaluation import Row
from tests.interop.report import summary, table
from tests.interop.series import Series

STEADY, FAST = case_named("v3-100ms"), case_named("v3-10ms")


def row(event: str = "kill -9", **more: list[int] | list[float]) -> Row:
    good: dict[str, list[int] | list[float]] = {
        "lateness_ms": [0.5, 1.0, 9.0],
        "n_goodbyes": [0, 0, 0],
        "n_garps": [5, 5, 5],
        "first_garp_ms": [0.2, 0.2, 0.2],
        "overlap_pkts": [0, 0, 1],
        "return_ms": [360.0, 370.0, 365.0],
    }
    return Row("case", "a->b", event, **(good | more))  # type: ignore[arg-type]


def stop(**more: list[int] | list[float]) -> Row:
    good: dict[str, list[int] | list[float]] = {"n_goodbyes": [1, 1, 1], "lateness_ms": [1.9] * 3}
    return row("SIGTERM", **(good | more))


def series(*rows: Row, case: Case = STEADY) -> Series:
    return Series(case, TO_OURS, list(rows), 0, [case.interval_us / 1000] * 3, "idle")


GOOD = series(row(), stop())
BROKEN = {
    "no goodbye": (series(stop(n_goodbyes=[1, 0, 1])), "priority 0: [1, 0, 1]"),
    "two goodbyes": (series(stop(n_goodbyes=[1, 2, 1])), "priority 0: [1, 2, 1]"),
    "four GARPs": (series(row(n_garps=[5, 4, 5])), "gratuitous ARPs"),
    "two masters": (series(row(overlap_pkts=[0, 2, 0])), "return: [0, 2, 0]"),
    "early": (series(row(lateness_ms=[-1.1])), "1.1 ms early"),
    "median": (series(row(lateness_ms=[1.0, 2.1, 2.1])), "median lateness 2.10 ms"),
    "one late": (series(row(lateness_ms=[1.0, 1.0, 10.1])), "10.10 ms late in one of 3"),
    "late after a goodbye": (series(stop(lateness_ms=[1, 1, 2.1])), "SIGTERM: 2.10 ms late"),
    "needless takeover": (replace(GOOD, n_flaps=1), "while the master was well"),
    "cadence": (replace(GOOD, cadence_ms=[103.0]), "adverts every 103.00 ms"),
}


def test_a_good_series_has_none() -> None:
    assert violations(GOOD) == []


@pytest.mark.parametrize(("broken", "words"), BROKEN.values(), ids=BROKEN)
def test_each_bound_is_named(broken: Series, words: str) -> None:
    (found,) = violations(broken)
    assert words in found
    assert found.startswith("v3-100ms theirs->ours: ")


@pytest.mark.parametrize("name", ["median", "one late", "late after a goodbye"])
def test_theirs_is_the_yardstick_and_has_no_bound_of_time(name: str) -> None:
    assert violations(replace(BROKEN[name][0], direction=TO_THEIRS)) == []


@pytest.mark.parametrize("name", ["no goodbye", "four GARPs", "two masters", "early"])
def test_order_holds_for_either(name: str) -> None:
    assert len(violations(replace(BROKEN[name][0], direction=TO_THEIRS))) == 1
    assert len(order_violations(BROKEN[name][0])) == 1


def test_at_10_ms_only_the_median_counts() -> None:
    noisy = replace(series(row(lateness_ms=[1, 1, 30]), case=FAST), n_flaps=3, cadence_ms=[11.0])
    assert violations(noisy) == []
    assert len(violations(series(row(lateness_ms=[3.0]), case=FAST))) == 1


def test_the_report_shows_both_makes_side_by_side() -> None:
    theirs = replace(series(row(lateness_ms=[0.25])), direction=TO_THEIRS)
    assert summary([GOOD, theirs]) == [
        "v3-100ms         ours 1.90 ms (at most 9.00 in 6), theirs 0.25 ms (at most 0.25 in 1)"
    ]
    kill, _, rest, machine = table(GOOD)
    assert kill.split()[2:] == ["kill", "-9", "3", "1.00", "9.00", "0", "5", "365.0", "0-1"]
    assert "every 100.00 ms" in rest
    assert machine.strip() == "machine: idle"
