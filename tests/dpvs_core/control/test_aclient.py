"""The asyncio client against a scripted core on a real Unix socket."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dpvs_core.control import codec
from dpvs_core.control.aclient import AsyncClient
from dpvs_core.control.client import CoreError
from dpvs_core.control.messages import (
    Code,
    Failure,
    GarpSend,
    Hello,
    InfoGet,
    Ok,
    Reply,
    Request,
    Welcome,
)

DEADLINE_S = 5.0


def garp(addr: str) -> GarpSend:
    return GarpSend(dev="dpdk0", addrs=(addr,))


class Core:
    """Answers hello with its instance, then each request with `answer(request)`."""

    def __init__(self, path: Path, answer: Callable[[Request], Reply] = lambda _r: Ok()) -> None:
        self.path, self.answer, self.instance = path, answer, "one"
        self.seen: list[Request] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        self.server = await asyncio.start_unix_server(self._serve, str(self.path))

    async def stop(self) -> None:
        assert self.server is not None
        self.server.close()
        for writer in self.writers:
            writer.close()
        self.writers.clear()
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while head := await reader.read(codec.LENGTH.size):
            request = codec.decode_request(await reader.readexactly(codec.frame_length(head)))
            self.seen.append(request)
            reply: Reply = (
                Welcome(version=1, instance=self.instance, dpvs_version="t", pid=1, uptime_s=0.0)
                if isinstance(request, Hello)
                else self.answer(request)
            )
            writer.write(codec.encode(reply))


def scenario(body: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(DEADLINE_S):
            await body()

    asyncio.run(limited())


async def connect(
    core: Core, hellos: asyncio.Queue[bool], **more: object
) -> tuple[AsyncClient, asyncio.Task[None]]:
    async def on_connect(_welcome: Welcome, new_instance: bool) -> None:
        hellos.put_nowait(new_instance)

    client = AsyncClient("vrrp", "t", str(core.path), lease_ms=3000, on_connect=on_connect)
    return client, asyncio.create_task(client.run())


def test_replays_only_for_a_new_instance(tmp_path: Path) -> None:
    async def body() -> None:
        core, hellos = Core(tmp_path / "s"), asyncio.Queue[bool]()
        client, running = await connect(core, hellos)  # the core is not there yet
        with pytest.raises(OSError):
            await client.call(garp("192.0.2.1"), Ok)
        await core.start()
        assert await hellos.get() is True
        await core.stop()
        await core.start()
        assert await hellos.get() is False  # same core, new connection
        await core.stop()
        core.instance = "two"
        await core.start()
        assert await hellos.get() is True
        assert isinstance(core.seen[0], Hello)
        assert core.seen[0].lease_ms == 3000
        running.cancel()
        await core.stop()

    scenario(body)


def test_replies_go_to_their_calls_also_past_a_cancelled_one(tmp_path: Path) -> None:
    def answer(request: Request) -> Reply:
        assert isinstance(request, GarpSend)
        return Failure(code=Code.NODEV, message=f"no {request.addrs[0]}", value=request.addrs[0])

    async def body() -> None:
        core, hellos = Core(tmp_path / "s", answer), asyncio.Queue[bool]()
        await core.start()
        client, running = await connect(core, hellos)
        await hellos.get()
        calls = [asyncio.create_task(client.call(garp(f"192.0.2.{n}"), Ok)) for n in range(5)]
        await asyncio.sleep(0)  # all are written, none answered
        calls[2].cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        texts = [r.value if isinstance(r, CoreError) else type(r).__name__ for r in results]
        assert texts == ["192.0.2.0", "192.0.2.1", "CancelledError", "192.0.2.3", "192.0.2.4"]
        running.cancel()
        await core.stop()

    scenario(body)


def test_a_call_in_flight_fails_when_the_core_goes(tmp_path: Path) -> None:
    async def body() -> None:
        hellos = asyncio.Queue[bool]()
        gone: list[Exception] = []

        def die(_request: Request) -> Reply:
            for writer in core.writers:
                writer.transport.abort()
            return Ok()

        core = Core(tmp_path / "s", die)
        await core.start()
        client, running = await connect(core, hellos)
        client._on_disconnect = gone.append
        await hellos.get()
        with pytest.raises(OSError):
            await client.call(InfoGet(), Ok)
        assert await hellos.get() is False  # it is back by itself
        assert len(gone) == 1
        running.cancel()
        await core.stop()

    scenario(body)
