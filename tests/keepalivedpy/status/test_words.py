"""Times and colours as a person sees them."""

import io

import pytest

from keepalivedpy.status.moment import Moment
from keepalivedpy.status.paint import Paint, Tone, paint_for
from keepalivedpy.status.when import ago, since


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"), (0.9, "just now"), (1, "1 s"), (59.9, "59 s"), (60, "1 min 0 s"),
        (3599, "59 min 59 s"), (3600, "1 h 0 min"), (86399, "23 h 59 min"), (86400, "1 d 0 h"),
        (400 * 86400, "400 d 0 h"),
    ],
)  # fmt: skip
def test_ago(seconds: float, words: str) -> None:
    assert ago(seconds) == words


def test_since_has_the_date_on_another_day() -> None:
    assert len(since(1_700_000_000, 1_700_000_001)) == len("since 22:13:20 (1 s)")
    assert "-" not in since(1_700_000_000, 1_700_000_001)
    assert "202" in since(1_700_000_000, 1_700_000_000 + 86400)


def test_monotonic_times_become_times_of_day() -> None:
    moment = Moment(epoch_s=1_700_000_000.0, monotonic_us=5_000_000)
    assert moment.epoch_of(5_000_000) == 1_700_000_000.0
    assert moment.epoch_of(2_500_000) == 1_700_000_000.0 - 2.5


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_only_on_a_terminal_that_wants_them() -> None:
    painted, plain = "\x1b[32mx\x1b[0m", "x"
    assert paint_for(Terminal(), {"TERM": "xterm"})(Tone.GOOD, "x") == painted
    assert paint_for(Terminal(), {"TERM": "dumb"})(Tone.GOOD, "x") == plain
    assert paint_for(Terminal(), {"NO_COLOR": "1"})(Tone.GOOD, "x") == plain
    assert paint_for(io.StringIO(), {"TERM": "xterm"})(Tone.GOOD, "x") == plain
    assert Paint(True)(Tone.BAD, "x") == "\x1b[1;31mx\x1b[0m"
