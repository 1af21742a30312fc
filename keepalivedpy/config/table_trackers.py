"""vrrp_script, track_process and track_file as rows, and the blocks of lines that name them."""

from functools import partial
from typing import Any

from dpvs_core.config.keywords import Block, Keyword, Lines, Named
from dpvs_core.config.quoting import has_plain_line
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Choice, Flag, Int, Text, Timer
from keepalivedpy.config.lines import SCRIPT, Optional, Tested, UserWords
from keepalivedpy.config.lines_trackers import InitFileWords, ProcessWords, TrackLine, Weight
from keepalivedpy.model.script import ScriptUser
from keepalivedpy.model.trackers import TrackFile, TrackProcess, VrrpScript

INTERVAL = Timer(0, 4294_000_000)
DELAY = Timer(1, 3600_000_000)
TIMES = Int(1, 2**31 - 1)
NEEDED_NAME = Named(needed=True)
TRACK = TrackLine()
TRACK_SCRIPT = TrackLine(most=253)
TRACK_INTERFACE = TrackLine(most=253, noreverse=False)
TRACK_BFD = TrackLine(253)


class RunAs:
    """`USER [GROUP]`, two fields of a tracker."""

    n_words = 1
    fields = ("user", "group")
    expected = UserWords.expected

    def read(self, node: Node, at: int) -> dict[str, str | None]:
        found = UserWords().read(node, at)
        return {"user": found.user, "group": found.group}

    def words(self, value: dict[str, Any]) -> list[str] | None:
        if value["user"] is None:
            return None
        words = UserWords().words(ScriptUser(value["user"], value["group"]))
        # The script's own line may have named it, with escapes; then that is enough.
        return words if all(map(has_plain_line, words)) else None


class BothDelays:
    """fork_delay and terminate_delay in one."""

    n_words = 1
    fields = ("fork_delay_us", "terminate_delay_us")
    expected = DELAY.expected

    def read(self, node: Node, at: int) -> dict[str, int]:
        return dict.fromkeys(self.fields, DELAY.read(node, at))

    def words(self, value: dict[str, Any]) -> list[str] | None:
        fork_us, terminate_us = (value[field] for field in self.fields)
        return None if fork_us is None or fork_us != terminate_us else DELAY.words(fork_us)


VRRP_SCRIPT = Block(
    "vrrp_script",
    (
        Keyword("script", Tested(SCRIPT), "script", "its exit status says whether all is well"),
        Keyword("interval", INTERVAL, "interval_us", "between two runs"),
        Keyword("timeout", INTERVAL, "timeout_us", "how long one may last"),
        Keyword("weight", Weight(253), "", "what it does to the priority; 0: FAULT"),
        Keyword("rise", TIMES, "rise", "successes until it counts as well"),
        Keyword("fall", TIMES, "fall", "failures until it counts as failed"),
        Keyword("user", RunAs(), "", "who runs it"),
        Keyword("init_fail", Flag(), "init_fail", "counts as failed at start"),
    ),
    "a script that instances watch",
    field="vrrp_scripts",
    model=VrrpScript,
    header=NEEDED_NAME,
    repeats=True,
    later=True,
)

TRACK_PROCESS = Block(
    "vrrp_track_process",
    (
        Keyword("process", ProcessWords(), "process", "the command that must run"),
        Keyword(
            "param_match",
            Optional(Choice("initial", "partial"), "exact"),
            "param_match",
            "how arguments are compared",
        ),
        Keyword("full_command", Flag(), "full_command", "compare the whole command line"),
        Keyword("weight", Tested(Weight(254)), "", "what it does to the priority; 0: FAULT"),
        Keyword("quorum", Int(1, 65535), "quorum", "fewest that must run"),
        Keyword("quorum_max", Int(0, 65535), "quorum_max", "most that may run"),
        Keyword("delay", BothDelays(), "", "fork_delay and terminate_delay"),
        Keyword("fork_delay", DELAY, "fork_delay_us", "after quorum is reached"),
        Keyword("terminate_delay", DELAY, "terminate_delay_us", "after quorum is lost"),
    ),
    "a process that instances watch",
    field="track_processes",
    model=TrackProcess,
    header=NEEDED_NAME,
    repeats=True,
    later=True,
)


def _track_file(name: str, doc: str) -> Block:
    return Block(
        name,
        (
            Keyword("file", Tested(Text("a path")), "file", "a number stands in it"),
            Keyword("weight", Tested(Weight(254)), "", "times that number; 0: FAULT"),
            Keyword("init_file", InitFileWords(), "init_file", "made at start with this number"),
        ),
        doc,
        field="track_files",
        model=TrackFile,
        header=NEEDED_NAME,
        repeats=True,
        later=True,
    )


TRACK_FILE = _track_file("track_file", "a file that instances watch")
VRRP_TRACK_FILE = _track_file("vrrp_track_file", "old name of track_file")

_later = partial(Lines, later=True)
TRACKS = (
    _later("track_script", TRACK_SCRIPT, "track_script", "the vrrp_scripts it watches"),
    _later("track_file", TRACK, "track_file", "the track_files it watches"),
    _later("track_process", TRACK, "track_process", "the vrrp_track_processes it watches"),
    _later("track_bfd", TRACK_BFD, "track_bfd", "the bfd_instances it watches"),
)
