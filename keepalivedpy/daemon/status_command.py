"""`keepalived --status`: asks the processes of the running daemon and prints what they say.

Exit statuses are those of an init script's status action (LSB 3.1, 20.2): 0 it runs and all its
processes answer, whatever the state of instances and services; 3 it does not run; 4 no permission
to ask; 1 one of its processes is missing or does not answer within ask.TIMEOUT_S.

Imports nothing slow: a person, or a script every second, waits for it.
"""

import time
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec

from keepalivedpy.daemon.options import Options
from keepalivedpy.daemon.pidfile import live_pid
from keepalivedpy.status.ask import TIMEOUT_S, NoAnswerError, ask
from keepalivedpy.status.listener import status_path
from keepalivedpy.status.model import (
    CheckerStatus,
    ParentStatus,
    ProcessStatus,
    Status,
    VrrpStatus,
)
from keepalivedpy.status.paint import paint_for
from keepalivedpy.status.screen import screen

PROGRAM = "keepalived"
YOUNG_S = 2.0  # a process that has just started may not listen yet
RETRY_S = 0.05


class StatusExit(IntEnum):
    ANSWERS = 0
    INCOMPLETE = 1
    NOT_RUNNING = 3
    NO_PERMISSION = 4


class Teller(NamedTuple):
    """A child that tells its status: `title` as children.KINDS has it, `field` of Status."""

    title: str
    pid_option: str
    field: str
    answer: type[VrrpStatus] | type[CheckerStatus]


TELLERS = (
    Teller("VRRP", "vrrp_pid_file", "vrrp", VrrpStatus),
    Teller("Healthcheck", "checkers_pid_file", "checkers", CheckerStatus),
)


def show_status(options: Options, out: TextIO) -> StatusExit:
    """Print it; the exit status."""
    status, result = gather(options)
    if options.json:
        document = msgspec.json.format(msgspec.json.encode(status), indent=2)
        print(document.decode(), file=out)
    else:
        for line in screen(status, time.time(), paint_for(out)):
            print(line, file=out)
    return result


def gather(options: Options) -> tuple[Status, StatusExit]:
    """Ask the parent what there should be, then the children what they do."""
    pid = live_pid(options.pid_file)
    if pid is None:
        trouble = f"keepalived is not running ({options.pid_file})"
        return Status(pid=None, troubles=(trouble,)), StatusExit.NOT_RUNNING
    if (name := _name_of(pid)) not in ("", PROGRAM):
        trouble = f"keepalived is not running: {options.pid_file} names pid {pid}, which is {name}"
        return Status(pid=None, troubles=(trouble,)), StatusExit.NOT_RUNNING
    try:
        parent = ask(status_path(options.pid_file), ParentStatus, TIMEOUT_S)
    except NoAnswerError as error:
        return _without_parent(options, pid, error)
    answers, troubles, forbidden = _ask_all(options, parent.processes)
    status = Status(
        pid=parent.pid,
        version=parent.version,
        since=parent.since,
        config=parent.config,
        processes=parent.processes,
        troubles=(*_missing(parent.processes), *troubles),
    )
    status = msgspec.structs.replace(status, **answers)
    return status, _result(status, forbidden)


def _without_parent(options: Options, pid: int, error: NoAnswerError) -> tuple[Status, StatusExit]:
    """The parent is silent, or another program than ours; its children may speak all the same."""
    if error.permission:
        trouble = f"pid {pid} is keepalived: {error}"
        return Status(pid=pid, troubles=(trouble,)), StatusExit.NO_PERMISSION
    if error.absent:
        trouble = (
            f"pid {pid} is keepalived, but it has no status socket "
            f"({status_path(options.pid_file)}): another program of this name?"
        )
    else:
        trouble = f"pid {pid} is keepalived, but it does not answer: {error}"
    there = [
        ProcessStatus(name=teller.title, pid=child)
        for teller in TELLERS
        if (child := live_pid(_pid_file(options, teller)))
        and Path(status_path(_pid_file(options, teller))).exists()
    ]
    answers, troubles, _ = _ask_all(options, tuple(there))
    status = Status(pid=pid, troubles=(trouble, *troubles))
    return msgspec.structs.replace(status, **answers), StatusExit.INCOMPLETE


def _ask_all(
    options: Options, processes: tuple[ProcessStatus, ...]
) -> tuple[dict[str, msgspec.Struct], list[str], bool]:
    """Answers by the field of Status, troubles, and whether one was for want of permission."""
    answers: dict[str, msgspec.Struct] = {}
    troubles: list[str] = []
    forbidden = False
    running = {process.name: process for process in processes if process.pid}
    for teller in TELLERS:
        process = running.get(teller.title)
        if process is None:
            continue
        try:
            path = status_path(_pid_file(options, teller))
            answers[teller.field] = _ask_patiently(path, teller, process)
        except NoAnswerError as error:
            troubles.append(f"{teller.title} process, pid {process.pid}, does not answer: {error}")
            forbidden = forbidden or error.permission
    return answers, troubles, forbidden


def _ask_patiently(path: str, teller: Teller, process: ProcessStatus) -> VrrpStatus | CheckerStatus:
    """A process that has just started is given YOUNG_S to listen."""
    while True:
        try:
            return ask(path, teller.answer, TIMEOUT_S)
        except NoAnswerError as error:
            age_s = time.time() - process.since if process.since else YOUNG_S
            if not error.absent or not 0 <= age_s < YOUNG_S:
                raise
        time.sleep(RETRY_S)


def _missing(processes: tuple[ProcessStatus, ...]) -> Iterator[str]:
    for process in processes:
        if not process.pid:
            why = f"it {process.ended}" if process.ended else "it has not started yet"
            yield f"{process.name} process is not running: {why}"


def _result(status: Status, forbidden: bool) -> StatusExit:
    if forbidden:
        return StatusExit.NO_PERMISSION
    return StatusExit.INCOMPLETE if status.troubles else StatusExit.ANSWERS


def _pid_file(options: Options, teller: Teller) -> str:
    return str(getattr(options, teller.pid_option))


def _name_of(pid: int) -> str:
    """The process's short name, "" where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
