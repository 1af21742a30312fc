"""A new UDP flow every few milliseconds, each from a port of its own: when was it answered?

    udp_flows.py ADDRESS PORT INTERVAL_MS

Prints "ready", and after SIGTERM a line for each flow: `sent_us answered_us` (CLOCK_MONOTONIC; 0
is never). An ICMP error counts as no answer.
"""

import contextlib
import resource
import select
import socket
import sys
from collections import OrderedDict

from tests.netns import arrival, paced

FIRST_PORT, END_PORT = 20_000, 32_000  # below Linux's own range of source ports
PATIENCE_US = 4_000_000  # then a flow's port is free for another; far below a round of the ports
N_FILES = 8_192
SETTLE_S = 0.3


class Flows:
    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.rows: list[list[int]] = []
        self.poll = select.epoll()
        self._waiting: OrderedDict[int, tuple[socket.socket, list[int]]] = OrderedDict()
        self._port = FIRST_PORT

    def send(self) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        arrival.stamp(sock)
        sock.bind(("0.0.0.0", self._port))
        self._port = self._port + 1 if self._port + 1 < END_PORT else FIRST_PORT
        sock.connect(self.server)
        row = [arrival.now_us(), 0]
        self.rows.append(row)
        self._waiting[sock.fileno()] = (sock, row)
        self.poll.register(sock, select.EPOLLIN)
        with contextlib.suppress(OSError):
            sock.send(b"?")
        self._forget_old(row[0] - PATIENCE_US)

    def receive(self) -> None:
        for fd, _ in self.poll.poll(0):
            sock, row = self._waiting[fd]
            with contextlib.suppress(OSError):  # an ICMP error
                row[1] = arrival.receive(sock, 64)[1]
            self._forget(fd)

    def _forget_old(self, before_us: int) -> None:
        while self._waiting:
            fd, (_, row) = next(iter(self._waiting.items()))
            if row[0] >= before_us:
                return
            self._forget(fd)

    def _forget(self, fd: int) -> None:
        self.poll.unregister(fd)
        self._waiting.pop(fd)[0].close()


def main(address: str, port: int, interval_ms: float) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, N_FILES), hard))
    flows = Flows((address, port))
    paced.run(interval_ms / 1000, flows.poll.fileno(), flows.send, flows.receive, SETTLE_S)
    for sent_us, answered_us in flows.rows:
        print(sent_us, answered_us)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
