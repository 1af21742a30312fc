"""The far end of IP-in-IP tunnels, for a kernel without tunnel devices.

decapsulate.py DEVICE             "ready"; what is inside arrives at DEVICE, a new TUN device

Takes IPv4 and IPv6 in IPv4 and in IPv6 (protocols 4 and 41), whoever sends them, and hands the
inner packet to the kernel as it is: checksums are the kernel's to judge.
"""

import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

IP4_INSIDE, IP6_INSIDE = 4, 41
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
SO_RCVBUFFORCE = 33
BUFFER_BYTES = 64 * 1024 * 1024
PACKET_BYTES = 65535


def open_tun(device: str) -> int:
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("@16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", device, "up"], check=True)
    return tun


def open_raw(family: socket.AddressFamily, proto: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_RAW, proto)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    return sock


def inner(family: int, packet: bytes) -> bytes:
    """Linux gives a raw socket of IPv4 the header too, one of IPv6 only what follows it."""
    return packet[(packet[0] & 15) * 4 :] if family == socket.AF_INET else packet


def main(device: str) -> None:
    tun = open_tun(device)
    families = (socket.AF_INET, socket.AF_INET6)
    socks = [open_raw(family, proto) for family in families for proto in (IP4_INSIDE, IP6_INSIDE)]
    print("ready", flush=True)
    while True:
        for sock in select.select(socks, [], [])[0]:
            os.write(tun, inner(sock.family, sock.recv(PACKET_BYTES)))


if __name__ == "__main__":
    main(sys.argv[1])
