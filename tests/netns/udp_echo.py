"""A UDP server that sends every datagram back where it came from.

udp_echo.py ADDRESS PORT          prints "ready" once it listens
"""

import socket
import sys

RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024


def main(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        sock.bind((address, port))
        print("ready", flush=True)
        while True:
            data, peer = sock.recvfrom(65535)
            sock.sendto(data, peer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
