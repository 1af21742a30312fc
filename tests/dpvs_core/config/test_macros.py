"""Parameters, sequences and conditions: the lines that come out, and where they were written.

The outcomes are what the real program's messages showed for the same lines.
"""

import random
from pathlib import Path

import pytest

from dpvs_core.config.errors import ErrorList
from dpvs_core.config.macros import Macros
from dpvs_core.config.predefined import Predefined
from dpvs_core.config.scan import KEEPALIVED
from dpvs_core.config.source import Line, Source
from dpvs_core.config.tree import build_tree, read_tree

INCLUDES = {"include": frozenset[str]()}


def made(text: str) -> tuple[list[Line], ErrorList]:
    """The lines of `text` that are not empty, for the configuration main."""
    errors = ErrorList()
    predefined = Predefined("main", {"PRIO": "77"}, random.Random(1))
    macros = Macros(Source("f", errors, INCLUDES), errors, predefined)
    lines = (Line("f", number, line) for number, line in enumerate(text.split("\n"), 1))
    return [line for line in macros.of(lines) if line.text.strip()], errors


def texts(text: str) -> list[str]:
    lines, errors = made(text)
    assert [d for d in errors if d.severity == "error"] == []
    return [" ".join(line.text.split()) for line in lines]


REPLACED = {
    "followed by a blank or the end": ("$A=1\na $A x$A ${A}", ["a 1 x1 1"]),
    "not followed by anything else": ("$A=1\na $A.x $AB \"$A\" '$A'", ["a $A.x $AB \"$A\" '$A'"]),
    "inside quotes too": ('$A=1\na "$A x" "${A}"', ['a "1 x" "1"']),
    "recursive, when it is used": (
        "$A=${B}.1\n$B=0\na ${A}\n$B=2\na ${A}", ["a 0.1", "a 2.1"]),
    "names in names": ("$A=x\n$B=A\na ${${B}}", ["a x"]),
    "empty": ("$A=\n$A\na x${A}y", ["a xy"]),
    "blanks around a value": ('$A=  1 2  \na "${A}|"', ['a "1 2|"']),
    "a value's quotes stay": ('$A="b c" d\na $A', ['a "b c" d']),
    "a comment is none of the value": ("$A=1 # c\na ${A}|", ["a 1|"]),
    "a comment mark of a value": (
        "$H=${_HASH}\n$H no\na\n$E=\n${E} $N=${_HASH}\nb x${N}y", ["# no", "a", "b x#y"]),
    "no name": ("$A =1\n$1A=1\n$A-B=1\n$", ["$A =1", "$1A=1", "$A-B=1", "$"]),
    "of several lines": ("$A= \\\nb 1 \\\n  b 2\nx\n$A\ny", ["x", "b 1", "b 2", "y"]),
    "the first line joins": ("$A=1 \\\nb 2\na x$A\n$B=\\\nb\nc${B}", ["a x1", "b 2", "cb"]),
    "only at the end of a line": ("$A= \\\n1 \\\n2\na x$A y", ["a x$A y"]),
    "comments inside": ("$A= \\\nb 1 # c \\\n# c \\\nb 2\n$A", ["b 1", "b 2"]),
    "an empty line ends it": ("$A= \\\nb \\\n\nx\n$A", ["x", "b"]),
    "definitions and uses inside": (
        "$R=r${N}\n$A= \\\n$N=1 \\\n$R \\\n$N=2 \\\n$R\n$A", ["r1", "r2"]),
    "nested": ("$R= \\\nr${N} { \\\n}\n$A= \\\nv { \\\n~SEQ(N,1,2) $R \\\n}\n$A",
               ["v {", "r1 {", "}", "r2 {", "}", "}"]),
    "a trailing backslash is no continuation elsewhere": ("a \\\nb $A", ["a \\", "b $A"]),
    "directory, id, environment": (
        "a ${_INSTANCE} $_INSTANCE ${_ENV PRIO} ${_BANG}", ["a main main 77 !"]),
    "overridden": ("$_PWD=7\na ${_PWD}", ["a 7"]),
    "chance": ("a ${_RANDOM 5 5} ${_RANDOM 32767}", ["a 5 32767"]),
}  # fmt: skip

