"""Words, quotes, comments and columns of both dialects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.config.scan import (
    CLOSE,
    DPVS,
    KEEPALIVED,
    OPEN,
    OpenQuote,
    Rules,
    Scanner,
    plain_columns,
)


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
    "a quote in a parameter": ('a ${I"x"}', ["a", "$", "{", "I", "x", "}"]),
    "a quote ends a word": ('router_id abc"d e"f', ["router_id", "abc", "d e", "f"]),
    "a single quote is a letter": ("router_id it's", ["router_id", "it's"]),
    "no escapes in quotes": (r'router_id "a\b#"', ["router_id", r"a\b#"]),
    "an empty word": ('router_id ""', ["router_id", ""]),
    "pieces of a string join": ("script a'b c'\"d\"", ["script", "ab cd"]),
    "single quotes": ("script 'a \"b\" c'", ["script", 'a "b" c']),
    "escaped quote": (r'script "a \" b"', ["script", 'a " b']),
    "escapes": (r'script "\a\n\t\E\101\x42\cC\q"', ["script", "\a\n\t\x1bAB\x03q"]),
    "braces behind a string": ('script "{" {', ["script", "{", "{"]),
    "braces are words": ("vrrp_instance V{", ["vrrp_instance", "V", "{"]),
    "block on one line": ("a { 10.0.0.1 }", ["a", "{", "10.0.0.1", "}"]),
    "a brace in a parameter": ("priority ${PRIO}", ["priority", "${PRIO}"]),
    "mangled e-mail": ("[email\xa0protected]", ["[email\xa0protected]"]),
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


OPEN_QUOTES = {
    "what stands before is of use": ('router_id a "bc', 12, ["router_id", "a"]),
    "not that of a string": ('script a "bc', 9, []),
    "a single quote of a string": ("script it's", 9, []),
    "a brace in single quotes": ("script '/bin/x {'", 7, []),
    "a comment inside single quotes": ("script 'a #b'", 7, []),
    "an escaped quote, which closes": (r'router_id "a\"', 10, ["router_id", "a\\"]),
}


@pytest.mark.parametrize("text, at, words", OPEN_QUOTES.values(), ids=OPEN_QUOTES)
def test_open_quote_is_refused_with_its_column(text: str, at: int, words: list[str]) -> None:
    with pytest.raises(OpenQuote) as caught:
        split(text)
    assert caught.value.at == at
    assert caught.value.words[0] == words


gaps = st.text(" \t\r", min_size=1, max_size=3)
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
        except OpenQuote as bad:
            assert rules.quote_must_close and text[bad.at] in "\"'"
        else:
            assert all(isinstance(word, str) for word in words)
