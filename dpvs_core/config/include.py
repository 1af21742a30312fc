"""The forms of `include` and `include_check`, and which files a pattern names."""

import glob
import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from dpvs_core.config.scan import uncommented

Checks = frozenset[str]
"""Failures that refuse the configuration: "read", "match", "wildcard_match", "brace_match"."""

NO_CHECKS: Checks = frozenset()
ALL_CHECKS: Checks = frozenset({"read", "match", "wildcard_match", "brace_match"})
CHECK = "include_check"
MAX_PATTERNS = 10_000

_WILD = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{([^{}]*)\}")
_INCLUDE = re.compile(r"[ \t]*(include[rmwba]?)[ \t]+(\S.*?)[ \t\r]*$")
_CHECK = re.compile(rf"[ \t]*{CHECK}(?=[ \t\r]|$)(.*)")


class Include(NamedTuple):
    """An include line; `at` is the column (from 0) of its keyword."""

    keyword: str
    pattern: str
    at: int


class Files(NamedTuple):
    """What a pattern names; `failure` is the kind of failure that what is missing amounts to."""

    names: tuple[str, ...]
    missing: tuple[str, ...]
    failure: str


def include_of(text: str, known: Mapping[str, Checks]) -> Include | None:
    """The include on a line: all after the keyword is the pattern, quotes and blanks too."""
    match = _INCLUDE.match(text)
    if match is None or match[1] not in known:
        return None
    match = _INCLUDE.match(uncommented(text)[0])
    return None if match is None else Include(match[1], match[2], match.start(1))


def changed_checks(text: str, checks: Checks) -> Checks:
    """What holds after an include_check line; without words all of them.

    >>> sorted(changed_checks("include_check -match +read", frozenset({"match"})))
    ['read']
    """
    match = _CHECK.match(uncommented(text)[0])
    if match is None:
        return checks
    words = match[1].split()
    if not words:
        return ALL_CHECKS
    found = set(checks if words[0][0] in "+-" else ())
    for at, word in enumerate(words):
        sign, name = ("", word) if word[0] not in "+-" else (word[0], word[1:])
        if sign == "-":
            found.discard(name)
        elif name in ALL_CHECKS and sign == "+":
            found.add(name)
        elif name in ALL_CHECKS and at == 0:
            found = {"read", name}
    return frozenset(found)


def files_of(pattern: str, base: str) -> Files:
    """The files of a pattern that is relative to the folder `base`."""
    found: dict[str, None] = {}
    missing: list[str] = []
    for one in expand_braces(pattern):
        names = sorted(glob.glob(os.path.join(glob.escape(base), one)))
        found.update(dict.fromkeys(names))
        if not names:
            missing.append(one)
    if _WILD.search(pattern):
        return Files(tuple(found), () if found else (pattern,), "wildcard_match")
    failure = "match" if expand_braces(pattern) == [pattern] else "brace_match"
    return Files(tuple(found), tuple(missing), failure)


def expand_braces(pattern: str) -> list[str]:
    """The patterns that one with {a,b} stands for, at most MAX_PATTERNS.

    >>> expand_braces("/etc/{a,b{1,2}}.conf")
    ['/etc/a.conf', '/etc/b1.conf', '/etc/b2.conf']
    """
    done: dict[str, None] = {}
    waiting = [pattern]
    while waiting and len(done) < MAX_PATTERNS:
        one = waiting.pop()
        match = _BRACES.search(one)
        if match is None or "," not in match[1]:
            done[one] = None
        else:
            before, after = one[: match.start()], one[match.end() :]
            waiting += [before + choice + after for choice in reversed(match[1].split(","))]
    return list(done)