REPEATED = {
    "end": ("~SEQ(I, 2) a${I}", ["a1", "a2"]),
    "negative end": ("~SEQ(I, -2) a${I}", ["a-1", "a-2"]),
    "zero": ("~SEQ(I, 0) a${I}", ["a1", "a0"]),
    "start and end": ("~SEQ(I, 3, 2) a${I}", ["a3", "a2"]),
    "step": ("~SEQ(I, 1, 2, 4) a${I}", ["a1", "a3"]),
    "blanks": ("~SEQ ( I ,1 , 2 )a${I}", ["a1", "a2"]),
    "hexadecimal and octal": ("~SEQ(I, 0x10, 020) a${I}", ["a16"]),
    "in hexadecimal": ("~SEQx(I, 0xff, 0x100) a${I}", ["aff", "a100"]),
    "an empty number is 0": ("~SEQ(I,,1) a${I}", ["a0", "a1"]),
    "parameters as arguments": ("$N=2\n~SEQ(I,$N,${N}) a${I}", ["a2"]),
    "nested": (
        "~SEQ(I,1,2) ~SEQ(J,1,${I}) a${I}${J}", ["a11", "a21", "a22"]),
    "of a list": ("~SEQ(I,1,2) ~LST(J,a,b) x${I}${J}", ["x1a", "x1b", "x2a", "x2b"]),
    "its name stays defined": ("~SEQ(I,1,2) a\nb${I}", ["a", "a", "b2"]),
    "list": ("~LST(I, a ,, c) x${I}", ["xa", "x", "xc"]),
    "list of groups": ("~LST({I, J}, {1,2}, {3}) x${I}-${J}", ["x1-2", "x3-"]),
    "a parameter in a list": ("$A=1\n~LST(I,$A,2) x${I}", ["x1", "x2"]),
    "by way of a parameter": ("$X=~SEQ(I,1,2)\n$X a${I}", ["a1", "a2"]),
    "a definition each": ("~SEQ(I,1,2) $K=${I}\nk${K}", ["k2"]),
    "nothing to repeat": ("~SEQ(I, 1, 2)\na", ["a"]),
    "not at the start": ("a ~SEQ(I,1,2)", ["a ~SEQ(I,1,2)"]),
    "unknown": ("~FOO(I,1,2)", ["~FOO(I,1,2)"]),
}  # fmt: skip

CONDITIONS = {
    "of this configuration": ("@main a\n@other b\n@^main c\n@^other d\n@mainx e", ["a", "d"]),
    "no id": ("@ a\n@^ b\n@main", ["b"]),
    "definitions": ("@main $P=1\n@other $P=2\np $P", ["p 1"]),
    "in a definition of several lines": ("$A= \\\n@main a \\\n@other b\n$A", ["a"]),
    "by way of a parameter": ("$X=@main\n$X a\n$Y=@other\n$Y b", ["a"]),
    "and a sequence": ("@main ~SEQ(I,1,2) @main a${I}\n~SEQ(I,1,2) @other b", ["a1", "a2"]),
    "once only": ("@main @main a", ["@main a"]),
    "not at the start": ("a @main", ["a @main"]),
}


@pytest.mark.parametrize("text, lines", REPLACED.values(), ids=REPLACED)
def test_parameters(text: str, lines: list[str]) -> None:
    assert texts(text) == lines


@pytest.mark.parametrize("text, lines", REPEATED.values(), ids=REPEATED)
def test_sequences(text: str, lines: list[str]) -> None:
    assert texts(text) == lines


