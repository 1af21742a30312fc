"""A client that asks all the time: a program.

    asker.py ADDRESS PORT EVERY_MS TIMEOUT_MS      until SIGTERM

Every request has a connection of its own. One line of JSON for each when it is over, with times of
CLOCK_MONOTONIC in seconds: {"sent_s", "over_s", "server"}, and "trouble" in place of "server"
where nobody answered: "time-out", or the name of the error.
"""

import asyncio
import errno
import json
import re
import signal
import socket
import sys
import time

REQUEST = b"GET / HTTP/1.0\r\n\r\n"
SERVER = re.compile(rb"server (\S+)\n")
MAX_ANSWER_BYTES = 65536


async def fetch(address: tuple[str, int]) -> bytes:
    """What the server says until it closes."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, address)
        await loop.sock_sendall(sock, REQUEST)
        page = b""
        while part := await loop.sock_recv(sock, MAX_ANSWER_BYTES):
            page += part
        return page


async def ask(address: tuple[str, int], timeout_s: float) -> None:
    row: dict[str, float | str] = {"sent_s": time.monotonic()}
    try:
        async with asyncio.timeout(timeout_s):
            page = await fetch(address)
        match = SERVER.search(page)
        row |= {"server": match[1].decode()} if match else {"trouble": "no page"}
    except TimeoutError:
        row["trouble"] = "time-out"
    except OSError as error:
        row["trouble"] = errno.errorcode.get(error.errno or 0, str(error))
    row["over_s"] = time.monotonic()
    print(json.dumps(row), flush=True)


async def main(host: str, port: int, every_s: float, timeout_s: float) -> None:
    """Ask on a fixed beat; what is under way at SIGTERM is waited for."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    async with asyncio.TaskGroup() as requests:
        due_s = loop.time()
        while not stop.is_set():
            requests.create_task(ask((host, port), timeout_s))
            due_s += every_s
            await asyncio.sleep(max(0.0, due_s - loop.time()))


if __name__ == "__main__":
    words = sys.argv[1:]
    asyncio.run(main(words[0], int(words[1]), int(words[2]) / 1000, int(words[3]) / 1000))
