"""The kernel's pressure file."""

import pytest

from tests.interop.machine import Busyness, waiting_us

PRESSURE = """\
some avg10=16.17 avg60=38.39 avg300=59.96 total=1658351856
full avg10=0.00 avg60=0.00 avg300=0.00 total=7
"""


def test_the_total_of_the_first_line() -> None:
    assert waiting_us(PRESSURE) == 1_658_351_856


def test_another_format_is_an_error() -> None:
    with pytest.raises(ValueError, match="no line 'some'"):
        waiting_us("full total=1\n")


def test_words() -> None:
    assert str(Busyness()).startswith(("tasks waited", "load "))
