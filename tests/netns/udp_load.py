"""Send numbered UDP datagrams at a steady rate from several ports and count the echoes.

    udp_load.py ADDRESS PORT RATE_PPS SECONDS FLOWS

Prints one line of JSON: {"sent", "received", "lost", "doubled", "foreign"}; `foreign` are
datagrams that came back to a flow that had not sent them, or from another address.
"""

import json
import selectors
import socket
import struct
import sys
import time

SETTLE_S = 1.0  # for the last echoes
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
STAMP = struct.Struct("!II")  # flow, number


class Load:
    def __init__(self, server: tuple[str, int], n_flows: int) -> None:
        self.server = server
        self.sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(n_flows)]
        self.selector = selectors.DefaultSelector()
        for flow, sock in enumerate(self.sockets):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            sock.connect(server)
            sock.setblocking(False)
            self.selector.register(sock, selectors.EVENT_READ, flow)
        self.waiting: set[tuple[int, int]] = set()
        self.sent = self.received = self.doubled = self.foreign = 0

    def send(self) -> None:
        flow = self.sent % len(self.sockets)
        self.sockets[flow].send(STAMP.pack(flow, self.sent))
        self.waiting.add((flow, self.sent))
        self.sent += 1

    def receive(self, timeout_s: float) -> None:
        for key, _ in self.selector.select(max(timeout_s, 0)):
            sock = self.sockets[key.data]
            try:
                while True:
                    self._count(key.data, sock.recv(65535))
            except BlockingIOError:
                pass
            except ConnectionRefusedError:  # an ICMP error: that datagram counts as lost
                pass

    def _count(self, flow: int, data: bytes) -> None:
        stamp = STAMP.unpack(data) if len(data) == STAMP.size else None
        if stamp is None or stamp[0] != flow or stamp[1] >= self.sent:
            self.foreign += 1
        elif stamp not in self.waiting:
            self.doubled += 1
        else:
            self.waiting.remove((stamp[0], stamp[1]))
            self.received += 1


def main(address: str, port: int, rate_pps: int, seconds: float, n_flows: int) -> None:
    load = Load((address, port), n_flows)
    start_s = time.monotonic()
    total = int(rate_pps * seconds)
    while load.sent < total:
        due_s = start_s + load.sent / rate_pps
        load.receive(due_s - time.monotonic())
        while load.sent < total and time.monotonic() >= start_s + load.sent / rate_pps:
            load.send()
    end_s = time.monotonic() + SETTLE_S
    while load.waiting and time.monotonic() < end_s:
        load.receive(end_s - time.monotonic())
    result = {
        "sent": load.sent,
        "received": load.received,
        "lost": len(load.waiting),
        "doubled": load.doubled,
        "foreign": load.foreign,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    address, port, rate_pps, seconds, flows = sys.argv[1:]
    main(address, int(port), int(rate_pps), float(seconds), int(flows))
