"""A SYN every few milliseconds, each from a port of its own: when came the SYN-ACK, from whom?

    syn_probe.py DEVICE ADDRESS PORT INTERVAL_MS

Prints "ready", and after SIGTERM a line for each SYN: `sent_us answered_us mac` (CLOCK_MONOTONIC;
0 and "-": never). The SYNs go through the kernel's own routes and ARP entries, as a client's do;
the kernel, which knows no such connection, ends each answered one with a reset.
"""

import socket
import struct
import sys

from tests.netns import arrival, frames, paced

FIRST_PORT, END_PORT = 10_000, 20_000  # below Linux's own range of source ports
ETHERTYPE_IPV4 = 0x0800
SYN, SYN_ACK = 0x02, 0x12
SETTLE_S = 0.3
_PORTS = struct.Struct("!HH")
_IP, _TCP = 14, 34  # where the headers begin in a frame without IP options


class Syns:
    def __init__(self, device: str, server: tuple[str, int]) -> None:
        self.server = server
        self.rows: list[list[int | str]] = []
        self._row_of: dict[int, list[int | str]] = {}
        self._port = FIRST_PORT
        self._out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
        frames.attach(self._out, (frames.RETURN_NONE,))  # it only sends
        self._out.connect(server)
        self._source = self._out.getsockname()[0]
        self.answers = frames.open_device(device, ETHERTYPE_IPV4, _answers(server))

    def send(self) -> None:
        row: list[int | str] = [arrival.now_us(), 0, "-"]
        self.rows.append(row)
        self._row_of[self._port] = row
        try:
            self._out.send(syn_segment(self._source, self.server, self._port))
        except OSError:  # no route, no neighbour: as unanswered as any
            return
        finally:
            self._port = self._port + 1 if self._port + 1 < END_PORT else FIRST_PORT

    def receive(self) -> None:
        frame, now_us = arrival.receive(self.answers, frames.SNAP_BYTES)
        _, port = _PORTS.unpack_from(frame, _TCP)
        row = self._row_of.get(port)
        if row is not None and not row[1]:
            row[1:] = [now_us, frames.mac_text(frame[6:12])]


def _answers(server: tuple[str, int]) -> tuple[frames.Instruction, ...]:
    """SYN-ACKs of the server, without IP options."""
    address = int.from_bytes(socket.inet_aton(server[0]), "big")
    return frames.all_equal(
        (frames.LOAD_BYTE, _IP, 0x45),
        (frames.LOAD_BYTE, _IP + 9, socket.IPPROTO_TCP),
        (frames.LOAD_WORD, _IP + 12, address),
        (frames.LOAD_HALF, _TCP, server[1]),
        (frames.LOAD_BYTE, _TCP + 13, SYN_ACK),
    )


def syn_segment(source: str, server: tuple[str, int], port: int) -> bytes:
    """20 bytes of TCP (RFC 9293 section 3.1) with the checksum over the pseudo header."""
    ends = socket.inet_aton(source) + socket.inet_aton(server[0])
    sequence = arrival.now_us() & 0xFFFFFFFF
    words = (port, server[1], sequence, 0, 5 << 4, SYN, 64_000)
    segment = struct.pack("!HHIIBBHHH", *words, 0, 0)
    pseudo = ends + struct.pack("!HH", socket.IPPROTO_TCP, len(segment))
    total: int = sum(struct.unpack("!16H", pseudo + segment))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return segment[:16] + checksum.to_bytes(2, "big") + segment[18:]


def main(device: str, address: str, port: int, interval_ms: float) -> None:
    syns = Syns(device, (address, port))
    paced.run(interval_ms / 1000, syns.answers.fileno(), syns.send, syns.receive, SETTLE_S)
    for row in syns.rows:
        print(*row)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
