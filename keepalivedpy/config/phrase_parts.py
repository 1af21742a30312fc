"""What the grammars of lines are made of: options with a word, flags, and how a line is parsed.

A line's parser takes the words of a statement and gives the fields of a model; BadValue names the
word that is wrong. The options of a line are a table; the grammar comes from it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pyparsing as pp

from dpvs_core.config.errors import BadValue

Check = Callable[[str], Any]
"""Gives the value of a word, or raises ValueError with what would be right."""


class Option(NamedTuple):
    """`NAME WORD`; several names for the same, separated by blanks."""

    names: str
    field: str
    check: Check


def keyword(text: str) -> pp.ParserElement:
    return pp.Keyword(text, ident_chars=pp.printables)


def any_of(words: Iterable[str]) -> pp.ParserElement:
    return pp.MatchFirst([keyword(word) for word in words])


def argument(field: str) -> pp.ParserElement:
    return pp.Regex(r"\S+")(field)


def option(one: Option) -> pp.ParserElement:
    """Once the name is there, the word must follow."""
    words = one.names.split()
    return any_of(words).suppress() - argument(one.field).set_name(f"a word after {words[0]}")


def options(table: Iterable[Option], flags: Mapping[str, str]) -> pp.ParserElement:
    """Any one of them."""
    plain = [keyword(word)(field) for word, field in flags.items()]
    return pp.MatchFirst([*(option(one) for one in table), *plain])


def parse(
    grammar: pp.ParserElement,
    words: Sequence[str],
    form: str,
    at: int = 0,
    *,
    at_end: type[BadValue] = BadValue,
) -> Any:
    """What `grammar` finds in all of `words`, as a dict; raises `at_end` for an option cut off."""
    for index, word in enumerate(words):
        if len(word.split()) > 1:  # in quotes
            raise BadValue(f"'{word}'", f"{form}, no blanks in a word", at + index)
    try:
        found = grammar.parse_string(" ".join(words), parse_all=True)
    except pp.ParseBaseException as error:
        if error.loc >= len(error.pstr):
            expected = error.msg.removeprefix("Expected ").split(", found")[0]
            raise at_end("the end of the line", expected, at + len(words)) from None
        index = min(error.pstr[: error.loc].count(" "), len(words) - 1)
        raise BadValue(f"'{words[index]}'", form, at + index) from None
    return found.as_dict()


def typed(
    table: Iterable[Option],
    flags: Mapping[str, str],
    found: Mapping[str, Any],
    words: Sequence[str],
) -> dict[str, Any]:
    """The fields of `table` and `flags` in `found` as values."""
    fields: dict[str, Any] = {
        one.field: checked(one.check, found[one.field], words)
        for one in table
        if one.field in found
    }
    return fields | {field: True for field in flags.values() if field in found}


def checked(check: Check, word: str, words: Sequence[str]) -> Any:
    """The value of a word; a wrong one is found again in the line for its place."""
    try:
        return check(word)
    except ValueError as error:
        at = list(words).index(word) if word in words else 0
        raise BadValue(f"'{word}'", str(error), at) from None
