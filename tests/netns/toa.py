"""TCP option 254: the client's address as a balancer tells it to the server.

Layout: kind 254, length 8 or 20, the client's port (2 bytes), its address (4 or 16 bytes), both in
network order; the client's family may be another than the segment's. As a program, run in a
server's namespace:

    toa.py DEVICE          one line of JSON for each TCP segment that arrives with the option

    {"source": "192.168.100.200:4097", "client": "192.168.100.146:42394"}

It first prints "ready". `source` is what the server's socket sees, `client` what the option says;
both are ADDRESS:PORT, IPv6 too, as nginx and curl write them.
"""

import json
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

OPTION_TOA = 254
FAMILIES = {8: socket.AF_INET, 20: socket.AF_INET6}  # by the option's length
ETHERTYPE_ALL, ETHERTYPE_IPV4, ETHERTYPE_IPV6 = 3, 0x0800, 0x86DD
ETHERNET_BYTES = 14
IPV6_BYTES = 40
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
    source, segment = _tcp(int.from_bytes(frame[12:14], "big"), frame[ETHERNET_BYTES:])
    if len(segment) < TCP_MIN_BYTES:
        return None
    for kind, value in options(segment[TCP_MIN_BYTES : (segment[12] >> 4) * 4]):
        family = FAMILIES.get(len(value) + 2)
        if kind == OPTION_TOA and family:
            client = f"{socket.inet_ntop(family, value[2:])}:{_port(value)}"
            return Toa(f"{source}:{_port(segment)}", client)
    return None


def _tcp(ethertype: int, packet: bytes) -> tuple[str, bytes]:
    """The source address and the TCP segment; an empty one if it is something else."""
    if ethertype == ETHERTYPE_IPV4 and len(packet) >= 20 and packet[9] == socket.IPPROTO_TCP:
        segment = packet[(packet[0] & 0x0F) * 4 : int.from_bytes(packet[2:4], "big")]
        return socket.inet_ntoa(packet[12:16]), segment
    if ethertype == ETHERTYPE_IPV6 and packet[6:7] == bytes([socket.IPPROTO_TCP]):
        segment = packet[IPV6_BYTES : IPV6_BYTES + int.from_bytes(packet[4:6], "big")]
        return socket.inet_ntop(socket.AF_INET6, packet[8:24].ljust(16, b"\0")), segment
    return "", b""


def _port(raw: bytes) -> int:
    return int.from_bytes(raw[:2], "big")


def main(device: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE_ALL)) as sock:
        sock.bind((device, ETHERTYPE_ALL))
        print("ready", flush=True)
        while True:
            if found := decode(sock.recv(65535)):
                print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
