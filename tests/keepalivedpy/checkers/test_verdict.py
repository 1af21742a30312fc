"""Each row: a start state, the answers, and after each: up or down, decided, the wait in us."""

import pytest

from keepalivedpy.checkers.verdict import CheckState, Outcome, Timing, first_state, judge

LOOP, RETRY = 3_000_000, 1_000_000
UP, FAILED, TIMEOUT, NOT_RUN = Outcome.UP, Outcome.FAILED, Outcome.TIMEOUT, Outcome.NOT_RUN


def timing(retry: int = 2, alpha: bool = False) -> Timing:
    return Timing(delay_loop_us=LOOP, delay_before_retry_us=RETRY, retry=retry, warmup_us=LOOP,
                  alpha=alpha)  # fmt: skip


CASES = {
    "first success says so": (timing(), [(UP, True, True, LOOP), (UP, True, False, LOOP)]),
    "first failure counts at once": (timing(), [(FAILED, False, True, LOOP)]),
    "later failures need retry more": (timing(retry=2), [
        (UP, True, True, LOOP), (FAILED, True, False, RETRY), (TIMEOUT, True, False, RETRY),
        (FAILED, False, True, LOOP), (FAILED, False, False, LOOP)]),
    "a success clears the count": (timing(retry=1), [
        (UP, True, True, LOOP), (FAILED, True, False, RETRY), (UP, True, False, LOOP),
        (FAILED, True, False, RETRY), (FAILED, False, True, LOOP)]),
    "no retry": (timing(retry=0), [(UP, True, True, LOOP), (FAILED, False, True, LOOP)]),
    "back after one success": (timing(), [
        (FAILED, False, True, LOOP), (UP, True, True, LOOP)]),
    "alpha is down until proven up": (timing(alpha=True), [
        (FAILED, False, True, LOOP), (FAILED, False, False, LOOP), (UP, True, True, LOOP)]),
    "not run changes nothing": (timing(retry=1), [
        (NOT_RUN, True, False, LOOP), (UP, True, True, LOOP), (FAILED, True, False, RETRY),
        (NOT_RUN, True, False, LOOP), (FAILED, False, True, LOOP)]),
}  # fmt: skip


@pytest.mark.parametrize("when, answers", CASES.values(), ids=CASES)
def test_verdicts(when: Timing, answers: list[tuple[Outcome, bool, bool, int]]) -> None:
    state = first_state(when)
    for outcome, is_up, decided, delay_us in answers:
        verdict = judge(state, when, outcome)
        state = verdict.state
        assert (state.is_up, verdict.decided, verdict.delay_us) == (is_up, decided, delay_us)


def test_the_log_names_the_retries_but_not_for_a_first_failure() -> None:
    assert judge(first_state(timing()), timing(), FAILED).after_retries == 0
    waited = CheckState(is_up=True, has_run=True, n_retries=2)
    assert judge(waited, timing(retry=2), FAILED).after_retries == 2
