"""A tunl0 for a kernel without the ipip device: a program.

    decapsulate.py DEVICE      until SIGTERM; prints "ready" once the device is there

Makes a tun device, takes packets of protocol 4 (IP in IP, RFC 2003) from the network and hands
what is in them to the kernel on that device. One way: servers behind a balancer answer untunnelled.
"""

import fcntl
import os
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
IPPROTO_IPIP = 4
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024


def make_device(name: str) -> int:
    """A descriptor; a packet written to it arrives on the device."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def inner(packet: bytes) -> bytes:
    """What is behind the outer header, whose length its first byte has in words."""
    return packet[(packet[0] & 0x0F) * 4 :]


def main(name: str) -> None:
    device = make_device(name)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, IPPROTO_IPIP) as tunnel:
        tunnel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        print("ready", flush=True)
        while True:
            os.write(device, inner(tunnel.recv(65535)))


if __name__ == "__main__":
    main(sys.argv[1])
