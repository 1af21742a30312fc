"""What instances and groups watch: scripts, processes, files, and the lines that name them."""

from typing import Literal

import msgspec

from keepalivedpy.model.script import Script


class Track(msgspec.Struct, frozen=True):
    """A line of track_*: NAME [weight N [reverse|noreverse]]; without weight the tracker's own.

    Weight 0 is FAULT while it fails; another one changes the priority.
    """

    name: str
    weight: int | None = None
    reverse: bool = False


class VrrpScript(msgspec.Struct, frozen=True, kw_only=True):
    """Its exit status says whether all is well; None is the default in the comment."""

    name: str
    script: Script
    interval_us: int = 1_000_000
    timeout_us: int | None = None  # the interval
    weight: int = 0
    reverse: bool = False
    rise: int = 1
    fall: int = 1
    user: str | None = None
    group: str | None = None
    init_fail: bool = False
    place: str = ""


class InitFile(msgspec.Struct, frozen=True):
    """`init_file [VALUE] [overwrite]`: make the file at start."""

    value: int = 0
    overwrite: bool = False


class TrackFile(msgspec.Struct, frozen=True, kw_only=True):
    """The first number in a file, times weight, is added to the priority."""

    name: str
    file: str
    weight: int = 1
    reverse: bool = False
    init_file: InitFile | None = None
    place: str = ""


class TrackProcess(msgspec.Struct, frozen=True, kw_only=True):
    """All is well while quorum to quorum_max processes of that name run."""

    name: str
    process: tuple[str, ...]  # the command and arguments that are compared
    param_match: Literal["exact", "initial", "partial"] | None = None
    full_command: bool = False
    weight: int = 0
    reverse: bool = False
    quorum: int = 1
    quorum_max: int | None = None
    fork_delay_us: int | None = None
    terminate_delay_us: int | None = None
    place: str = ""
