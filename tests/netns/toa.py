"""TCP option 254: the client's address as a balancer tells it to the server.

Layout (IPv4): kind 254, length 8, the client's port (2 bytes), its address (4 bytes), both in
network order. As a program, run in a server's namespace:

    toa.py DEVICE          one line of JSON for each TCP segment that arrives with the option

    {"source": "192.168.100.200:4097", "client": "192.168.100.146:42394"}

It first prints "ready". `source` is what the server's socket sees, `client` what the option says.
"""

import json
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

OPTION_TOA = 254
TOA_IPV4_BYTES = 8
ETHERTYPE_IPV4 = 0x0800
ETHERNET_BYTES = 14
TCP_MIN_BYTES = 20


@dataclass(frozen=True, slots=True)
class Toa:
    source: str
    client: str


def options(area: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, value) of each option in a TCP header (RFC 9293 section 3.1); stops at nonsense."""
    while area:
        kind = area[0]
        if kind == 0:
            return
        if kind == 1:
            area = area[1:]
            continue
        if len(area) < 2 or not 2 <= area[1] <= len(area):
            return
        yield kind, area[2 : area[1]]
        area = area[area[1] :]


def decode(frame: bytes) -> Toa | None:
    """What an Ethernet frame says of its client; None without the option, or if it is not TCP."""
    if len(frame) < ETHERNET_BYTES + 20 or frame[12:14] != ETHERTYPE_IPV4.to_bytes(2, "big"):
        return None
    packet = frame[ETHERNET_BYTES:]
    header_bytes = (packet[0] & 0x0F) * 4
    segment = packet[header_bytes : int.from_bytes(packet[2:4], "big")]
    if packet[9] != socket.IPPROTO_TCP or len(segment) < TCP_MIN_BYTES:
        return None
    source = f"{socket.inet_ntoa(packet[12:16])}:{int.from_bytes(segment[:2], 'big')}"
    for kind, value in options(segment[TCP_MIN_BYTES : (segment[12] >> 4) * 4]):
        if kind == OPTION_TOA and len(value) == TOA_IPV4_BYTES - 2:
            port, address = struct.unpack("!H4s", value)
            return Toa(source, f"{socket.inet_ntoa(address)}:{port}")
    return None


def main(device: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE_IPV4)) as sock:
        sock.bind((device, ETHERTYPE_IPV4))
        print("ready", flush=True)
        while True:
            if found := decode(sock.recv(65535)):
                print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
