"""Statements, blocks and mistakes of structure."""

import pytest

from dpvs_core.config.errors import ErrorList
from dpvs_core.config.scan import KEEPALIVED
from dpvs_core.config.source import Line
from dpvs_core.config.tree import MAX_KNOWN_LINES, Node, TreeBuilder, build_tree

Shape = list[tuple[str, "Shape | None"]]


def tree(text: str) -> tuple[list[Node], ErrorList]:
    errors = ErrorList()
    lines = (Line("f", number, line) for number, line in enumerate(text.split("\n"), 1))
    return build_tree(lines, KEEPALIVED, errors), errors


def shape(nodes: list[Node]) -> Shape:
    return [(" ".join(n.words), None if n.children is None else shape(n.children)) for n in nodes]


SAME: Shape = [("a x", [("b", [("c", None)]), ("d", None)]), ("e", None)]
LAYOUTS = {
    "usual": "a x {\n b {\n  c\n }\n d\n}\ne",
    "brace on the next line": "a x\n{\n b\n {\n  c\n }\n d\n}\ne",
    "no blank before the brace": "a x{\n b{\n  c\n }\n d\n}\ne",
    "statement behind the brace": "a x { b { c\n }\n d }\ne",
    "all on one line": "a x { b { c } d } e",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_mean_the_same(text: str) -> None:
    nodes, errors = tree(text)
    assert shape(nodes) == SAME
    assert len(errors) == 0


def test_words_know_their_place() -> None:
    nodes, _ = tree("a {\n  b  c\n}")
    (child,) = nodes[0].children or [nodes[0]]
    assert [str(child.place(at)) for at in range(4)] == ["f:2:3", "f:2:6", "f:2:7", "f:2:7"]


def test_words_behind_a_brace_know_their_place() -> None:
    nodes, _ = tree("a { b  c } d e")
    (child,) = nodes[0].children or [nodes[0]]
    assert [str(child.place(at)) for at in range(3)] == ["f:1:5", "f:1:8", "f:1:9"]
    assert [str(nodes[1].place(at)) for at in range(3)] == ["f:1:12", "f:1:14", "f:1:15"]


def test_a_file_of_many_different_lines() -> None:
    """Lines are remembered, but not without limit; one that came before is the same again."""
    n_lines = MAX_KNOWN_LINES + 2
    errors = ErrorList()
    builder = TreeBuilder(KEEPALIVED, errors)
    for number in [*range(n_lines), 0]:
        builder.take(Line("f", number, f"a {number}"))
        assert builder.n_known <= MAX_KNOWN_LINES
    nodes = builder.close()
    assert [node.words for node in nodes[-2:]] == [["a", str(n_lines - 1)], ["a", "0"]]


MISTAKES = {
    "closes nothing, behind others": ("a { b } }", "f:1:9", "'}' that closes nothing"),
    "closes nothing": ("a\n}\nb", "f:2:1", "'}' that closes nothing"),
    "not closed": ("a {\n b\n", "f:1:1", "the end of the configuration inside a"),
    "brace without keyword": ("{\n", "f:1:1", "'{' without a keyword"),
    "two braces": ("a {{\n}", "f:1:4", "'{' without a keyword"),
    "open quote": ('a "b', "f:1:3", 'a " that is not closed'),
    "NUL": ("a\0b", "f:1", "a NUL byte"),
    "long line": ("a " + "x" * 1023, "f:1", "a line of 1025 bytes"),
}


@pytest.mark.parametrize("text, place, found", MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_reported_with_its_place(text: str, place: str, found: str) -> None:
    _, errors = tree(text)
    assert [(str(d.place), d.found, d.exit_status) for d in errors] == [(place, found, 5)]


def test_what_follows_a_mistake_is_read() -> None:
    nodes, _ = tree("a\n}\nb {\n c\n}")
    assert shape(nodes) == [("a", None), ("b", [("c", None)])]


def test_nesting_has_an_end() -> None:
    _, errors = tree("a {\n" * 100 + "}\n" * 100)
    assert any("blocks in each other" in d.found for d in errors)
