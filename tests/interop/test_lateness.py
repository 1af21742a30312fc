"""Lateness from made-up rows: what counts as heard, and what must not be called a takeover."""

import pytest

from tests.interop.configuration import ADDRESS
from tests.interop.lateness import (
    NoTakeoverError,
    Takeover,
    flaps,
    return_of,
    skew_ns,
    takeover,
)
from tests.interop.made_up import INTERVAL_MS, SKEW_MS, advert, ns
from tests.interop.rows import Advert

DOWN_MS = 3 * INTERVAL_MS + SKEW_MS
MASTER, BACKUP = ADDRESS["master"], ADDRESS["backup"]


def taken(rows: list[Advert], strike_ms: float, *, politely: bool = False) -> Takeover:
    return takeover(rows, MASTER, BACKUP, ns(strike_ms), politely=politely)


def test_skew_is_of_a_second_in_version_2_and_of_the_interval_in_version_3() -> None:
    assert skew_ns(2, 100, ns(5000)) == ns(609.375)
    assert skew_ns(3, 100, ns(100)) == ns(60.9375)
    assert skew_ns(3, 254, ns(10)) == ns(0.078125)


def test_lateness_counts_from_the_last_advert_not_from_the_kill() -> None:
    rows = [advert(0, "master"), advert(100, "master"), advert(100 + DOWN_MS + 1.5, "backup")]
    for strike_ms in (100.1, 199.9):
        assert taken(rows, strike_ms).lateness_ms == pytest.approx(1.5)


def test_an_advert_under_way_at_the_kill_counts() -> None:
    rows = [advert(100, "master"), advert(200, "master"), advert(200 + DOWN_MS, "backup")]
    assert taken(rows, 199.9).lateness_ms == pytest.approx(0)


def test_version_2_waits_three_seconds_and_a_fraction() -> None:
    rows = [advert(1000, "master", version=2), advert(4612.375, "backup", version=2)]
    assert taken(rows, 1500).lateness_ms == pytest.approx(3.0)


def test_taking_over_early_is_negative() -> None:
    rows = [advert(100, "master"), advert(100 + DOWN_MS - 40, "backup")]
    assert taken(rows, 150).lateness_ms == pytest.approx(-40)


def test_a_weaker_advert_is_not_accepted_and_does_not_count() -> None:
    weaker = advert(250, "master", priority=99)
    rows = [advert(100, "master"), weaker, advert(100 + DOWN_MS + 1, "backup")]
    assert taken(rows, 150).lateness_ms == pytest.approx(1)


def test_after_a_goodbye_only_the_skew_remains() -> None:
    rows = [advert(100, "master"), advert(130, "master", 0), advert(132 + SKEW_MS, "backup")]
    assert taken(rows, 129, politely=True).lateness_ms == pytest.approx(2)


def test_the_last_of_several_goodbyes_counts() -> None:
    goodbyes = [advert(130, "master", 0), advert(131, "master", 0)]
    rows = [advert(100, "master"), *goodbyes, advert(131 + SKEW_MS, "backup")]
    assert taken(rows, 129, politely=True).lateness_ms == pytest.approx(0)


def test_a_stop_without_a_goodbye_is_an_error() -> None:
    rows = [advert(100, "master"), advert(100 + DOWN_MS, "backup")]
    with pytest.raises(NoTakeoverError, match="no advert with priority 0"):
        taken(rows, 129, politely=True)


def test_an_old_goodbye_is_not_this_events() -> None:
    rows = [advert(0, "master", 0), advert(100, "master"), advert(100 + DOWN_MS, "backup")]
    with pytest.raises(NoTakeoverError, match="no advert with priority 0"):
        taken(rows, 129, politely=True)


def test_a_goodbye_of_a_killed_master_is_an_error() -> None:
    rows = [advert(100, "master"), advert(130, "master", 0), advert(132 + SKEW_MS, "backup")]
    with pytest.raises(NoTakeoverError, match="said goodbye"):
        taken(rows, 129)


def test_nobody_taking_over_is_an_error() -> None:
    early = [advert(50, "backup"), advert(100, "master")]
    with pytest.raises(NoTakeoverError, match="after the event"):
        taken(early, 150)
    with pytest.raises(NoTakeoverError, match=f"no advert of {MASTER}"):
        taken([advert(500, "backup")], 150)


def test_after_healing_the_old_masters_adverts_change_nothing() -> None:
    """Behind the cut it went on; the port shows it again only once the cable is back."""
    first_ms = 100 + DOWN_MS + 0.5
    healed = [advert(700, "master"), advert(701, "backup"), advert(800, "master")]
    rows = [advert(100, "master"), advert(first_ms, "backup"), advert(561, "backup"), *healed]
    assert taken(rows, 150).lateness_ms == pytest.approx(0.5)
    assert return_of(rows, MASTER, ns(650)) == healed[0]


def test_a_capture_in_the_wrong_place_would_show() -> None:
    """On the bridge's other side the old master goes on: the backup seems to be far too early."""
    behind_the_cut = [advert(200, "master"), advert(300, "master"), advert(400, "master")]
    rows = [advert(100, "master"), *behind_the_cut, advert(100 + DOWN_MS, "backup")]
    assert taken(rows, 150).lateness_ms == pytest.approx(-300)


def test_the_masters_return_is_no_goodbye() -> None:
    back = advert(500, "master")
    assert return_of([advert(400, "backup"), back, advert(600, "master")], MASTER, ns(350)) == back
    with pytest.raises(NoTakeoverError, match="did not come back"):
        return_of([advert(300, "master"), advert(500, "master", 0)], MASTER, ns(350))


def test_flaps_are_the_backups_adverts_in_the_quiet() -> None:
    rows = [advert(100, "master"), advert(150, "backup"), advert(300, "backup")]
    assert flaps(rows, BACKUP, ns(100), ns(300)) == 1
