"""Stands in for the director's program: `dpvs -c CONF -x SOCKET -p PIDFILE [-- ARGS]`.

CONF is text: "die" leaves with status 3 before it answers, "refuse" with 1 after somebody has
asked whoever sits on the socket. What happens is written beside it, in
CONF.events: one line a start (with the arguments) and, at SIGTERM, how many services were left.
"""

import signal
import sys
import threading
import time
from pathlib import Path

from tests.keepalivedpy.fake_core import FakeCore


def main() -> int:
    args = dict(zip(sys.argv[1:7:2], sys.argv[2:7:2], strict=True))
    conf = Path(args["-c"])
    with conf.with_suffix(".events").open("a") as events:
        print("start", *sys.argv[7:], file=events, flush=True)
        if conf.read_text() == "die":
            return 3
        if conf.read_text() == "refuse":
            time.sleep(0.5)  # the daemon asks every 0.1 s
            return 1
        ended = threading.Event()
        signal.signal(signal.SIGTERM, lambda _signum, _frame: ended.set())
        with FakeCore(Path(args["-x"])) as core:
            while not ended.wait(0.05):
                pass
            print("stop", len(core.model.services), file=events, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
