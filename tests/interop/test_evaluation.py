"""A made-up series: two kills and a stop, with their rows."""

from dataclasses import replace

import pytest

from tests.interop.evaluation import Window, cadence_ms, n_flaps, rows_of
from tests.interop.made_up import INTERVAL_MS, SKEW_MS, advert, garp, ns
from tests.interop.rows import Advert, Announcement

BEGIN_MS, LATE_MS = 0.0, (1.0, 3.0)
STARTS_MS = (0.0, 2000.0)


def kill(start_ms: float, late_ms: float) -> tuple[Window, list[Advert], list[Announcement]]:
    """Adverts at `start_ms` and an interval later, silence, takeover, return 1.2 s later."""
    first_ms = start_ms + 4 * INTERVAL_MS + SKEW_MS + late_ms
    adverts = [
        advert(start_ms, "master"),
        advert(start_ms + INTERVAL_MS, "master"),
        advert(first_ms, "backup"),
        advert(start_ms + 1200, "master"),
        advert(start_ms + 1300, "master"),
    ]
    garps = [garp(first_ms + n, "backup") for n in range(1, 6)]
    times = (start_ms + 150, start_ms + 1175, start_ms + 1250)
    return (
        Window("kill", False, *map(ns, times)),
        adverts,
        [*garps, garp(start_ms + 1201, "master")],
    )


@pytest.fixture
def series() -> tuple[list[Window], list[Advert], list[Announcement]]:
    windows, adverts, announcements = [], [], []
    for start_ms, late_ms in zip(STARTS_MS, LATE_MS, strict=True):
        window, some_adverts, some_garps = kill(start_ms, late_ms)
        windows.append(window)
        adverts += some_adverts
        announcements += some_garps
    return windows, adverts, announcements


Played = tuple[list[Window], list[Advert], list[Announcement]]


def test_one_row_a_kind_of_event(series: Played) -> None:
    (row,) = rows_of("case", "a->b", *series)
    assert (row.case, row.direction, row.event) == ("case", "a->b", "kill")
    assert row.lateness_ms == pytest.approx(LATE_MS)
    assert row.median_ms == pytest.approx(2)
    assert row.max_ms == pytest.approx(3)
    assert (row.n_goodbyes, row.overlap_pkts) == ([0, 0], [0, 0])
    assert row.return_ms == pytest.approx([25, 25])


def test_garps_of_the_new_master_alone(series: Played) -> None:
    (row,) = rows_of("case", "a->b", *series)
    assert row.n_garps == [5, 5]
    assert row.first_garp_ms == pytest.approx([1, 1])


def test_the_second_burst_and_one_before_the_advert_do_not_count(series: Played) -> None:
    windows, adverts, announcements = series
    first_ms = 4 * INTERVAL_MS + SKEW_MS + LATE_MS[0]
    long_window = replace(windows[0], settled_ns=ns(1900))
    more = [garp(first_ms - 0.1, "backup"), garp(first_ms + 1001, "backup")]
    (row,) = rows_of("case", "a->b", [long_window], adverts, [*more, *announcements])
    assert row.n_garps == [5]


def test_a_goodbye_counts_for_its_event_alone(series: Played) -> None:
    windows, adverts, announcements = series
    stopped = [advert(3400, "master", 0), advert(3400 + SKEW_MS, "backup"), advert(3900, "master")]
    stop = Window("stop", True, ns(3390), ns(3800), ns(3950))
    rows = rows_of("case", "a->b", [*windows, stop], [*adverts, *stopped], announcements)
    assert [row.n_goodbyes for row in rows] == [[0, 0], [1]]
    assert rows[1].lateness_ms == pytest.approx([0])


def test_a_backup_that_does_not_fall_silent(series: Played) -> None:
    windows, adverts, announcements = series
    adverts = sorted([*adverts, advert(1240, "backup")], key=lambda row: row.time_ns)
    (row,) = rows_of("case", "a->b", windows, adverts, announcements)
    assert row.overlap_pkts == [1, 0]


def test_quiet_times(series: Played) -> None:
    windows, adverts, _ = series
    assert n_flaps(ns(BEGIN_MS), windows, adverts) == 0
    assert cadence_ms(ns(BEGIN_MS), windows, adverts) == pytest.approx([100, 700, 100])
    needless = [*adverts, advert(1500, "backup")]
    assert n_flaps(ns(BEGIN_MS), windows, needless) == 1
