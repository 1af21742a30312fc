"""`keepalived --plan [FILE]`: what a reload with FILE would do to the running daemon."""

import time
from enum import IntEnum
from typing import TextIO

import msgspec

from keepalivedpy.config.load import load
from keepalivedpy.config.render import render
from keepalivedpy.daemon.options import Options
from keepalivedpy.daemon.pidfile import live_pid
from keepalivedpy.plan.changes import Change, changes
from keepalivedpy.plan.loaded import Loaded, UnreadableError, loaded_path, read
from keepalivedpy.plan.screen import lines


class PlanExit(IntEnum):
    HARMLESS = 0
    UNKNOWN = 1
    DISRUPTS = 2


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The answer as a document. `pid` None: nothing runs, everything would be added."""

    config: str
    pid: int | None
    disrupts: bool
    changes: tuple[Change, ...]


def show_plan(options: Options, out: TextIO, errors: TextIO) -> PlanExit:
    """Print the plan for options.plan; the exit status."""
    config = options.config if options.plan in (None, "-") else str(options.plan)
    pid = live_pid(options.pid_file)
    try:
        running = read(loaded_path(options.pid_file)) if pid is not None else Loaded()
    except UnreadableError as error:
        print(f"what runs (pid {pid}) is not known: {error}", file=errors)
        return PlanExit.UNKNOWN
    result = load(config, config_id=options.config_id, all_includes=options.all_includes)
    for diagnostic in result.errors:
        print(render(diagnostic), file=errors)
    if result.errors:
        print(f"a reload would refuse {config} and keep what runs", file=errors)
        return PlanExit.UNKNOWN
    found = changes(running.root, result.root)
    disrupts = any(change.is_disruptive for change in found)
    if options.json:
        plan = Plan(config=config, pid=pid, disrupts=disrupts, changes=tuple(found))
        print(msgspec.json.format(msgspec.json.encode(plan), indent=2).decode(), file=out)
    else:
        print(_title(config, pid, running), file=out)
        for line in lines(found):
            print(line, file=out)
    return PlanExit.DISRUPTS if disrupts else PlanExit.HARMLESS


def _title(config: str, pid: int | None, running: Loaded) -> str:
    if pid is None:
        return f"keepalived is not running; a start with {config} would bring:"
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(running.read_at))
    return f"A reload with {config} of pid {pid}, which has {running.config} as of {at}:"
