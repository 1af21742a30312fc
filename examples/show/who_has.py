"""Who answers ARP for some addresses: a program.

    who_has.py DEVICE OWN_ADDRESS ADDRESS...

Asks once for each address, listens for a quarter of a second, and prints one line of JSON: for
each address the MACs that said it is theirs. Two MACs for one address are two answers: the
kernel's own table (`ip neigh`) would show only the last. Frames as in RFC 826.
"""

import json
import select
import socket
import struct
import sys
import time

LISTEN_S = 0.25
ETH_P_ARP = 0x0806
BROADCAST = b"\xff" * 6
REQUEST, REPLY = 1, 2
ARP = struct.Struct("!6s6sHHHBBH6s4s6s4s")  # Ethernet header, then ARP for IPv4 on Ethernet


def question(own_mac: bytes, own: bytes, target: bytes) -> bytes:
    return ARP.pack(
        *(BROADCAST, own_mac, ETH_P_ARP),
        *(1, 0x0800, 6, 4, REQUEST),
        *(own_mac, own, bytes(6), target),
    )


def main(device: str, own: str, *addresses: str) -> None:
    found: dict[str, list[str]] = {address: [] for address in addresses}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP)) as sock:
        sock.bind((device, ETH_P_ARP))
        own_mac = sock.getsockname()[4]
        for address in addresses:
            sock.send(question(own_mac, socket.inet_aton(own), socket.inet_aton(address)))
        end_s = time.monotonic() + LISTEN_S
        while select.select([sock], [], [], max(0.0, end_s - time.monotonic()))[0]:
            frame = sock.recv(2048)
            if len(frame) < ARP.size:
                continue
            *_, operation, mac, sender, _, _ = ARP.unpack_from(frame)
            owners = found.get(socket.inet_ntoa(sender), [])
            if operation == REPLY and mac.hex(":") not in owners:
                owners.append(mac.hex(":"))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
