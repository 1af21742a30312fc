"""What must hold of a failure and its return: without clocks for CI, with figures for the campaign.

Pure: each check is a sentence for what is wrong, none if all is well.
"""

from collections.abc import Iterator

from tests.system.pair_conf import CLAIMED, FIRST, SECOND, Adverts, Place
from tests.system.pair_event import Event, Handover
from tests.system.pair_scenarios import Leaving, Scenario

SLACK_MS = 20.0
LEASE_ADVERTS = 3
LEASE_SLACK_MS = 30.0  # the witnesses ask every 10 ms, and killing takes as long
FAULT_S = 1.0
RESET_EXIT = 56  # curl: failure in receiving; its log says that it was a reset
KEEPALIVE_S = 1.0  # the download's client asks so often
DOUBLE_ANSWER_MS = 5000.0  # CI: not for good


def failures(event: Event) -> list[str]:
    """What did not happen; no bound on time but the events' own deadlines."""
    return list(_not_happened(event))


def violations(event: Event, scenario: Scenario, adverts: Adverts) -> list[str]:
    """What did not happen, or not within its bound."""
    return [
        *_not_happened(event),
        *_silent("leaving", event.leave, event.leave.failover_ms + SLACK_MS),
        *_silent("returning", event.back, 1000 * adverts.interval_s + SLACK_MS),
        *_doubled("leaving", event.leave, adverts, SECOND),
        *_doubled("returning", event.back, adverts, FIRST),
        *_requests_lost_outside(event.back),
        *_word_and_lease(event, scenario, adverts),
        *_download_hung(event, adverts),
    ]


def _not_happened(event: Event) -> Iterator[str]:
    if event.download_exit != RESET_EXIT:
        yield f"the download ended with {event.download_exit}, not by a reset"
    for name, handover in (("leaving", event.leave), ("returning", event.back)):
        silent = set(CLAIMED) - handover.overlap_ms.keys()
        if silent:
            yield f"{name}: the new master never answered for {sorted(silent)}"
        for address, overlap_ms in handover.overlap_ms.items():
            if overlap_ms > DOUBLE_ANSWER_MS:
                yield f"{name}: two directors answered for {address}"


def _silent(name: str, handover: Handover, bound_ms: float) -> Iterator[str]:
    """A master that fails is missed for the failover; one that returns ends the other's time by
    an advert."""
    for what, gap_ms in (("UDP", handover.udp_gap_ms), ("SYN", handover.syn_gap_ms)):
        if gap_ms > bound_ms:
            yield f"{name}: no answer to {what} for {gap_ms} ms, at most {bound_ms}"


def _doubled(name: str, handover: Handover, adverts: Adverts, new: Place) -> Iterator[str]:
    """`new`: who took over."""
    bound_ms = 1000 * (adverts.interval_s + adverts.skew_s(new))
    for address, overlap_ms in handover.overlap_ms.items():
        if overlap_ms > bound_ms:
            yield f"{name}: {address} had two answerers for {overlap_ms} ms, at most {bound_ms}"


def _requests_lost_outside(back: Handover) -> Iterator[str]:
    """On a return nobody waits for a time-out: what is lost was under way at the hand-over."""
    first_ms, last_ms = back.unanswered_span_ms
    if first_ms < -SLACK_MS - back.failover_ms or last_ms > SLACK_MS:
        lost = back.udp_unanswered + back.syn_unanswered
        yield f"returning: {lost} requests lost from {first_ms} to {last_ms} ms after its advert"


def _word_and_lease(event: Event, scenario: Scenario, adverts: Adverts) -> Iterator[str]:
    if scenario.leaving is Leaving.FAULTY and event.said_s > FAULT_S:
        yield f"the old master said after {event.said_s} s that it is none, at most {FAULT_S}"
    lease_ms = LEASE_ADVERTS * adverts.interval_s * 1000 + LEASE_SLACK_MS
    if scenario.leaving is Leaving.DIES and event.leave.old_claims_ms > lease_ms:
        yield f"the old core answered for {event.leave.old_claims_ms} ms, at most {lease_ms}"


def _download_hung(event: Event, adverts: Adverts) -> Iterator[str]:
    bound_s = event.leave.cause_to_advert_ms / 1000 + KEEPALIVE_S + adverts.interval_s
    if event.download_s > bound_s:
        yield f"the download hung for {event.download_s} s, at most {bound_s}"
