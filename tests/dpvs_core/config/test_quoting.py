"""Any word that a line can give is given by the line made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.config.errors import ErrorList
from dpvs_core.config.macros import Macros
from dpvs_core.config.predefined import Predefined
from dpvs_core.config.quoting import line_of
from dpvs_core.config.scan import CLOSE, KEEPALIVED, OPEN, STRING_KEYWORDS, Scanner
from dpvs_core.config.source import Line, Source

# Much of what has a meaning, and some that has none.
letters = st.one_of(
    st.sampled_from("\"'\\#!{}$~@ \t\r\x1c_AIx0=,()"),
    st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]),
)
words = st.text(letters, max_size=12) | st.sampled_from(
    ["${_PWD}", "${_HASH}x", "$_RANDOM", "include", "~SEQ(I,1,2)", "@main", "$A=1", "{", "}", ""]
)


def read_back(line: str) -> list[str]:
    """The words of a line, by way of macros."""
    macros = Macros(Source("f", ErrorList(), {}), ErrorList(), Predefined("main"))
    (made,) = macros.of([Line("f", 1, line)])
    return Scanner(KEEPALIVED).split(made.text)[0]


@given(keyword=st.sampled_from(sorted(STRING_KEYWORDS)), arguments=st.lists(words, max_size=4))
def test_every_word_of_a_string_line_comes_back(keyword: str, arguments: list[str]) -> None:
    found = read_back(line_of([keyword, *arguments]))
    assert found == [keyword, *arguments]
    assert not any(word is OPEN or word is CLOSE for word in found)


@given(arguments=st.lists(words, min_size=1, max_size=4))
def test_every_word_of_a_plain_line_comes_back_or_is_refused(arguments: list[str]) -> None:
    try:
        line = line_of(arguments)
    except ValueError as refused:
        assert any(is_without_a_line(word) for word in arguments), refused
    else:
        found = read_back(line)
        assert found == arguments
        assert not any(word is OPEN or word is CLOSE for word in found)


def is_without_a_line(word: str) -> bool:
    """No escapes, and parameters are replaced in quotes too: such a word cannot be written."""
    backslashes = len(word) - len(word.rstrip("\\"))
    return '"' in word or backslashes % 2 == 1 or "${_" in word or "$_" in word


@pytest.mark.parametrize("word", ["${_RANDOM x}", "a${_RAN 1 9}", "$_PWDX y", "a b\\\\"])
def test_words_that_only_look_like_these(word: str) -> None:
    assert read_back(line_of(["router_id", word])) == ["router_id", word]


@pytest.mark.parametrize("word", ["a\nb", 'a"b', "${_PWD}", "a b\\", "a\0"])
def test_words_without_a_line(word: str) -> None:
    with pytest.raises(ValueError, match=r"no line of keepalived\.conf"):
        line_of(["router_id", word])