@pytest.mark.parametrize("text, lines", CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(text: str, lines: list[str]) -> None:
    assert texts(text) == lines


MISTAKES = {
    "step 0": ("~SEQ(I, 1, 0, 9) a", "~SEQ from 1 in steps of 0 to 9"),
    "wrong way": ("~SEQ(I, 3, -1, 5) a", "~SEQ from 3 in steps of -1 to 5"),
    "no end": ("~SEQ(I, 1, 3 a", "~SEQ without )"),
    "no brackets": ("~SEQ I 1 3", "~SEQ without ("),
    "words": ("~SEQ(I, a, b) c", "~SEQ with 'a'"),
    "too few": ("~SEQ(I) c", "~SEQ with 1 arguments"),
    "too many": ("~SEQ(I,1,1,2,3) c", "~SEQ with 5 arguments"),
    "negative in hexadecimal": ("~SEQx(I, -2, 2) c", "~SEQx from -2 to 2"),
    "wrong name": ("~SEQ(1I, 1, 2) c", "~SEQ of the name '1I'"),
    "huge": ("~SEQ(I, 1, 99999999999) c", "~SEQ from 1 to 99999999999"),
    "list without values": ("~LST(I) c", "~LST without values"),
    "list with too many": ("~LST({I,J},{1,2,3}) c", "~LST with 3 values for 2 names"),
    "blanks in a list": ("~LST(I, a b) c", "'a b' in ~LST"),
    "braces in a list": ("$A=1\n~LST(I, ${A}) c", "' ${A}' in ~LST"),
    "itself": ("$A=${A}x\na ${A}", "a parameter that contains itself"),
    "each other": ("$A=${B}\n$B=${A}\na ${A}", "a parameter that contains itself"),
    "growing": ("$A=${A}${A}\na ${A}", "a parameter that contains itself"),
    "lines of itself": ("$A= \\\na \\\n$A\n$A", "$A inside itself"),
    "not defined": ("a ${B}", "${B}, which is not defined"),
    "not a predefined one": ("a ${_RANDOM x}", "${_RANDOM x}, which is not defined"),
    "the wrong way round": ("a ${_RANDOM 60 50}", "${_RANDOM 60 50}"),
}


@pytest.mark.parametrize("text, found", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_have_an_end_and_a_status(text: str, found: str) -> None:
    _, errors = made(text)
    assert [(d.found, d.exit_status) for d in errors] == [(found, 5)]


def test_what_may_be_meant_is_only_remarked() -> None:
    lines, errors = made('a $B "$C x" "${D}" $1')
    assert [line.text for line in lines] == ['a $B "$C x" "${D}" $1']
    assert [(d.found, d.severity, d.exit_status) for d in errors] == [
        ("$B, which is not defined", "warning", 0)
    ]


def test_a_random_number_is_in_its_range() -> None:
    lines, _ = made("~SEQ(I,1,200) ${_RANDOM 3 5}")
    assert {line.text.strip() for line in lines} == {"3", "4", "5"}


def test_what_is_made_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dpvs_core.config.macros.MAX_MADE_LINES", 1000)
    lines, errors = made("~SEQ(I,1,200) ~SEQ(J,1,200) a")
    assert len(lines) == 200, "the first row, which tells how many there would be"
    assert [d.found for d in errors] == ["parameters and sequences that make more than 1000 lines"]
    lines, errors = made("\n".join(f"~SEQ(I,1,30) a{n}" for n in range(100)))
    assert 900 < len(lines) < 1000
    assert {d.found for d in errors} == {"parameters and sequences that make more than 1000 lines"}


def test_a_parameter_of_parameters_of_parameters() -> None:
    text = "\n".join(["$A0=a", *(f"$A{n}= \\\nb \\\n$A{n - 1}" for n in range(1, 20))])
    lines, errors = made(f"{text}\n$A14")
    assert ([line.text for line in lines], len(errors)) == (["b"] * 14 + ["a"], 0)
    lines, errors = made(f"{text}\n$A19")
    assert [d.found for d in errors] == ["$A3 inside 16 others"]


def placed(text: str) -> list[tuple[str, str, str, str]]:
    """Place, text, line as written and note of each word but the first."""
    lines, errors = made(text)
    return [
        (str(node.place(at)), node.words[at], node.source, node.note)
        for node in build_tree(lines, KEEPALIVED, errors)
        for at in range(1, len(node.words))
    ]


def test_words_are_where_they_are_written() -> None:
    assert placed("$A=1 2\n  a  x $A  y # c") == [
        ("f:2:6", "x", "  a  x $A  y # c", "$A=1 2 (f:1)"),
        ("f:2:8", "1", "  a  x $A  y # c", "$A=1 2 (f:1)"),
        ("f:2:8", "2", "  a  x $A  y # c", "$A=1 2 (f:1)"),
        ("f:2:12", "y", "  a  x $A  y # c", "$A=1 2 (f:1)"),
    ]
    assert placed("@main a b") == [("f:1:9", "b", "@main a b", "")]


def test_lines_of_a_parameter_are_where_it_is_used() -> None:
    written = "~SEQ(I,1,2) $A"
    assert placed(f"$A= \\\na \\\nb ${{I}}\n{written}") == [
        ("f:4:13", "1", written, "$A (f:3), $I=1 (f:4)"),
        ("f:4:13", "2", written, "$A (f:3), $I=2 (f:4)"),
    ]


def test_blocks_that_one_line_makes_have_places_of_their_own() -> None:
    lines, errors = made("~SEQ(I,1,3) a${I} {\n}")
    nodes = build_tree(lines, KEEPALIVED, errors)
    assert [node.short_place for node in nodes] == ["f:1"]
    lines, errors = made("$A= \\\nv${I} { \\\n}\n~SEQ(I,1,3) $A")
    nodes = build_tree(lines, KEEPALIVED, errors)
    assert [node.name for node in nodes] == ["v1", "v2", "v3"]
    assert len({node.short_place for node in nodes}) == 3


def test_includes_by_way_of_macros(tmp_path: Path) -> None:
    (tmp_path / "x1").write_text("one ${I}\n$D=defined\n")
    (tmp_path / "x2").write_text("two\n")
    main = tmp_path / "main"
    main.write_text(
        "~SEQ(I,1,2) include x${I}\n$A= \\\ninclude x1 \\\nafter ${D}\n$A\n@main include x2\n"
    )
    errors = ErrorList()
    nodes = read_tree(str(main), KEEPALIVED, INCLUDES, errors, predefined=Predefined("main"))
    found = [" ".join(node.words) for node in nodes]
    assert found == ["one 1", "two", "one 2", "after defined", "two"]
    assert len({node.short_place for node in nodes}) == len(nodes), "also of files read again"
    assert len(errors) == 0


def test_the_folder_of_the_current_file(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_text("a ${_PWD}/s\n")
    (tmp_path / "main").write_text("include d/x\na ${_PWD}\n")
    nodes = read_tree(str(tmp_path / "main"), KEEPALIVED, INCLUDES, ErrorList())
    assert [node.words[1] for node in nodes] == [f"{tmp_path}/d/s", str(tmp_path)]
