"""One failure of the master and its return, under traffic: carried out, then measured."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tests.netns.arrival import now_us
from tests.netns.wait import until
from tests.system.pair_lab import PairLab
from tests.system.pair_measure import (
    Advert,
    Window,
    answered_us,
    change_to,
    last_claim_us,
    longest_silence_us,
    overlap_us,
    unanswered_us,
)
from tests.system.pair_scenarios import Leaving, Scenario
from tests.system.pair_traffic import Traffic

BEFORE_US = 100_000  # a hand-over's window begins so long before its cause
N_ADVERTS = 10  # watched after each hand-over, so that a second answerer would be heard
TIMEOUT_S = 30.0
SAYS_SO = {Leaving.FAULTY: ("Entering FAULT STATE", "Entering BACKUP STATE")}


@dataclass(frozen=True, slots=True)
class Handover:
    """From one director to the other. Milliseconds, of UDP flows and of SYNs.

    `failover_ms`: last advert of the old to first of the new; `cause_to_advert_ms`: from the
    event to the same; `old_claims_ms`: from the end of the blow to the old one's last ARP.
    """

    failover_ms: float
    cause_to_advert_ms: float
    udp_gap_ms: float
    syn_gap_ms: float
    udp_unanswered: int
    syn_unanswered: int
    unanswered_span_ms: tuple[float, float]  # first and last such request, from the new's advert
    overlap_ms: dict[str, float]
    old_claims_ms: float


@dataclass(frozen=True, slots=True)
class Event:
    scenario: str
    leave: Handover
    back: Handover
    download_exit: int  # of curl; 56: the connection was reset
    download_s: float  # from the failure to its end
    server_s: float  # from the failure to its end on the real server
    fetched_s: float  # from the failure to the first new connection of curl
    said_s: float  # until the old master's log says that it is none; 0 where nobody is to say it
    settled_s: float  # from the mending until all is as after a fresh start

    def row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Times:
    """`done_us`: the blow was over. Killing takes milliseconds on a busy machine."""

    struck_us: int
    done_us: int
    mended_us: int | None
    end_us: int


class _Clock:
    def __init__(self) -> None:
        self.start_us = now_us()

    def s(self) -> float:
        return (now_us() - self.start_us) / 1e6


def run_event(lab: PairLab, scenario: Scenario) -> Event:
    """TimeoutError if it does not come to its end; the caller judges the figures.

    Ends when the pair looks as after a fresh start (`lab.fresh`), the traffic before that.
    """
    first, second = (d.place.kernel_address for d in (lab.first, lab.second))
    with Traffic(lab) as traffic:
        _wait_for_adverts(traffic, first, now_us(), 3)
        log_start, carried = len(lab.first.log()), lab.served()
        struck = _Clock()
        scenario.strike(lab)
        done_us = now_us()
        said_s = _wait_for_its_word(lab, scenario, log_start, struck)
        _wait_for_adverts(traffic, second, struck.start_us, 1)
        fetched_s = _wait("a new connection", struck, lambda: lab.fetch(0.5))
        download_s = _wait("the download's end", struck, lambda: not traffic.download.running())
        server_s = _wait("its end on the server", struck, lambda: not carried & lab.served())
        _wait_for_adverts(traffic, "", struck.start_us, N_ADVERTS)

        mended = _Clock()
        if scenario.mend is not None:
            scenario.mend(lab)
        since_us = _first_of(traffic.adverts(), second, struck.start_us)
        _wait_for_adverts(traffic, first, since_us, N_ADVERTS)
        mended_us = mended.start_us if scenario.mend else None
        times = _Times(struck.start_us, done_us, mended_us, now_us())
    lab.wait_until_fresh()
    settled_s = mended.s()
    leave, back = _handovers(lab, traffic, times)
    exit_status = traffic.download.wait(0)
    return Event(
        scenario.name, leave, back, exit_status,
        download_s, server_s, fetched_s, said_s, settled_s,
    )  # fmt: skip


def _wait(what: str, clock: _Clock, probe: Callable[[], object]) -> float:
    """Seconds from the clock's start until the probe holds."""
    until(what, probe, TIMEOUT_S, every_s=0.01)
    return clock.s()


def _wait_for_its_word(lab: PairLab, scenario: Scenario, start: int, clock: _Clock) -> float:
    words = SAYS_SO.get(scenario.leaving, ())
    if not words:
        return 0.0
    return _wait(
        f"{words} of the old master",
        clock,
        lambda: any(word in lab.first.log()[start:] for word in words),
    )


def _first_of(adverts: list[Advert], source: str, after_us: int) -> int:
    return next(a.time_us for a in adverts if a.source == source and a.time_us > after_us)


def _wait_for_adverts(traffic: Traffic, source: str, after_us: int, n_wanted: int) -> None:
    """Adverts of a source ("": of anybody) after a time."""

    def heard() -> bool:
        found = [a for a in traffic.adverts() if a.time_us > after_us]
        return sum(source in ("", advert.source) for advert in found) >= n_wanted

    until(f"{n_wanted} adverts of {source or 'anybody'}", heard, TIMEOUT_S, every_s=0.02)


def _handovers(lab: PairLab, traffic: Traffic, times: _Times) -> tuple[Handover, Handover]:
    """The way there, until the return begins; and the return."""
    first, second = lab.first.place, lab.second.place
    adverts = traffic.adverts()
    there = change_to(adverts, second.kernel_address, times.struck_us)
    back = change_to(adverts, first.kernel_address, there.first_new_us)
    back_us = times.mended_us or back.last_old_us
    before = Window(times.struck_us - BEFORE_US, back_us)
    after = Window(back_us, times.end_us)
    return (
        _measure(lab, traffic, before, (times.struck_us, times.done_us), first.node, second.node),
        _measure(lab, traffic, after, (back_us, back_us), second.node, first.node),
    )


def _measure(
    lab: PairLab, traffic: Traffic, window: Window, cause: tuple[int, int], old: str, new: str
) -> Handover:
    """`cause`: when it began and when it was done (us)."""
    cause_us, done_us = cause
    places = {d.place.node: d.place.kernel_address for d in (lab.first, lab.second)}
    change = change_to(traffic.adverts(), places[new], cause_us)
    lost = unanswered_us(traffic.flows, window), unanswered_us(traffic.syns, window)
    span = sorted(lost[0] + lost[1]) or [change.first_new_us]
    macs = lab.macs[old], lab.macs[new]
    overlaps = overlap_us(traffic.claims, *macs, window)
    last_old_us = last_claim_us(traffic.claims, macs[0], Window(done_us, window.end_us))
    return Handover(
        failover_ms=change.failover_us / 1e3,
        cause_to_advert_ms=(change.first_new_us - cause_us) / 1e3,
        udp_gap_ms=longest_silence_us(answered_us(traffic.flows), window) / 1e3,
        syn_gap_ms=longest_silence_us(answered_us(traffic.syns), window) / 1e3,
        udp_unanswered=len(lost[0]),
        syn_unanswered=len(lost[1]),
        unanswered_span_ms=(
            (span[0] - change.first_new_us) / 1e3,
            (span[-1] - change.first_new_us) / 1e3,
        ),
        overlap_ms={address: us / 1e3 for address, us in overlaps.items()},
        old_claims_ms=(last_old_us - done_us) / 1e3,
    )
