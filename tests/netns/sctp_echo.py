"""An SCTP server that sends every message back: one thread an association (one-to-one style).

sctp_echo.py ADDRESS PORT          prints "ready" once it listens
"""

import socket
import sys
import threading

MESSAGE_BYTES = 65536


def echo(peer: socket.socket) -> None:
    with peer:
        while data := peer.recv(MESSAGE_BYTES):
            peer.sendall(data)


def main(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP) as sock:
        sock.bind((address, port))
        sock.listen(64)
        print("ready", flush=True)
        while True:
            peer, (who, _) = sock.accept()
            print(f"from {who}", flush=True)
            threading.Thread(target=echo, args=(peer,), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
