"""Words, quotes, comments and columns of both dialects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.config.errors import BadValue
from dpvs_core.config.scan import CLOSE, DPVS, KEEPALIVED, OPEN, Rules, Scanner, plain_columns


def split(text: str, rules: Rules = KEEPALIVED) -> list[str]:
    return Scanner(rules).split(text)[0]


def placed(text: str, rules: Rules = KEEPALIVED) -> list[tuple[str, int]]:
    words, columns, _ = Scanner(rules).split(text)
    return list(zip(words, plain_columns(text) if columns is None else columns, strict=False))


KEEPALIVED_LINES = {
    "plain words": ("priority 100", ["priority", "100"]),
    "tabs and carriage return": ("\tpriority\t 100\r", ["priority", "100"]),
    "comment inside a word": ("advert_int 2#x", ["advert_int", "2"]),
    "exclamation mark": ("state MASTER ! or not", ["state", "MASTER"]),
    "only a comment": ("   # nothing", []),
    "comment mark in quotes": ('router_id "a#b!"', ["router_id", "a#b!"]),
    "escaped comment mark": (r"router_id a\#b\!", ["router_id", "a#b!"]),
    "pieces join": ('router_id abc"d e"f', ["router_id", "abcd ef"]),
    "single quotes": ("script 'a \"b\" c'", ["script", 'a "b" c']),
    "escape keeps a quote open": (r'script "a \" b"', ["script", r"a \" b"]),
    "braces are words": ("vrrp_instance V{", ["vrrp_instance", "V", "{"]),
    "block on one line": ("a { 10.0.0.1 }", ["a", "{", "10.0.0.1", "}"]),
    "a brace in a parameter": ("priority ${PRIO}", ["priority", "${PRIO}"]),
    "mangled e-mail": ("[email\xa0protected]", ["[email\xa0protected]"]),
    "definition keeps its braces": ("$A={x}", ["$A={x}"]),
}

DPVS_LINES = {
    "decoration": ("<init> device dpdk0 {", ["device", "dpdk0", "{"]),
    "decoration with blanks": ("<init only> a 1 <the default>", ["a", "1"]),
    "decoration that does not end": ("a 1 <rest", ["a", "1"]),
    "comment where a word starts": ("a 1 ! text", ["a", "1"]),
    "no comment inside a word": ("log_file a#b", ["log_file", "a#b"]),
    "commented decoration": ("!<init> worker cpu17 {", []),
    "quotes to the end of the line": ('options "a=b; c', ["options", "a=b; c"]),
}


@pytest.mark.parametrize("text, words", KEEPALIVED_LINES.values(), ids=KEEPALIVED_LINES)
def test_keepalived_line(text: str, words: list[str]) -> None:
    assert split(text) == words


@pytest.mark.parametrize("text, words", DPVS_LINES.values(), ids=DPVS_LINES)
def test_dpvs_line(text: str, words: list[str]) -> None:
    assert split(text, DPVS) == words


def test_braces_are_syntax_only_outside_quotes() -> None:
    words = split('a "{" {')
    assert [word is OPEN for word in words] == [False, False, True]
    assert split("}")[0] is CLOSE


def test_columns_count_from_the_start_of_the_line() -> None:
    assert placed('  a "b c" { d } # e') == [("a", 2), ("b c", 4), ("{", 10), ("d", 12), ("}", 14)]


def test_open_quote_is_refused_with_its_column() -> None:
    with pytest.raises(BadValue) as caught:
        split('script "abc')
    assert caught.value.at == 7


def quoted(word: str) -> str:
    """`word` so that the scanner gives it back: every letter quoted but the backslash."""
    pieces = []
    for letter in word:
        if letter == "\\":
            pieces.append(letter)
        else:
            quote = "'" if letter == '"' else '"'
            pieces.append(quote + letter + quote)
    return "".join(pieces) or '""'


letters = st.characters(exclude_characters="\n\0", exclude_categories=["Cs"])
words_of_a_line = st.lists(st.text(letters, max_size=8), min_size=1, max_size=6)
gaps = st.text(" \t\r", min_size=1, max_size=3)


@given(words=words_of_a_line, gap=gaps, first=st.text(" \t", max_size=3))
def test_quoted_words_come_back_with_their_columns(words: list[str], gap: str, first: str) -> None:
    line, expected = first, []
    for word in words:
        expected.append((word, len(line)))
        line += quoted(word) + gap
    assert placed(line) == expected


plain_letters = st.characters(
    min_codepoint=33, max_codepoint=126, exclude_characters="#!\"'\\${}~@<"
)


@given(words=st.lists(st.text(plain_letters, min_size=1), min_size=1, max_size=6), gap=gaps)
def test_plain_words_come_back_in_both_dialects(words: list[str], gap: str) -> None:
    line = gap.join(words)
    assert split(line) == split(line, DPVS) == words
    assert [line[column : column + len(word)] for word, column in placed(line)] == words


@given(text=st.text(st.characters(exclude_characters="\n"), max_size=60))
def test_any_line_is_words_or_one_open_quote(text: str) -> None:
    for rules in (KEEPALIVED, DPVS):
        try:
            words = split(text, rules)
        except BadValue as bad:
            assert rules.quote_must_close and text[bad.at] in rules.quotes
        else:
            assert all(isinstance(word, str) for word in words)
