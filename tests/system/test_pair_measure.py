"""The figures of a hand-over, from rows made by hand."""

import re

import pytest

from tests.system.pair_measure import (
    Advert,
    Change,
    Claim,
    Flow,
    Window,
    answered_us,
    change_to,
    last_claim_us,
    longest_silence_us,
    overlap_us,
    unanswered_us,
)

A, B = "192.0.2.1", "192.0.2.2"
ADVERTS = [
    Advert(100, A, 100), Advert(200, A, 100), Advert(560, B, 80), Advert(660, B, 80),
    Advert(700, A, 100), Advert(701, B, 80), Advert(800, A, 100),
]  # fmt: skip
WHOLE = Window(0, 1000)


def test_change() -> None:
    assert change_to(ADVERTS, B, 250) == Change(200, 560)
    assert change_to(ADVERTS, A, 560) == Change(660, 700)
    assert change_to(ADVERTS, B, 250).failover_us == 360


def test_a_farewell_is_no_take_over() -> None:
    """Priority 0 of the old master is its last advert, and never the first of a new one."""
    leaving = [*ADVERTS[:2], Advert(230, A, 0), Advert(290, B, 80), Advert(300, A, 0)]
    assert change_to(leaving, B, 210) == Change(230, 290)
    with pytest.raises(ValueError, match=f"no advert of {re.escape(A)}"):
        change_to(leaving, A, 210)


def test_no_change() -> None:
    with pytest.raises(ValueError, match="followed nobody"):
        change_to(ADVERTS[:2], A, 0)


@pytest.mark.parametrize(
    ("times", "silence"),
    [
        ([10, 20, 400, 410, 990], 580),  # in the middle
        ([300, 310, 500, 700, 990], 300),  # before the first
        ([10, 20, 400], 600),  # never again
        ([], 1000),
        ([*range(0, 1001, 50), 5000], 50),  # outside the window
    ],
)
def test_silence(times: list[int], silence: int) -> None:
    assert longest_silence_us(times, WHOLE) == silence


def test_unanswered() -> None:
    flows = [Flow(10, 15), Flow(20, 0), Flow(30, 0), Flow(2000, 0)]
    assert answered_us(flows) == [15]
    assert unanswered_us(flows, WHOLE) == [20, 30]


def claims(*rows: tuple[int, str, str]) -> list[Claim]:
    return [Claim(time_us, "answer", address, mac) for time_us, address, mac in rows]


def test_overlap() -> None:
    heard = claims(
        (10, "vip", "a"), (20, "vip", "b"), (30, "vip", "a"), (45, "vip", "a"), (50, "vip", "b"),
        (10, "lip", "a"), (20, "lip", "b"), (30, "lip", "b"),
        (10, "other", "a"), (2000, "vip", "a"), (70, "vip", "somebody else"),
    )  # fmt: skip
    assert overlap_us(heard, "a", "b", WHOLE) == {"vip": 25, "lip": 0}
    assert overlap_us(heard, "b", "a", WHOLE) == {"vip": 40, "lip": 20, "other": 0}


def test_last_claim() -> None:
    heard = claims((10, "vip", "a"), (40, "lip", "a"), (90, "vip", "b"), (2000, "vip", "a"))
    assert last_claim_us(heard, "a", WHOLE) == 40
    assert last_claim_us(heard, "a", Window(50, 100)) == 50
