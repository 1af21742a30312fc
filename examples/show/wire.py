"""What passes the director's cable, as tcpdump sees it from the switch.

Not from the director's end: what DPDK sends there, other programs of that end do not see.
"""

import re
import signal
from collections.abc import Callable

from examples.show.example import OneDirector
from examples.show.required import require
from tests.netns.ip import enter
from tests.netns.wait import until

CAPTURE_BUFFER_KB = 16384
TIMEOUT_S = 20.0

_PAIR = re.compile(r"(\d+\.\d+\.\d+\.\d+)(?:\.\d+)? > (\d+\.\d+\.\d+\.\d+)")


def crossing(stage: OneDirector, packets: str, act: Callable[[], object]) -> list[str]:
    """The `packets` (a filter of tcpdump) that pass while `act` runs: a line each, in order.

    An echo request comes last: when its answer is seen, all before it has been.
    """
    node, port = stage.director.node, stage.net.port("director")
    options = ["-n", "-q", "-t", "-l", "-s", "96", "-B", str(CAPTURE_BUFFER_KB)]
    words = ["tcpdump", "--immediate-mode", *options, "-i", port, f"({packets}) or icmp"]
    capture = node.start([*enter(stage.net.switch), *words], f"tcpdump-{len(node.programs)}.log")
    capture.wait_for_log("listening on", TIMEOUT_S)
    act()
    n_answers = seen(capture.log_text())
    stage.client.run(["ping", "-c1", "-W5", stage.vip])
    until("the echo reply", lambda: seen(capture.log_text()) > n_answers, TIMEOUT_S)
    capture.send(signal.SIGTERM)
    capture.wait(TIMEOUT_S)
    said = capture.log_text()
    require("\n0 packets dropped by kernel" in said, "tcpdump has not seen all of it")
    return [line for line in said.splitlines() if line.startswith("IP") and "ICMP" not in line]


def seen(said: str) -> int:
    return said.count("ICMP echo reply")


def ends(line: str) -> list[tuple[str, str]]:
    """Source and destination of a packet; of a tunnelled one the outer ones first."""
    return _PAIR.findall(line)
