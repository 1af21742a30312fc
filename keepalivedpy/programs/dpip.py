"""dpip: devices, addresses, routes and counters of a running core (D-001..D-083).

Exit status: 0 done, 1 anything else. Help goes to stderr, as DPVS's does.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from dpvs_core import __version__
from dpvs_core.control.client import CoreError
from dpvs_core.control.codec import DecodeError
from keepalivedpy.cli import dpip_objects
from keepalivedpy.cli.command import Context, find_verb, read_form, usage
from keepalivedpy.cli.dpip_options import split_options
from keepalivedpy.cli.errors import REFUSED, CommandError, refusal
from keepalivedpy.cli.session import Session


def _capture(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    from keepalivedpy.cli import dpip_capture

    if words[:1] in (["help"], ["-h"]):
        print(dpip_capture.HELP, file=err)
        return 0 if words[0] == "help" else REFUSED
    form = dpip_capture.read_words(words)
    dpip_capture.capture(form, out.buffer, lambda text: print(text, file=err))
    return 0


def _dispatch(
    words: Sequence[str],
    session: Session,
    out: TextIO,
    err: TextIO,
    pause: Callable[[float], object],
) -> int:
    options, rest = split_options(words)
    if options.version:
        print(f"dpip-{__version__}", file=out)
        return 0
    if not rest or rest[0] == "help":
        print(dpip_objects.usage(), file=err)
        return REFUSED if rest or options.help else 0
    name, *rest = rest
    if name == "capture":
        return _capture(rest, out, err)
    item = dpip_objects.load(name)
    if options.help or rest[:1] == ["help"]:
        print(usage(item), file=err)
        return REFUSED if options.help else 0
    verb = find_verb(item, rest[0] if rest else "show")
    form = read_form(verb, rest[1:])
    verb.run(Context(session, options, lambda text: print(text, file=out, flush=True), pause), form)
    return 0


def run(
    words: Sequence[str],
    session: Session,
    out: TextIO,
    err: TextIO,
    pause: Callable[[float], object] = time.sleep,
) -> int:
    """The whole program but for the process around it; returns the exit status."""
    try:
        return _dispatch(words, session, out, err, pause)
    except CommandError as error:
        reason = str(error)
    except CoreError as error:
        reason = refusal(error)
    except (DecodeError, ValueError) as error:
        reason = f"no understanding with dpvs: {error}"
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = f"no connection to dpvs: {error.strerror or error}; is dpvs running?"
    print(f"dpip: {reason}", file=err)
    return REFUSED


def main() -> None:
    try:
        with Session("dpip") as session:
            status = run(sys.argv[1:], session, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = REFUSED
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
