"""include: where files are looked for, what a missing one means, files that include themselves."""

from pathlib import Path

import pytest

from dpvs_core.config.errors import ErrorList
from dpvs_core.config.source import Source, expand_braces

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
