"""What the core or the checkers do not carry yet is said, once for each thing that has a name."""

import re
from collections.abc import Iterator

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from keepalivedpy.config.rule import Places, Rule
from keepalivedpy.lvs.carried import (
    CHECKS,
    FEATURES,
    MATCH_VALUES,
    MOST_ADDRESSES,
    VALUES,
    is_carried,
    left_out_checks,
    refusal,
)
from keepalivedpy.model.checks import HttpGet
from keepalivedpy.model.lvs import GroupMark
from keepalivedpy.model.root import Root

NOT_PROGRAMMED = "not carried yet: the service is not programmed"
UNCHECKED = "not carried yet: without this check the server counts as up"

BROKEN_REGEX = re.compile("unterminated|unbalanced|missing \\)|nothing to repeat|bad escape .end")
"""Of what Python says about a regular expression: the mistakes that PCRE finds too."""


def carried(model: Root, places: Places, reader: Reader) -> None:
    """A value that the core refuses, or a feature that it leaves out, is said once."""
    for server in model.virtual_servers:
        block = places[server.place]
        for field, (keywords, values) in (VALUES if server.match is None else MATCH_VALUES).items():
            value = getattr(server, field)
            if value not in values:
                node = block.node_of(*keywords)
                reader.not_carried_text(node, f"{keywords[0]} {value}", at=min(1, len(node.words)))
        for feature in FEATURES:
            if getattr(server, feature.field) != feature.off:
                node = block.node_of(feature.keyword)
                reader.not_carried_text(node, feature.keyword, effect=feature.effect)


def refused(model: Root, places: Places, reader: Reader) -> None:
    """Services of which nothing is programmed."""
    for server in model.virtual_servers:
        if why := refusal(server):
            reader.not_carried_text(places[server.place].node, why, effect=NOT_PROGRAMMED)


def group_lines(model: Root, places: Places, reader: Reader) -> None:
    """Lines of a virtual_server_group that make no service."""
    for group in model.virtual_server_groups:
        for entry in group.entries:
            if is_carried(entry):
                continue
            what = (
                "fwmark in virtual_server_group"
                if isinstance(entry, GroupMark)
                else f"more than {MOST_ADDRESSES} addresses in a line of virtual_server_group"
            )
            node = places[group.place].node
            reader.not_carried_text(node, what, effect="not carried yet: it makes no service")


def unasked_checks(model: Root, places: Places, reader: Reader) -> None:
    """Checks that nobody asks: what that means for the server is said at the first of each kind."""
    for server in model.virtual_servers:
        if not any(left_out_checks(real) for real in server.real_servers):
            continue
        for draft in places[server.place].values["real_servers"]:
            for check in draft.values.get("checkers", ()):
                if check.block.model not in CHECKS:
                    what = f"{check.block.name} in real_server"
                    reader.not_carried_text(check.node, what, effect=UNCHECKED)


def regexes(model: Root, places: Places, reader: Reader) -> None:
    """A regular expression that cannot be one; keepalived leaves the check without it, silently."""
    for server in model.virtual_servers:
        for real in server.real_servers:
            for check in real.checkers:
                if isinstance(check, HttpGet):
                    for url in check.urls:
                        if url.regex is not None:
                            _regex(url.regex, places[server.place], reader)


def _regex(regex: str, service: Draft, reader: Reader) -> None:
    try:
        re.compile(regex)
    except re.error as error:
        if BROKEN_REGEX.search(error.msg):
            node = next(n for n in _below(service) if n.words[:2] == ["regex", regex])
            form = f"a regular expression ({error.msg} at character {(error.pos or 0) + 1})"
            reader.remark(node, f"regex '{regex}'", form, "it never matches", at=1)


def _below(draft: Draft) -> Iterator[Node]:
    """All statements of a block and of those inside."""
    todo = list(draft.node.children or ())
    while todo:
        node = todo.pop()
        yield node
        todo += node.children or ()


CARRIED_RULES: tuple[Rule, ...] = (
    carried,
    refused,
    group_lines,
    unasked_checks,
    regexes,
)
