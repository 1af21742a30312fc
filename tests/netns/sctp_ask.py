"""An SCTP client: associations one after the other, messages of growing length on each.

sctp_ask.py ADDRESS PORT ASSOCIATIONS MESSAGES          prints one JSON object

`opened`: handshakes that succeeded; `same`: messages that came back as they were sent; `n_bytes`:
in them; `trouble`: the first error, if any.
"""

import json
import random
import socket
import sys

TIMEOUT_S = 10.0
MOST_BYTES = 20_000


def messages(n: int) -> list[bytes]:
    rng = random.Random(n)
    return [rng.randbytes(1 + at * MOST_BYTES // n) for at in range(n)]


def answer(sock: socket.socket, n_bytes: int) -> bytes:
    """Large messages may come in parts."""
    got = b""
    while len(got) < n_bytes and (data := sock.recv(n_bytes - len(got))):
        got += data
    return got


def main(address: str, port: int, n_associations: int, n_messages: int) -> None:
    said: dict[str, object] = {}
    opened = same = n_bytes = 0
    try:
        for _ in range(n_associations):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP) as sock:
                sock.settimeout(TIMEOUT_S)
                sock.connect((address, port))
                opened += 1
                for message in messages(n_messages):
                    sock.sendall(message)
                    same += answer(sock, len(message)) == message
                    n_bytes += len(message)
    except OSError as error:
        said["trouble"] = str(error)
    print(json.dumps({"opened": opened, "same": same, "n_bytes": n_bytes, **said}))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
