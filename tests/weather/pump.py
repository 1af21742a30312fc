"""Joins two devices like a cable in bad weather; both directions have weather of their own.

pump.py DEVICE DEVICE SEED FORECAST     "ready", and at SIGTERM the counts as a line of JSON

FORECAST is the fields of policy.Forecast as JSON. Counts are of both directions; `overrun` are
frames that the kernel dropped because the pump was too slow, which must be none.
"""

import json
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterable
from random import Random
from types import FrameType
from typing import NoReturn

from tests.netns.frames import open_device
from tests.weather.policy import Counts, Forecast, Weather

SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_STATISTICS, PACKET_IGNORE_OUTGOING = 263, 1, 6, 23
PACKET_MR_PROMISC = 1
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
ETHERTYPE_ALL = 3
BUFFER_BYTES = 128 * 1024 * 1024
FRAME_BYTES = 65535
N_BURST = 64
TICK_MS = 5


def open_end(device: str) -> socket.socket:
    """All frames that arrive at `device`, whomever they are for."""
    sock = open_device(device, ETHERTYPE_ALL)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES)
    sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    member = struct.pack("@IHH8s", socket.if_nametoindex(device), PACKET_MR_PROMISC, 0, b"")
    sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, member)
    return sock


def overrun(sock: socket.socket) -> int:
    """Frames that did not fit the socket's buffer (struct tpacket_stats: packets, drops)."""
    _, n_dropped = struct.unpack("@II", sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    return int(n_dropped)


def send_all(sock: socket.socket, frames: Iterable[bytes]) -> None:
    for frame in frames:
        while True:
            try:
                sock.send(frame)
                break
            except (BlockingIOError, OSError) as error:
                if not isinstance(error, BlockingIOError) and error.errno != 105:  # ENOBUFS
                    raise
                select.select([], [sock], [], TICK_MS / 1000)


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def pump(ends: tuple[socket.socket, socket.socket], weathers: tuple[Weather, Weather]) -> NoReturn:
    """weathers[i] is over what arrives at ends[i]."""
    while True:
        timeout_s = TICK_MS / 1000 if any(weather.holds() for weather in weathers) else None
        readable, _, _ = select.select(ends, [], [], timeout_s)
        for number, weather in enumerate(weathers):
            there = ends[1 - number]
            if ends[number] in readable:
                for frame in burst(ends[number]):
                    send_all(there, weather.arrived(frame, now_ms()))
            send_all(there, weather.due(now_ms()))


def burst(sock: socket.socket) -> Iterable[bytes]:
    for _ in range(N_BURST):
        try:
            yield sock.recv(FRAME_BYTES)
        except BlockingIOError:
            return


def main(first: str, second: str, seed: str, forecast_json: str) -> None:
    ends = (open_end(first), open_end(second))
    forecast = Forecast(**json.loads(forecast_json))
    weathers = (Weather(forecast, Random(f"{seed} 0")), Weather(forecast, Random(f"{seed} 1")))

    def report(number: int, frame: FrameType | None) -> NoReturn:
        counts = sum((weather.counts for weather in weathers), Counts()).as_dict()
        print(json.dumps({**counts, "overrun": sum(map(overrun, ends))}), flush=True)
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, report)
    print("ready", flush=True)
    pump(ends, weathers)


if __name__ == "__main__":
    main(*sys.argv[1:])
