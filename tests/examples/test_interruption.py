"""What a client has noticed, from made-up rows of its requests."""

import pytest

from examples.pair.interruption import Interruption, Request, first_answer_s, measure, parse

ANSWERED = [Request(t, t + 0.01, server="rs1") for t in (1.0, 1.1, 2.0, 2.1)]
FAILED = [
    Request(1.2, 1.5, trouble="time-out"),
    Request(1.3, 1.6, trouble="time-out"),
    Request(1.9, 1.95, trouble="ECONNRESET"),
]


def test_failures_are_counted_by_their_kind() -> None:
    figures = measure([*ANSWERED, *FAILED])
    assert (figures.n_requests, figures.n_failed) == (7, 3)
    assert figures.troubles == "1 ECONNRESET, 2 time-out"


def test_silence_is_between_answers_and_not_ended_by_failures() -> None:
    assert measure([*ANSWERED, *FAILED]).silence_s == pytest.approx(0.9)


@pytest.mark.parametrize("rows", [[], ANSWERED[:1]], ids=["none", "one"])
def test_nothing_to_compare_is_no_silence(rows: list[Request]) -> None:
    assert measure(rows) == Interruption(len(rows), 0, 0.0, "")


def test_first_answer_is_of_a_request_sent_later() -> None:
    rows = [Request(1.0, 5.0, server="rs1"), *FAILED, Request(2.0, 2.5, server="rs2")]
    assert first_answer_s(rows, 1.0) == 2.5
    assert first_answer_s(rows, 0.9) == 2.5
    assert first_answer_s(rows, 2.0) is None


def test_rows_come_in_the_order_of_the_questions_without_a_half_line() -> None:
    log = (
        '{"sent_s": 2.0, "server": "rs1", "over_s": 2.1}\n'
        '{"sent_s": 1.0, "trouble": "time-out", "over_s": 2.3}\n'
        '{"sent_s": 3.0, "ser'
    )
    assert parse(log) == [Request(1.0, 2.3, trouble="time-out"), Request(2.0, 2.1, server="rs1")]
