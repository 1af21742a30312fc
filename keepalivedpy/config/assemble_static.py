"""Trackers, BFD and groups outside the instances: Drafts -> model, corrected as keepalived does."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from dpvs_core.config.addresses import family_of
from dpvs_core.config.errors import BadValue
from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Text, Value
from keepalivedpy.config.inherit import own
from keepalivedpy.config.lines import SCRIPT
from keepalivedpy.config.lines_trackers import ProcessWords
from keepalivedpy.model.bfd import BfdInstance
from keepalivedpy.model.static import GarpGroup, TrackGroup
from keepalivedpy.model.trackers import TrackFile, TrackProcess, VrrpScript

MAX_BFD_NAME = 31
PACES = frozenset({"garp_interval_us", "gna_interval_us"})
ONCE: dict[str, Value] = {"file": Text(), "process": ProcessWords(), "script": SCRIPT}


def vrrp_script(draft: Draft, reader: Reader) -> VrrpScript | None:
    """The script, or None without a command."""
    values = own(draft.values)
    if not _has(draft, "script", 'script "/path/to/program arg"', reader):
        return None
    command = values["script"]
    values.setdefault("user", command.user)
    values.setdefault("group", command.group)
    return VrrpScript(**values, place=draft.node.short_place)


def track_file(draft: Draft, reader: Reader) -> TrackFile | None:
    """The file, or None without a path."""
    if not _has(draft, "file", "file PATH", reader):
        return None
    first = draft.values.get("init_file")
    if first is not None and not -254 <= first.value <= 254:
        reader.report(
            draft.node_of("init_file"),
            f"init_file {first.value}",
            "a number from -254 to 254",
            severity="warning",
        )
    return TrackFile(**own(draft.values), place=draft.node.short_place)


def track_process(draft: Draft, reader: Reader) -> TrackProcess | None:
    """The process, or None without a command; quorum_max cannot be below a quorum beyond 1."""
    if not _has(draft, "process", "process COMMAND", reader):
        return None
    values = own(draft.values)
    highest, quorum = values.get("quorum_max"), values.get("quorum", 1)
    if highest is not None and highest < quorum and (highest or quorum > 1):
        reader.report(
            draft.node_of("quorum_max"),
            f"quorum_max {highest} with quorum {quorum}",
            f"at least {quorum}",
            "quorum_max is ignored",
            at=1,
        )
        del values["quorum_max"]
    return TrackProcess(**values, place=draft.node.short_place)


def bfd_instance(draft: Draft, reader: Reader) -> BfdInstance | None:
    """The instance, or None without a neighbour, or with ends of two families."""
    values = own(draft.values)
    if len(values["name"]) > MAX_BFD_NAME:
        reader.report(
            draft.node,
            f"bfd_instance with a name of {len(values['name'])} characters",
            f"at most {MAX_BFD_NAME}",
            "it is ignored",
            at=1,
        )
        return None
    if not _has(draft, "neighbor_ip", "neighbor_ip ADDRESS", reader):
        return None
    neighbor, source = values["neighbor_ip"], values.get("source_ip")
    if source is not None and family_of(source) != family_of(neighbor):
        reader.report(
            draft.node_of("source_ip"),
            f"source_ip {source} with neighbor_ip {neighbor}",
            f"an IPv{family_of(neighbor)} address",
            "the bfd_instance is ignored",
            at=1,
        )
        return None
    return BfdInstance(**values, place=draft.node.short_place)


def track_group(draft: Draft, reader: Reader) -> TrackGroup:
    values = own(draft.values)
    members = tuple(names(values.pop("group", ())))
    if not members:
        reader.report(
            draft.node, "track_group without a member", "group { INSTANCE }", "it is ignored"
        )
    return TrackGroup(**values, group=members, place=draft.node.short_place)


def garp_group(draft: Draft, reader: Reader) -> GarpGroup | None:
    """The group, or None where it sets no pace."""
    values = own(draft.values)
    if not PACES & values.keys():
        reader.report(
            draft.node,
            "garp_group without a pace",
            "garp_interval",
            "it is ignored",
        )
        return None
    return GarpGroup(**values | {"interfaces": tuple(names(values.get("interfaces", ())))})


def names(lines: Iterable[Any]) -> list[str]:
    """The names of lines that may have several."""
    return [name for line in lines for name in (line if isinstance(line, list) else [line])]


def _first(value: Value, nodes: Iterable[Node], last: Any) -> Any:
    """The value of the first line that has one; wrong ones were reported when they were read."""
    for node in nodes:
        if len(node.words) > 1:
            with suppress(BadValue):
                return value.read(node, 1)
    return last


def _has(draft: Draft, field: str, expected: str, reader: Reader) -> bool:
    """Whether the block has what it cannot do without; of several the first one counts."""
    nodes = [node for node in draft.node.children or () if node.words[0] == field]
    for node in nodes[1:] if field in ONCE else ():
        reader.report(node, f"{field} a second time", "one", "the first one counts")
    if field in draft.values:
        if len(nodes) > 1 and field in ONCE:
            draft.values[field] = _first(ONCE[field], nodes, draft.values[field])
        return True
    what = f"{draft.node.name} {draft.values['name']}"
    reader.report(draft.node, f"{what} without {field}", expected, "it is ignored")
    return False
