"""include: where files are looked for, what a missing one means, files that include themselves."""

from pathlib import Path

import pytest

from dpvs_core.config.errors import ErrorList
from dpvs_core.config.include import ALL_CHECKS, NO_CHECKS, expand_braces
from dpvs_core.config.source import Source

MUST = {"include": frozenset[str](), "includem": frozenset({"match"})}


def lines(path: Path) -> tuple[list[tuple[str, int, str]], ErrorList]:
    errors = ErrorList()
    read = [
        (Path(line.file).name, line.number, line.text)
        for line in Source(str(path), errors, MUST).lines()
        if line.text
    ]
    return read, errors


def test_files_are_read_in_place_relative_to_the_including_one(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "main").write_text("a\ninclude d/*.conf # all\nb\n")
    (tmp_path / "d" / "1.conf").write_text("x\ninclude 3.txt\n")
    (tmp_path / "d" / "2.conf").write_text("y")
    (tmp_path / "d" / "3.txt").write_text("z\n")
    read, errors = lines(tmp_path / "main")
    assert read == [
        ("main", 1, "a"),
        ("1.conf", 1, "x"),
        ("3.txt", 1, "z"),
        ("2.conf", 1, "y"),
        ("main", 3, "b"),
    ]
    assert len(errors) == 0


@pytest.mark.parametrize("keyword, status", [("include", 0), ("includem", 6)])
def test_missing_file(tmp_path: Path, keyword: str, status: int) -> None:
    (tmp_path / "main").write_text(f"a\n  {keyword} nothing.conf\nb")
    read, errors = lines(tmp_path / "main")
    assert [text for _, _, text in read] == ["a", "b"]
    (found,) = errors
    assert (found.place.line, found.place.column, found.exit_status) == (2, 3, status)


def test_a_file_that_includes_itself_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "main").write_text("a\ninclude other\n")
    (tmp_path / "other").write_text("b\ninclude main\n")
    read, errors = lines(tmp_path / "main")
    assert [text for _, _, text in read] == ["a", "b"]
    assert [d.severity for d in errors] == ["warning"]


def test_a_directory_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "main").write_text("include d")
    _, errors = lines(tmp_path / "main")
    assert "directory" in next(iter(errors)).found


def test_words_that_only_look_like_include_are_words(tmp_path: Path) -> None:
    (tmp_path / "main").write_text("include\nincluded x\nnot include x")
    read, errors = lines(tmp_path / "main")
    assert len(read) == 3
    assert len(errors) == 0


def test_braces_make_patterns() -> None:
    assert expand_braces("x{a,b}y{1,2}") == ["xay1", "xay2", "xby1", "xby2"]
    assert expand_braces("{alone}") == ["{alone}"]
    assert len(expand_braces("{a,b}" * 40)) == 10_000


OWN = {
    "includem": frozenset({"match"}),
    "includew": frozenset({"wildcard_match"}),
    "includeb": frozenset({"brace_match"}),
    "includer": frozenset({"read"}),
    "includea": ALL_CHECKS,
}
FORMS = {
    # line: (files that are read, what is said with its status)
    "include p.conf": (["p"], []),
    "\tinclude\tp.conf # c": (["p"], []),
    "include p.conf#c": (["p"], []),
    "include [pq].conf": (["p", "q"], []),
    "include {p,q}.conf": (["p", "q"], []),
    "include p.conf q.conf": ([], [0]),
    'include "p.conf"': ([], [0]),
    "include z*.conf": ([], []),
    "includew z*.conf": ([], [6]),
    "includem z*.conf": ([], []),
    "includea z*.conf": ([], [6]),
    "includea {p,*z}.conf": (["p"], []),
    "include {p,z}.conf": (["p"], [0]),
    "includem {p,z}.conf": (["p"], [0]),
    "includeb {p,z}.conf": (["p"], [6]),
    "includeb {y,z}.conf": ([], [6, 6]),
    "includer z.conf": ([], [0]),
    "includeb z.conf": ([], [0]),
    "includea z.conf": ([], [6]),
    "include program": ([], [0]),
    "includer program": ([], [6]),
    "includem program": ([], [6]),
    "include d": ([], [0]),
    "includer d": ([], [6]),
    "include /dev/null": ([], [0]),
    "includex p.conf": (["includex p.conf"], []),
    "include_check\ninclude z.conf": (["include_check"], [6]),
    "include_check\ninclude_check -match\ninclude z.conf": (
        ["include_check", "include_check -match"], [0]),
    "include_check +match\ninclude z.conf": (["include_check +match"], [6]),
    "include_check wildcard_match\ninclude z.conf": (["include_check wildcard_match"], [0]),
    "include_check read\ninclude program": (["include_check read"], [6]),
    "include checking\ninclude z.conf": (["include_check"], [0]),
}  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_forms_of_include(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.conf").write_text("p")
    (tmp_path / "q.conf").write_text("q")
    (tmp_path / "checking").write_text("include_check\n")
    (tmp_path / "d").mkdir()
    program = tmp_path / "program"
    program.write_text("x")
    program.chmod(0o755)
    (tmp_path / "main").write_text(text)
    errors = ErrorList()
    must = {"include": NO_CHECKS, **OWN}
    source = Source(str(tmp_path / "main"), errors, must, plain_files_only=True)
    assert (
        [line.text for line in source.lines() if line.text],
        [d.exit_status for d in errors],
    ) == (FORMS[text])


def test_all_checks_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "main").write_text("include z.conf")
    errors = ErrorList()
    list(Source(str(tmp_path / "main"), errors, MUST, checks=ALL_CHECKS).lines())
    assert [d.exit_status for d in errors] == [6]


def test_the_first_file_may_be_a_pattern_but_no_program(tmp_path: Path) -> None:
    (tmp_path / "1.conf").write_text("a")
    (tmp_path / "2.conf").write_text("b")
    errors = ErrorList()
    source = Source(str(tmp_path / "*.conf"), errors, MUST, plain_files_only=True)
    assert [line.text for line in source.lines()] == ["a", "b"]
    (tmp_path / "1.conf").chmod(0o700)
    source = Source(str(tmp_path / "1.conf"), errors, MUST, plain_files_only=True)
    assert list(source.lines()) == []
    assert [d.severity for d in errors] == ["warning"]
