"""Parts from parent to child."""

import asyncio
import socket
import threading

import pytest

from keepalivedpy.daemon import channel
from keepalivedpy.lvs.part import CheckerPart, checker_part
from tests.keepalivedpy import lvs_models as models


def test_parts_arrive_whole_and_the_end_is_seen() -> None:
    servers = [models.server(f"10.0.{n // 250}.{n % 250}", 80) for n in range(5_000)]
    parts = [checker_part(models.root(models.virtual_server(*servers))), CheckerPart()]
    ours, theirs = socket.socketpair()

    def send() -> None:
        with ours:
            for part in parts:
                channel.send_part(ours, part)

    async def receive() -> list[CheckerPart]:
        return [part async for part in channel.receive_parts(theirs, CheckerPart)]

    sender = threading.Thread(target=send)
    sender.start()
    assert asyncio.run(receive()) == parts
    sender.join()


def test_a_child_that_does_not_read_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "SEND_TIMEOUT_S", 0.05)
    servers = [models.server(f"10.0.{n // 250}.{n % 250}", 80) for n in range(20_000)]
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        channel.send_part(ours, checker_part(models.root(models.virtual_server(*servers))))
