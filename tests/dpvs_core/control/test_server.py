"""The control server with real sockets: order, garbage, vanishing and slow peers, stale files."""

import asyncio
import os
import random
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from dpvs_core.control import codec, server
from dpvs_core.control import messages as m
from dpvs_core.control.server import Peer, Server, SocketBusyError, claim_path

HELLO = m.Hello(version=m.PROTOCOL_VERSION, owner="cli", client="test")
DEADLINE_S = 30.0


class Packets:
    """A stream that goes on for ever."""

    def __init__(self) -> None:
        self.closed = 0

    def __aiter__(self) -> "Packets":
        return self

    async def __anext__(self) -> m.Reply:
        await asyncio.sleep(0)
        return m.CapturePackets(records=bytes(1000), lost=0)

    async def aclose(self) -> None:
        self.closed += 1


class Service:
    """Answers addr.list with its device's name, slowly where told; big replies for route.list."""

    def __init__(self) -> None:
        self.greeted: list[Peer] = []
        self.left: list[Peer] = []
        self.asked: list[str] = []
        self.go_on = asyncio.Event()
        self.packets = Packets()

    def greet(self, peer: Peer) -> m.Welcome:
        self.greeted.append(peer)
        return m.Welcome(version=1, instance="i", dpvs_version="0", pid=1, uptime_s=0.0)

    async def answer(self, peer: Peer, request: Any) -> Any:
        if isinstance(request, m.CaptureStart):
            return self.packets
        if isinstance(request, m.AddrList):
            self.asked.append(request.dev)
            if request.dev == "slow":
                await self.go_on.wait()
            return m.Failure(code=0, message=request.dev)
        return m.ConnRows(rows=bytes(4 << 20), cursor=0)

    def gone(self, peer: Peer) -> None:
        self.left.append(peer)


Scenario = Callable[[Server, Service, str], Awaitable[None]]


def run(path: Path, scenario: Scenario) -> None:
    async def whole() -> None:
        service = Service()
        served = Server(service, str(path / "ipc"))
        await served.start()
        try:
            async with asyncio.timeout(DEADLINE_S):
                await scenario(served, service, served.path)
        finally:
            await served.stop()

    asyncio.run(whole())


@asynccontextmanager
async def connect(path: str, hello: bool = True) -> AsyncIterator[tuple[Any, Any]]:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        if hello:
            writer.write(codec.encode(HELLO))
            assert isinstance(await receive(reader), m.Welcome)
        yield reader, writer
    finally:
        writer.close()


async def receive(reader: asyncio.StreamReader) -> Any:
    head = await reader.readexactly(codec.LENGTH.size)
    return codec.decode_reply(await reader.readexactly(codec.frame_length(head)))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.002)


def ask(dev: str) -> bytes:
    return codec.encode(m.AddrList(dev=dev))


def test_replies_come_in_order_and_peers_do_not_wait_for_each_other(tmp_path: Path) -> None:
    async def scenario(served: Server, service: Service, path: str) -> None:
        async with connect(path) as (reader1, writer1), connect(path) as (reader2, writer2):
            writer1.write(ask("slow") + ask("b"))
            await until(lambda: service.asked == ["slow"])
            writer2.write(ask("c"))
            assert (await receive(reader2)).message == "c"
            service.go_on.set()
            assert [(await receive(reader1)).message for _ in range(2)] == ["slow", "b"]
            assert served.n_clients == 2

    run(tmp_path, scenario)


def test_the_peer_is_known_and_its_leaving_is_told_once(tmp_path: Path) -> None:
    async def scenario(served: Server, service: Service, path: str) -> None:
        async with connect(path):
            (peer,) = service.greeted
            assert (peer.owner, peer.client, peer.pid) == ("cli", "test", os.getpid())
            assert peer.uid == os.getuid()
        await until(lambda: served.n_clients == 0)
        assert service.left == service.greeted

    run(tmp_path, scenario)


GARBAGE = {
    "no msgpack": codec.LENGTH.pack(3) + b"abc",
    "no length": codec.LENGTH.pack(0),
    "too long": codec.LENGTH.pack(m.MAX_FRAME_BYTES + 1),
    "a reply": codec.encode(m.Ok()),
    "unknown request": codec.LENGTH.pack(15) + b"\x81\xa4type\xa8nonsense",
    "a second hello": codec.encode(HELLO),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_gets_one_failure_and_the_end(tmp_path: Path, name: str) -> None:
    async def scenario(served: Server, service: Service, path: str) -> None:
        async with connect(path) as (reader, writer):
            writer.write(GARBAGE[name] + ask("never"))
            failure = await receive(reader)
            assert isinstance(failure, m.Failure) and failure.code == m.Code.PROTOCOL
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
        await until(lambda: served.n_clients == 0)
        assert (served.counters.protocol_errors, service.asked) == (1, [])

    run(tmp_path, scenario)


HELLOS = {
    "a request first": (ask("x"), m.Code.PROTOCOL),
    "another version": (
        codec.encode(m.Hello(version=99, owner="cli", client="test")), m.Code.PROTOCOL),
    "a huge hello": (
        codec.encode(m.Hello(version=1, owner="cli", client="x" * 5000)), m.Code.PROTOCOL),
}  # fmt: skip


@pytest.mark.parametrize("name", HELLOS)
def test_a_wrong_hello_is_refused(tmp_path: Path, name: str) -> None:
    async def scenario(served: Server, service: Service, path: str) -> None:
        async with connect(path, hello=False) as (reader, writer):
            frame, code = HELLOS[name]
            writer.write(frame)
            failure = await receive(reader)
            assert isinstance(failure, m.Failure) and failure.code == code
        assert service.greeted == []

    run(tmp_path, scenario)


def garbage_message(rng: random.Random) -> bytes:
    """Random bytes, a broken frame, or half of a good one."""
    good = ask("x" * rng.randrange(20))
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(1, 40))
    if kind == 1:
        body = bytearray(good[4:])
        body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
        return codec.LENGTH.pack(len(body)) + bytes(body)
    if kind == 2:
        return good[: rng.randrange(len(good))]
    return codec.LENGTH.pack(rng.randrange(1, 60)) + rng.randbytes(30)


