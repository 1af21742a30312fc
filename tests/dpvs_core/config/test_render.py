"""A diagnostic as text: place, sentence, the line and the caret."""

from dpvs_core.config.errors import Diagnostic, Location
from dpvs_core.config.render import render, render_all


def diagnostic(source: str, column: int) -> Diagnostic:
    return Diagnostic(
        place=Location("a.conf", 7, column),
        severity="error",
        found="'300' after priority",
        expected="a number from 1 to 255",
        effect="the line is ignored",
        source=source,
    )


def test_the_caret_stands_below_the_word() -> None:
    assert render(diagnostic("\tpriority 300", 11)) == (
        "a.conf:7:11: error: found '300' after priority, expected a number from 1 to 255; "
        "the line is ignored\n"
        "    \tpriority 300\n"
        "    \t         ^"
    )


def test_without_a_column_there_is_no_caret() -> None:
    assert "\n" not in render(diagnostic("priority 300", 0))
    assert render_all([]) == ""


def test_a_long_line_is_cut_around_the_place() -> None:
    _, shown, caret = render(diagnostic("x" * 900 + " 300 " + "y" * 900, 902)).split("\n")
    assert len(shown) < 250
    assert shown[caret.index("^") :].startswith("300")


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in render(diagnostic("priority \x1b[31m300", 10))
    assert "\udcff" not in render(diagnostic("priority \udcff300", 10))
