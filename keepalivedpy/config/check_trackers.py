"""Rules about what instances and groups watch: it is there, and its weight has an effect."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from keepalivedpy.config.rule import Places, Rule, one_of_names
from keepalivedpy.model.root import Root
from keepalivedpy.model.trackers import Track
from keepalivedpy.model.vrrp import VrrpInstance, VrrpSyncGroup

Owner = VrrpInstance | VrrpSyncGroup
OWNER_PRIORITY = 255
SHELL = "<>(&|"
"""What starts a command that only a shell understands, as `</dev/tcp/192.0.2.1/80`."""


class Kind(NamedTuple):
    """A track_* block and the blocks that its lines name."""

    keyword: str
    block: str
    known: Callable[[Root], Mapping[str, int]]
    """Name to the tracker's own weight."""


KINDS = (
    Kind("track_script", "vrrp_script", lambda r: {t.name: t.weight for t in r.vrrp_scripts}),
    Kind("track_file", "track_file", lambda r: {t.name: t.weight for t in r.track_files}),
    Kind(
        "track_process",
        "vrrp_track_process",
        lambda r: {t.name: t.weight for t in r.track_processes},
    ),
    Kind("track_bfd", "bfd_instance", lambda r: {t.name: t.weight for t in r.bfd_instances}),
)


def trackers_exist(model: Root, places: Places, reader: Reader) -> None:
    """Each name of a track_* block is that of a tracker, once."""
    for kind in KINDS:
        known = kind.known(model)
        owners: list[Owner] = [*model.vrrp_instances, *model.vrrp_sync_groups]
        for owner in owners:
            names: set[str] = set()
            for track in tracks(owner, kind.keyword):
                node = line_of(places[owner.place], kind.keyword, track.name)
                if track.name not in known:
                    reader.report(
                        node,
                        f"{track.name} in {kind.keyword}",
                        one_of_names(kind.block, known),
                        "it is ignored",
                    )
                elif track.name in names:
                    reader.report(
                        node,
                        f"{track.name} a second time in {kind.keyword}",
                        "each once",
                        "the first one counts",
                    )
                names.add(track.name)


def weights_change(model: Root, places: Places, reader: Reader) -> None:
    """A weight changes the priority, which an owner's is not, and nopreempt hinders."""
    known = {kind.keyword: kind.known(model) for kind in KINDS}
    for instance in model.vrrp_instances:
        for keyword, track in _weighted(instance, known):
            node = line_of(places[instance.place], keyword, track.name)
            if instance.priority == OWNER_PRIORITY:
                reader.report(
                    node,
                    f"{track.name} with a weight in an instance of priority 255",
                    "weight 0, or another priority",
                    "it is ignored",
                    severity="warning",
                )
            elif instance.nopreempt:
                reader.remark(
                    node,
                    f"{track.name} with a weight together with nopreempt",
                    "weight 0, or no nopreempt",
                    "a lower priority of the MASTER makes no other one take over",
                )


def _weighted(
    instance: VrrpInstance, known: Mapping[str, Mapping[str, int]]
) -> Iterator[tuple[str, Track]]:
    """`known`: the weights of trackers by name, by the keyword of the block that names them."""
    for keyword, weights in known.items():
        for track in tracks(instance, keyword):
            weight = weights.get(track.name, 0) if track.weight is None else track.weight
            if weight and track.name in weights:
                yield keyword, track
    for track in instance.track_interface:
        if track.weight:
            yield "track_interface", track


def interfaces_watched(model: Root, places: Places, reader: Reader) -> None:
    """A weight of an interface is not carried; the instance's own one is watched anyway."""
    for instance in model.vrrp_instances:
        for track in instance.track_interface:
            node = line_of(places[instance.place], "track_interface", track.name)
            if track.weight or track.reverse:
                reader.not_carried_text(node, "weight in track_interface", at=len(node.words) - 1)
            if track.name == instance.interface and not instance.dont_track_primary:
                reader.report(
                    node,
                    f"{track.name}, which is the instance's interface, in track_interface",
                    "another interface",
                    "it is watched anyway",
                    severity="warning",
                )


def scripts_there(model: Root, places: Places, reader: Reader) -> None:
    """The program of a vrrp_script can be run."""
    for script in model.vrrp_scripts:
        words = script.script.command.split()
        if words and words[0][0] not in SHELL and not shutil.which(words[0]):
            reader.report(
                places[script.place].node_of("script"),
                f"the script {script.script.command!r}",
                "a program that can be run",
                f"vrrp_script {script.name} is not run",
                at=1,
                severity="warning",
            )


def trackers_once(model: Root, places: Places, reader: Reader) -> None:
    """A tracker's name is its identity; upstream says nothing of some."""
    silent = (model.vrrp_scripts, model.track_files, model.track_processes)
    for kind in (*silent, model.bfd_instances, model.track_groups, model.vrrp_sync_groups):
        first: dict[str, str] = {}
        for one in kind:
            if first.setdefault(one.name, one.place) != one.place:
                node = places[one.place].node
                found = f"{node.name} {one.name} a second time (first: {first[one.name]})"
                say = reader.remark if kind in silent else reader.report
                say(node, found, "another name", at=1)


def tracks(owner: Owner, keyword: str) -> tuple[Track, ...]:
    found: tuple[Track, ...] = getattr(owner, keyword)
    return found


def line_of(draft: Draft, keyword: str, word: str) -> Node:
    """The line of a block inside `draft` that starts with `word`."""
    for block in draft.node.children or ():
        if block.words[0] == keyword:
            for line in block.children or ():
                if line.words[0] == word:
                    return line
    return draft.node_of(keyword)


TRACKER_RULES: tuple[Rule, ...] = (
    trackers_once,
    trackers_exist,
    weights_change,
    interfaces_watched,
    scripts_there,
)