def test_ten_thousand_garbage_messages_are_only_counted(tmp_path: Path) -> None:
    async def scenario(served: Server, service: Service, path: str) -> None:
        rng = random.Random(1)
        async with connect(path) as (reader, writer):
            for n in range(10_000):
                with socket.socket(socket.AF_UNIX) as raw:
                    raw.connect(path)
                    with suppress(BrokenPipeError):
                        raw.sendall((codec.encode(HELLO) if n % 2 else b"") + garbage_message(rng))
                if n % 64 == 0:
                    writer.write(ask("still here"))
                    assert (await receive(reader)).message == "still here"
            await until(lambda: served.n_clients == 1)
        assert served.counters.protocol_errors > 1000
        assert len(service.left) == len(service.greeted) - 1

    run(tmp_path, scenario)


def test_a_peer_that_never_finishes_its_frame_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "FRAME_TIMEOUT_S", 0.05)
    monkeypatch.setattr(server, "HELLO_TIMEOUT_S", 0.05)

    async def scenario(served: Server, service: Service, path: str) -> None:
        async with connect(path) as (reader, writer), connect(path, hello=False) as (silent, _):
            writer.write(ask("x")[:-1])
            for end in (reader, silent):
                with suppress(ConnectionResetError):
                    assert await end.read() == b""
        await until(lambda: served.n_clients == 0)
        assert served.counters.slow_peers == 2

    run(tmp_path, scenario)


def test_a_peer_that_does_not_read_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REPLY_TIMEOUT_S", 0.05)

    async def scenario(served: Server, service: Service, path: str) -> None:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(path)
            raw.sendall(codec.encode(HELLO) + codec.encode(m.ConnList()) * 5)
            await until(lambda: served.counters.slow_peers == 1)
            await until(lambda: served.n_clients == 0)
        assert len(service.left) == 1

    run(tmp_path, scenario)


def test_a_stream_ends_when_its_peer_goes(tmp_path: Path) -> None:
    async def scenario(served: Server, service: Service, path: str) -> None:
        async with connect(path) as (reader, writer):
            writer.write(codec.encode(m.CaptureStart(dev="dpdk0")))
            assert isinstance(await receive(reader), m.CapturePackets)
        await until(lambda: served.n_clients == 0)
        assert service.packets.closed == 1

    run(tmp_path, scenario)


def test_a_peer_that_goes_before_its_stream_begins(tmp_path: Path) -> None:
    async def scenario(served: Server, service: Service, path: str) -> None:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(path)
            raw.sendall(codec.encode(HELLO) + codec.encode(m.CaptureStart(dev="dpdk0")))
            raw.shutdown(socket.SHUT_WR)
            await until(lambda: service.packets.closed == 1)

    run(tmp_path, scenario)


def test_too_many_peers_are_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_PEERS", 1)

    async def scenario(served: Server, service: Service, path: str) -> None:
        async with connect(path), connect(path, hello=False) as (reader, _writer):
            failure = await receive(reader)
            assert isinstance(failure, m.Failure) and failure.code == m.Code.RESOURCE

    run(tmp_path, scenario)


def test_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "peer_credentials", lambda _socket: (7, 12345))

    async def scenario(served: Server, service: Service, path: str) -> None:
        async with connect(path, hello=False) as (reader, _writer):
            failure = await receive(reader)
            assert isinstance(failure, m.Failure) and failure.code == m.Code.PERMISSION
            assert failure.value == "uid 12345"

    run(tmp_path, scenario)


def test_the_socket_is_roots_alone_and_goes_at_the_end(tmp_path: Path) -> None:
    async def scenario(served: Server, service: Service, path: str) -> None:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600

    run(tmp_path, scenario)
    assert not (tmp_path / "ipc").exists()


def test_a_stale_socket_is_replaced_a_live_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "ipc"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    claim_path(str(path))
    assert not path.exists()
    with socket.socket(socket.AF_UNIX) as live:
        live.bind(str(path))
        live.listen()
        with pytest.raises(SocketBusyError, match=f"in use by process {os.getpid()}"):
            claim_path(str(path))
    path.unlink()
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="no socket"):
        claim_path(str(path))
