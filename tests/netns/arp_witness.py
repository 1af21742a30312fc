"""Who answers ARP for some addresses, asked every few milliseconds, and who announces them?

    arp_witness.py DEVICE STATION INTERVAL_MS ADDRESS...

A station of its own on the node's wire: asks with the address STATION and a MAC that no kernel
has, so that the answers correct nobody's ARP cache. Prints "ready", and after SIGTERM a line for
each claim heard: `time_us kind address mac` (CLOCK_MONOTONIC). Kinds: "answer" (a reply),
"announce" (gratuitous: RFC 5227 section 3), "use" (a request sent from the address).
"""

import socket
import struct
import sys

from tests.netns import arrival, frames, paced

ETHERTYPE_ARP = 0x0806
REQUEST, REPLY = 1, 2
BROADCAST = b"\xff" * 6
SETTLE_S = 0.1
# RFC 826: hardware, protocol, their lengths, operation, sender MAC and IP, target MAC and IP
_ARP = struct.Struct("!HHBBH6s4s6s4s")
_ETHERNET_BYTES = 14


class Witness:
    def __init__(self, device: str, station: str, watched: list[str]) -> None:
        ip = socket.inet_aton(station)
        self.mac = b"\x02\x57" + ip
        self.rows: list[tuple[int, str, str, str]] = []
        self.sock = frames.open_device(device, ETHERTYPE_ARP)
        self._watched = {socket.inet_aton(address): address for address in watched}
        self._questions = [who_has(self.mac, ip, target) for target in self._watched]

    def ask(self) -> None:
        for question in self._questions:
            self.sock.send(question)

    def receive(self) -> None:
        frame, now_us = arrival.receive(self.sock, frames.SNAP_BYTES)
        claim = claimed(frame)
        if claim is not None and claim[1] in self._watched:
            kind, address, mac = claim
            self.rows.append((now_us, kind, self._watched[address], frames.mac_text(mac)))


def who_has(mac: bytes, ip: bytes, target: bytes) -> bytes:
    header = BROADCAST + mac + ETHERTYPE_ARP.to_bytes(2, "big")
    return header + _ARP.pack(1, 0x0800, 6, 4, REQUEST, mac, ip, bytes(6), target)


def claimed(frame: bytes) -> tuple[str, bytes, bytes] | None:
    """(kind, address, MAC) that the sender of this ARP frame calls its own; None: no ARP."""
    if len(frame) < _ETHERNET_BYTES + _ARP.size:
        return None
    fields = _ARP.unpack_from(frame, _ETHERNET_BYTES)
    operation, mac, address, _, target = fields[4:]
    if operation == REPLY:
        return "answer", address, mac
    return ("announce" if target == address else "use"), address, mac


def main(device: str, station: str, interval_ms: float, watched: list[str]) -> None:
    witness = Witness(device, station, watched)
    sock = witness.sock
    paced.run(interval_ms / 1000, sock.fileno(), witness.ask, witness.receive, SETTLE_S)
    for row in witness.rows:
        print(*row)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:])
