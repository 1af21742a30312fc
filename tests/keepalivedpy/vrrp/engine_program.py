"""Runs an engine on the VrrpPart given as JSON; prints "<monotonic us> <line>" for each log line.

SIGTERM ends it politely; SIGHUP reads the JSON in the file argv[2] as the new configuration.
"""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from keepalivedpy.vrrp import runner
from keepalivedpy.vrrp.part import VrrpPart


def say(text: str) -> None:
    print(time.monotonic_ns() // 1000, text, flush=True)


async def main() -> None:
    stop, hup = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGHUP, hup.set)

    async def updates() -> AsyncIterator[VrrpPart]:
        while True:
            await hup.wait()
            hup.clear()
            yield msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=VrrpPart)

    await runner.run(msgspec.json.decode(sys.argv[1], type=VrrpPart), updates(), stop, say)


asyncio.run(main())
