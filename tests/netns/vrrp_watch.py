"""VRRP adverts that reach a device, e.g. the bridge of a test network.

    vrrp_watch.py DEVICE

Prints "ready", and after SIGTERM a line for each advert: `time_us source priority`
(CLOCK_MONOTONIC). IPv4, versions 2 and 3 (the fields read stand at the same place).
"""

import select
import socket
import sys

from tests.netns import arrival, frames, paced

ETHERTYPE_IPV4 = 0x0800
PROTOCOL_VRRP = 112
_IP = 14


def advert(frame: bytes) -> tuple[str, int] | None:
    """(source, priority) of an advert; None for any other frame."""
    if len(frame) < _IP + 28 or frame[_IP + 9] != PROTOCOL_VRRP:
        return None
    vrrp = _IP + (frame[_IP] & 15) * 4
    return socket.inet_ntoa(frame[_IP + 12 : _IP + 16]), frame[vrrp + 2]


def main(device: str) -> None:
    only_vrrp = frames.all_equal((frames.LOAD_BYTE, _IP + 9, PROTOCOL_VRRP))
    sock = frames.open_device(device, ETHERTYPE_IPV4, only_vrrp)
    stop = paced.Stop()
    print("ready", flush=True)
    while not stop.requested:
        if not select.select([sock], [], [], 0.2)[0]:
            continue
        frame, now_us = arrival.receive(sock, frames.SNAP_BYTES)
        found = advert(frame)
        if found is not None:
            print(now_us, *found)


if __name__ == "__main__":
    main(sys.argv[1])
