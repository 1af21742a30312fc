"""Going to the background: the parent waits until the child is ready and leaves with its fate."""

import os
import sys
from collections.abc import Callable

READY = b"r"


def detach() -> Callable[[], None]:
    """Fork; returns, in the child only, what to call once it is ready.

    The parent exits 0 then, or 1 if the child ends before: the child's messages are on stderr,
    which is given up when it is ready.
    """
    receive, send = os.pipe()
    if os.fork():
        os.close(send)
        os._exit(0 if os.read(receive, 1) == READY else 1)
    os.close(receive)
    os.setsid()

    def ready() -> None:
        os.write(send, READY)
        os.close(send)
        null = os.open(os.devnull, os.O_RDWR)
        sys.stdout.flush()
        sys.stderr.flush()
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.close(null)

    return ready
