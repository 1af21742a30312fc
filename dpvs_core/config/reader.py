"""What a reader of statements says about those it cannot use, and how grave that is.

The two files differ: dpvs.conf goes on with the default and a warning (C-006, C-007), for
keepalived.conf the same mistakes are errors that show in the exit status of a configuration test.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from dpvs_core.config.errors import (
    AmendedValue,
    BadValue,
    Diagnostic,
    ErrorList,
    MissingWord,
    Severity,
    SwallowedValue,
)
from dpvs_core.config.tree import Node

MAX_SUGGESTIONS = 50
"""Looking for similar words costs a millisecond: only the first unknown ones get it."""


class Lack(NamedTuple):
    """What it means that nothing acts on an item; `quiet` are values that ask for just that."""

    effect: str = "not carried yet, ignored"
    quiet: tuple[str, ...] = ()


NO_LACKS: Mapping[str, Lack] = {}


class Policy(NamedTuple):
    """How a file's mistakes are taken."""

    severity: Severity = "error"
    exit_status: int = 5
    missing_exit_status: int = 2  # a keyword without its argument
    bad_value_resets: bool = False  # an invalid value also forgets an earlier valid one
    bad_value_effect: str = "the line is ignored"
    homes: Callable[[str], Iterable[str]] = lambda word: ()
    """The blocks that know a keyword ("": none), to say where a misplaced one belongs."""
    lacks: Mapping[str, Lack] = NO_LACKS  # by "KEYWORD in BLOCK", of those without effect


DPVS_POLICY = Policy(
    severity="warning",
    exit_status=0,
    missing_exit_status=0,
    bad_value_resets=True,
    bad_value_effect="the default is used",
)


class Reader:
    """Collects what is wrong during one run."""

    def __init__(self, errors: ErrorList, policy: Policy) -> None:
        self.errors, self.policy = errors, policy
        self._not_carried: set[str] = set()
        self._n_suggested = 0

    def report(
        self,
        node: Node,
        found: str,
        expected: str = "",
        effect: str = "",
        *,
        at: int = 0,
        severity: Severity | None = None,
        exit_status: int | None = None,
    ) -> None:
        """Add a mistake at word `at` of `node`; by default as grave as the policy says."""
        self.errors.add(
            Diagnostic(
                place=node.place(at),
                severity=severity or self.policy.severity,
                found=found,
                expected=expected,
                effect=effect,
                exit_status=self.policy.exit_status if exit_status is None else exit_status,
                source=node.source,
                note=node.note,
            )
        )

    def remark(
        self, node: Node, found: str, expected: str = "", effect: str = "", *, at: int = 0
    ) -> None:
        """A warning of ours that changes no exit status."""
        self.report(node, found, expected, effect, at=at, severity="warning", exit_status=0)

    def bad_value(self, node: Node, bad: BadValue) -> None:
        if isinstance(bad, AmendedValue):
            self._bad(node, bad, bad.found, bad.effect)
            return
        where = f" after {node.words[bad.at - 1]}" if bad.at > 0 else ""
        self._bad(node, bad, f"{bad.found}{where}", self.policy.bad_value_effect)

    def bad_header(self, node: Node, bad: BadValue) -> None:
        self._bad(node, bad, bad.found, f"the {node.name} is ignored")

    def _bad(self, node: Node, bad: BadValue, found: str, effect: str) -> None:
        if isinstance(bad, SwallowedValue):
            self.remark(node, found, bad.expected, effect, at=bad.at)
        else:
            missing = self.policy.missing_exit_status if isinstance(bad, MissingWord) else None
            self.report(node, found, bad.expected, effect, at=bad.at, exit_status=missing)

    def missing(self, node: Node, expected: str) -> None:
        self.report(
            node,
            f"{node.name} without its argument",
            expected,
            self.policy.bad_value_effect,
            at=len(node.words),
            exit_status=self.policy.missing_exit_status,
        )

    def missing_block(self, node: Node) -> None:
        self.report(
            node, f"{node.name} without a block", "'{'", "it is ignored", at=len(node.words)
        )

    def unexpected_block(self, node: Node) -> None:
        self.report(
            node,
            f"a block after {node.name}",
            "the end of the line",
            "it is ignored",
            at=len(node.words),
        )

    def again(self, node: Node) -> None:
        """A keyword that counts only once."""
        self.report(node, f"{node.name} a second time", "it once", "the first one counts")

    def old_word(self, node: Node, successor: str) -> None:
        """As upstream, it shows in the exit status."""
        self.report(node, f"{node.name}, an old word", successor, severity="warning")

    def swallowed(self, node: Node, at: int) -> None:
        """Another keyword behind the argument of this one."""
        found = f"'{node.words[at]}' on the line of {node.name}"
        self.remark(node, found, "a line of its own", "it is not read", at=at)

    def not_carried(self, block: str, node: Node) -> None:
        """One warning a keyword and run: known, but without effect here."""
        what = f"{node.words[0]} in {block}" if block else node.words[0]
        lack = self.policy.lacks.get(what, Lack())
        if " ".join(node.words[1:]) not in lack.quiet:
            self.not_carried_text(node, what, effect=lack.effect)

    def not_carried_text(
        self, node: Node, what: str, *, at: int = 0, effect: str = "not carried yet, ignored"
    ) -> None:
        """As not_carried, for anything that has a name."""
        if what not in self._not_carried:
            self._not_carried.add(what)
            self.remark(node, what, "", effect, at=at)

    def unknown(self, block: str, known: Mapping[str, object], node: Node) -> None:
        word = node.words[0]
        where = f" in {block}" if block else ""
        self.report(
            node,
            f"unknown keyword '{word}'{where}",
            self._suggestion(word, known),
            "it is ignored" if node.children is None else "it and its block are ignored",
        )

    def _suggestion(self, word: str, known: Mapping[str, object]) -> str:
        if homes := list(self.policy.homes(word)):
            if "" in homes:
                return "it outside of all blocks (is a '}' missing before it?)"
            return f"it inside {' or '.join(homes[:3])}"
        if self._n_suggested >= MAX_SUGGESTIONS or len(word) > 64:
            return ""
        self._n_suggested += 1
        from difflib import get_close_matches

        return "".join(get_close_matches(word, known, n=1, cutoff=0.7))
