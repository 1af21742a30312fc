"""The command line of a show: play its scenes, keep what they have built, remove it.

Exit status 0 only if everything happened as it was told.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Generic, NoReturn, TypeVar

from examples.show.required import ShowError
from examples.show.stage import Stage
from examples.show.teller import Teller
from tests.netns import topology
from tests.netns.plan import Plan
from tests.netns.topology import Topology

PREFIX = "demo"  # of every show's namespaces, so that --remove finds all
N_LOG_LINES = 30
FAILED, WRONG_WORDS, INTERRUPTED = 1, 2, 130
FAILURES = (ShowError, TimeoutError, RuntimeError, subprocess.SubprocessError)

S = TypeVar("S", bound=Stage)


@dataclass(frozen=True, slots=True)
class Show(Generic[S]):
    """`end`: scenes that take it down in an orderly way, left out when it is to be kept.

    A scene's docstring is its title. `keep_text` has {name}, {folder} and {vip}.
    """

    name: str
    about: str  # one line
    plan: Plan
    stage: Callable[[Topology, Teller], S]
    scenes: Sequence[Callable[[S], None]]
    end: Sequence[Callable[[S], None]]
    keep_text: str

    @property
    def command(self) -> str:
        """As a person types it."""
        return f"script/demo {self.name}"


def run(show: Show[S], words: Sequence[str]) -> int:
    """What the words of the command line ask for; the exit status."""
    parser = argparse.ArgumentParser(
        prog=show.command,
        description=show.about,
        epilog="Other examples: script/demo --list",
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--keep", action="store_true", help="leave it running at the end")
    choice.add_argument("--remove", action="store_true", help="remove what --keep has left")
    options = parser.parse_args(words)
    if os.geteuid() != 0:
        print("demo: must be root, for it makes network namespaces", file=sys.stderr)
        return WRONG_WORDS
    if options.remove:
        return _remove_kept()
    signal.signal(signal.SIGTERM, _terminated)
    return _present(show, options.keep)


def _present(show: Show[S], keep: bool) -> int:
    tell = Teller()
    try:
        with Topology(show.plan, prefix=PREFIX) as net:
            _play(show, show.stage(net, tell), keep)
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything is removed", file=sys.stderr)
        return INTERRUPTED
    except FAILURES as error:
        print(f"\ndemo: FAILED: {error}", file=sys.stderr)
        print(busy_note(os.getloadavg()[0], len(os.sched_getaffinity(0))), end="", file=sys.stderr)
        return FAILED
    if not keep:
        tell.say("namespaces, programs and files are removed")
    print(f"\nAll of it happened, in {tell.elapsed_s():.0f} s.")
    return 0


def _play(show: Show[S], stage: S, keep: bool) -> None:
    try:
        for scene in show.scenes if keep else (*show.scenes, *show.end):
            stage.tell.scene(scene.__doc__ or "")
            scene(stage)
    except FAILURES:
        for name, director in stage.directors.items():
            print(f"\nThe last lines of {name}'s log:", file=sys.stderr)
            print("\n".join(director.log.splitlines()[-N_LOG_LINES:]), file=sys.stderr)
        raise
    if keep:
        stage.net.keep()
        print(show.keep_text.format(name=stage.net.name, folder=stage.net.folder, vip=stage.vip))
        print(f"To remove it:   {show.command} --remove")


def busy_note(load: float, n_cpus: int) -> str:
    """A line on what else may be to blame; empty on a machine with time to spare. The show's own
    programs take less than two processors."""
    if load <= n_cpus + 1:
        return ""
    return (
        f"demo: this machine is busy (load {load:.1f}, {n_cpus} processors), and some of what is"
        " shown must happen in time: try again when it is quiet\n"
    )


def _remove_kept() -> int:
    names = {namespace.rsplit("-", 1)[0] for namespace in topology.namespaces()}
    kept = sorted(name for name in names if re.fullmatch(rf"{PREFIX}\d+", name))
    for name in kept:
        topology.remove(name)
        print(f"demo: removed {name}")
    if not kept:
        print("demo: nothing to remove")
    return 0


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
