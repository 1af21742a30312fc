"""Multicast of routing protocols (VRRP is 112, OSPF is 89) with plain raw sockets.

    multicast.py listen DEVICE PROTOCOL GROUP     "ready", then one line for each datagram
    multicast.py send DEVICE PROTOCOL GROUP N     N datagrams, 10 ms apart

A line is the source's address and the payload. Both ends name a device of their namespace.
"""

import socket
import struct
import sys
import time

INTERVAL_S = 0.01


def _membership(group: str, device: str) -> bytes:
    """struct ip_mreqn: group, any address, interface index."""
    return struct.pack("@4s4si", socket.inet_aton(group), bytes(4), socket.if_nametoindex(device))


def listen(device: str, protocol: int, group: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, _membership(group, device))
        print("ready", flush=True)
        while True:
            packet, (source, _) = sock.recvfrom(65535)
            if socket.inet_ntoa(packet[16:20]) == group:
                print(source, packet[(packet[0] & 15) * 4 :].decode(), flush=True)


def send(device: str, protocol: int, group: str, n_datagrams: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, _membership(group, device))
        for number in range(n_datagrams):
            sock.sendto(f"{group} {number}".encode(), (group, 0))
            time.sleep(INTERVAL_S)


def main(verb: str, device: str, protocol: str, group: str, *rest: str) -> None:
    if verb == "listen":
        listen(device, int(protocol), group)
    else:
        send(device, int(protocol), group, int(rest[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
