"""Each mutation of the lists is noticed by the tests it names."""

import ast
import time
from collections.abc import Iterator

import pytest

from tests.mutation.mutation import Mutation, mutations
from tests.mutation.scratch import ROOT, Scratch

MUTATIONS = mutations()
GREEN_CPU_LIMIT_S = 3600
"""For the tests of all lists on a tree where none of them hangs."""
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


def mutation_of(item: pytest.Function) -> Mutation:
    chosen = item.callspec.params["mutation"]
    assert isinstance(chosen, Mutation)
    return chosen


@pytest.fixture(scope="module")
def red(request: pytest.FixtureRequest, scratch: Scratch) -> set[str]:
    """Tests that fail on the tree as it is, of those that this run is about: tried all at once."""
    chosen = {
        test
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.function is test_it_is_killed
        for test in mutation_of(item).tests
    }
    return scratch.failed(tuple(sorted(chosen)), GREEN_CPU_LIMIT_S)


@pytest.mark.long
@each_mutation
def test_it_is_killed(
    mutation: Mutation, scratch: Scratch, red: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not red.intersection(mutation.tests), "red before anything was changed"
    text = mutation.apply((scratch.top / mutation.file).read_text())
    started_s = time.monotonic()
    with scratch.broken(mutation.file, text):
        survived = set(mutation.tests) - scratch.failed(mutation.tests)
    verdict = "SURVIVED" if survived else "killed"
    took_s = time.monotonic() - started_s
    with capsys.disabled():
        print(f"\n{verdict:9}{took_s:5.0f} s  {mutation.name}", end="", flush=True)
    assert not survived
