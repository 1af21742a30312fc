"""ipvsadm: the virtual services of a running core (I-001..I-083).

Exit status: 0 done, 2 bad arguments or no core, 1 refused, 255 an option popt does not know.
"""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TextIO

from dpvs_core import __version__
from dpvs_core.control.client import CoreError
from dpvs_core.control.codec import DecodeError
from keepalivedpy.cli.errors import BAD_ARGUMENTS, REFUSED, CommandError, refusal
from keepalivedpy.cli.ipvsadm_commands import run_line
from keepalivedpy.cli.ipvsadm_line import parse_line
from keepalivedpy.cli.session import Session


def _attempt(action: Callable[[], None], err: TextIO) -> int:
    """Do it; a failure becomes a line on `err` and its exit status."""
    try:
        action()
    except CommandError as error:
        print(error, file=err)
        return error.status
    except CoreError as error:
        print(refusal(error), file=err)
        return REFUSED
    except DecodeError as error:
        print(f"no understanding with dpvs: {error}", file=err)
        return REFUSED
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"Can't initialize ipvs: {error.strerror or error}", file=err)
        print("Are you sure that dpvs is running?", file=err)
        return BAD_ARGUMENTS
    return 0


def _restore(session: Session, rules: TextIO, out: TextIO, err: TextIO) -> int:
    """Every line of `rules`; a failure does not stop it, the last one is the exit status."""
    status = _attempt(session.open, err)
    if status:
        return status
    for number, text in enumerate(rules, 1):
        words = text.split()
        if not words or words[0].startswith("#"):
            continue
        failed = _attempt(partial(_one, words, session, out), err)
        if failed:
            print(f"line {number} failed: {text.rstrip()}", file=err)
            status = failed
    return status


def _one(words: Sequence[str], session: Session, out: TextIO) -> None:
    """A line of a restored table."""
    line = parse_line(words)
    if line.command.name == "restore":
        raise CommandError("a restored table cannot hold -R")
    run_line(line, session, lambda text: print(text, file=out))


def _help(command: str, out: TextIO) -> None:
    from keepalivedpy.cli.ipvsadm_help import help_text, version_text

    print((help_text if command == "help" else version_text)(__version__), file=out)


def run(words: Sequence[str], session: Session, stdin: TextIO, out: TextIO, err: TextIO) -> int:
    """The whole program but for the process around it; returns the exit status."""
    try:
        line = parse_line(words)
    except CommandError as error:
        print(error, file=err)
        return error.status
    if line.command.name in ("help", "version"):
        _help(line.command.name, out)
        return 0
    if line.command.name == "restore":
        return _restore(session, stdin, out, err)
    return _attempt(lambda: run_line(line, session, lambda text: print(text, file=out)), err)


def main() -> None:
    try:
        with Session("ipvsadm") as session:
            status = run(sys.argv[1:], session, sys.stdin, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = REFUSED
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
