"""What the answers of one check mean (keepalived's retry rules).

Pure. A check that counts as up must fail 1 + retry times in a row to count as down, with
delay_before_retry between the tries; the first failure of a check that has never run counts at
once. One success makes it up. Otherwise it is asked every delay_loop.
"""

from enum import Enum

import msgspec


class Outcome(Enum):
    """How a probe ended. NOT_RUN says nothing about the server: no socket, a bad bindto."""

    UP = "success"
    FAILED = "failed"
    TIMEOUT = "timeout"
    NOT_RUN = "not run"


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """When a check is repeated; microseconds, `retry` a number of further tries."""

    delay_loop_us: int
    delay_before_retry_us: int
    retry: int
    warmup_us: int
    alpha: bool


class CheckState(msgspec.Struct, frozen=True, kw_only=True):
    is_up: bool
    has_run: bool = False
    n_retries: int = 0  # failures in a row that did not count yet


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The new state, when to ask again, and whether the answer is to be acted upon."""

    state: CheckState
    delay_us: int
    decided: bool  # log it: up/down changed, or the first answer
    after_retries: int = 0  # for the log: how many tries a failure took


def first_state(timing: Timing) -> CheckState:
    """Up until proven otherwise; with alpha down until proven up."""
    return CheckState(is_up=not timing.alpha)


def judge(state: CheckState, timing: Timing, outcome: Outcome) -> Verdict:
    if outcome is Outcome.NOT_RUN:
        return Verdict(state=state, delay_us=timing.delay_loop_us, decided=False)
    if outcome is Outcome.UP:
        decided = not (state.is_up and state.has_run)
        up = CheckState(is_up=True, has_run=True)
        return Verdict(state=up, delay_us=timing.delay_loop_us, decided=decided)
    return _failed(state, timing)


def _failed(state: CheckState, timing: Timing) -> Verdict:
    if state.has_run and not state.is_up:
        return Verdict(state=state, delay_us=timing.delay_loop_us, decided=False)
    if state.has_run and state.n_retries < timing.retry:
        waiting = CheckState(is_up=True, has_run=True, n_retries=state.n_retries + 1)
        return Verdict(state=waiting, delay_us=timing.delay_before_retry_us, decided=False)
    down = CheckState(is_up=False, has_run=True)
    retries = timing.retry if state.has_run else 0
    return Verdict(state=down, delay_us=timing.delay_loop_us, decided=True, after_retries=retries)
