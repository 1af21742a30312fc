"""Each bound of the campaign is broken by one figure of an event that keeps all others."""

from dataclasses import replace
from typing import Any

import pytest

from tests.system.lab import VIP
from tests.system.pair_bounds import failures, violations
from tests.system.pair_conf import CLAIMED, FAST
from tests.system.pair_event import Event, Handover
from tests.system.pair_scenarios import SCENARIOS

NOBODY = dict.fromkeys(CLAIMED, 0.0)
LEAVE = Handover(
    failover_ms=370.0,
    cause_to_advert_ms=330.0,
    udp_gap_ms=389.0,
    syn_gap_ms=389.0,
    udp_unanswered=160,
    syn_unanswered=60,
    unanswered_span_ms=(-330.0, 5.0),
    overlap_ms=NOBODY,
    old_claims_ms=0.0,
)
BACK = replace(LEAVE, failover_ms=5.0, udp_gap_ms=20.0, syn_gap_ms=20.0,
               unanswered_span_ms=(-2.0, 5.0))  # fmt: skip
GOOD = Event("", LEAVE, BACK, 56, 1.2, 1.2, 0.4, 0.1, 2.0)
SCENARIO = {scenario.name: scenario for scenario in SCENARIOS}


def test_a_good_event() -> None:
    assert failures(GOOD) == []
    for scenario in SCENARIOS:
        assert violations(GOOD, scenario, FAST) == []


@pytest.mark.parametrize(
    ("part", "change", "word"),
    [
        ("leave", {"udp_gap_ms": 391.0}, "no answer to UDP"),
        ("leave", {"syn_gap_ms": 391.0}, "no answer to SYN"),
        ("back", {"syn_gap_ms": 121.0}, "returning: no answer to SYN"),
        ("leave", {"overlap_ms": NOBODY | {VIP: 170.0}}, "two answerers"),
        ("back", {"overlap_ms": NOBODY | {VIP: 162.0}}, "two answerers"),
        ("back", {"unanswered_span_ms": (-50.0, 0.0)}, "requests lost"),
        ("back", {"unanswered_span_ms": (0.0, 21.0)}, "requests lost"),
        ("leave", {"overlap_ms": {VIP: 0.0}}, "never answered"),
        ("back", {"overlap_ms": {}}, "never answered"),
        ("leave", {"old_claims_ms": 331.0}, "the old core answered"),
    ],
)
def test_a_bad_handover(part: str, change: dict[str, Any], word: str) -> None:
    bad = replace(GOOD, **{part: replace(getattr(GOOD, part), **change)})
    wrong = violations(bad, SCENARIO["keepalived killed"], FAST)
    assert len(wrong) == 1
    assert word in wrong[0]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"download_exit": 28}, "the download ended with 28"),
        ({"download_s": 1.5}, "the download hung"),
        ({"said_s": 1.1}, "said after 1.1 s"),
    ],
)
def test_a_bad_event(change: dict[str, Any], word: str) -> None:
    wrong = violations(replace(GOOD, **change), SCENARIO["core killed"], FAST)
    assert len(wrong) == 1
    assert word in wrong[0]


def test_the_bound_is_the_new_masters_skew() -> None:
    """One advert and the skew of priority 80; that of priority 100 is shorter."""
    leave = replace(LEAVE, overlap_ms=NOBODY | {VIP: 168.0})
    assert violations(replace(GOOD, leave=leave), SCENARIO["all killed"], FAST) == []


def test_what_has_no_bound_in_ci() -> None:
    slow = replace(GOOD, download_s=20.0, leave=replace(LEAVE, udp_gap_ms=2000.0))
    assert failures(slow) == []
    double = replace(GOOD, back=replace(BACK, overlap_ms=NOBODY | {VIP: 6000.0}))
    assert len(failures(double)) == 1
