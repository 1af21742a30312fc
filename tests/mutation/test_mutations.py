"""Each mutation of the lists is noticed by the tests it names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutation.mutation import Mutation, mutations
from tests.mutation.scratch import ROOT, Scratch

MUTATIONS = mutations()
each_mutation = pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.name)


def test_names_differ() -> None:
    names = [each.name for each in MUTATIONS]
    assert len(set(names)) == len(names) > 0


@each_mutation
def test_its_line_and_its_tests_are_there(mutation: Mutation) -> None:
    """So that a list does not rot between its runs."""
    source = (ROOT / mutation.file).read_text()
    assert mutation.apply(source) != source
    assert mutation.tests
    for name in mutation.tests:
        path, function = name.split("::")
        body = ast.parse((ROOT / path).read_text()).body
        assert function in [each.name for each in body if isinstance(each, ast.FunctionDef)]


SOURCE = "  a;\n  b;\n    a;"


def test_the_line_keeps_its_place() -> None:
    assert Mutation("", "x.c", "b;", "z;", ()).apply(SOURCE) == "  a;\n  z;\n    a;"
    assert Mutation("", "x.c", "a;", "z;", (), "b;").apply(SOURCE) == "  a;\n  b;\n    z;"


@pytest.mark.parametrize(("line", "after"), [("a;", ""), ("c;", ""), ("a", ""), ("b;", "a;")])
def test_a_line_must_be_unmistakable(line: str, after: str) -> None:
    with pytest.raises(ValueError, match=r"x\.c: \d lines"):
        Mutation("", "x.c", line, "z;", (), after).apply(SOURCE)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    yield Scratch(tmp_path_factory.mktemp("mutation") / "tree")


@pytest.fixture(scope="module")
def green(scratch: Scratch) -> set[str]:
    """Tests that were seen to pass on the tree as it is."""
    return set()


@pytest.mark.long
@each_mutation
def test_it_is_killed(
    mutation: Mutation, scratch: Scratch, green: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    unseen = tuple(set(mutation.tests) - green)
    if unseen:
        assert scratch.failed(unseen) == set(), "red before anything was changed"
        green.update(unseen)
    path: Path = scratch.top / mutation.file
    source = path.read_text()
    path.write_text(mutation.apply(source))
    try:
        survived = set(mutation.tests) - scratch.failed(mutation.tests)
    finally:
        path.write_text(source)
    with capsys.disabled():
        print(f"\n{'SURVIVED' if survived else 'killed':9} {mutation.name}", end="", flush=True)
    assert not survived
