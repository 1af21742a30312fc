"""The server on a loop: many clients, slow ones, mistakes; what it costs the loop."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from keepalivedpy.status import server as server_module
from keepalivedpy.status.ask import NoAnswerError, ask
from keepalivedpy.status.server import MAX_CLIENTS, StatusServer
from keepalivedpy.status.slices import SLICE_S, in_slices


class Told(msgspec.Struct):
    n: int
    text: str = ""


class Teller:
    """A status that counts how often it is built."""

    def __init__(self, text: str = "") -> None:
        self.n = 0
        self.text = text

    async def __call__(self) -> Told:
        self.n += 1
        await asyncio.sleep(0)
        return Told(self.n, self.text)


def serve(path: Path, build: Callable[[], Awaitable[Told]],
          play: Callable[[], Awaitable[None]]) -> list[str]:  # fmt: skip
    """Run `play` beside a server; its log lines."""
    lines: list[str] = []

    async def both() -> None:
        server = StatusServer(str(path), lines.append)
        server.show(build)
        try:
            async with asyncio.timeout(20):
                await play()
        finally:
            server.close()

    asyncio.run(both())
    return lines


async def asked(path: Path) -> Told:
    return await asyncio.to_thread(ask, str(path), Told)


def test_every_answer_is_new(tmp_path: Path) -> None:
    answers = []

    async def play() -> None:
        answers.append(await asked(tmp_path / "s"))
        answers.append(await asked(tmp_path / "s"))

    assert serve(tmp_path / "s", Teller("x"), play) == []
    assert answers == [Told(1, "x"), Told(2, "x")]
    assert not (tmp_path / "s").exists()


def test_who_comes_while_one_is_built_shares_the_next(tmp_path: Path) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    n_built = 0

    async def build() -> Told:
        nonlocal n_built
        n_built += 1
        number = n_built
        begun.set()
        await go_on.wait()
        return Told(number)

    async def play() -> None:
        first = asyncio.create_task(asked(tmp_path / "s"))
        await begun.wait()
        n_tasks = len(asyncio.all_tasks())
        others = [asyncio.create_task(asked(tmp_path / "s")) for _ in range(4)]
        while len(asyncio.all_tasks()) < n_tasks + 2 * len(others):  # each has a server's task
            await asyncio.sleep(0.001)
        go_on.set()
        assert await first == Told(1)
        assert await asyncio.gather(*others) == [Told(2)] * 4

    serve(tmp_path / "s", build, play)


def test_a_hundred_clients_at_once(tmp_path: Path) -> None:
    teller = Teller("y" * 1_000_000)  # more than a socket's buffer takes

    async def play() -> None:
        answers = await asyncio.gather(*(asked(tmp_path / "s") for _ in range(100)))
        assert {answer.text for answer in answers} == {teller.text}

    assert serve(tmp_path / "s", teller, play) == []


@pytest.fixture
def mute(tmp_path: Path) -> Iterator[Callable[[], socket.socket]]:
    """Makes clients that connect and do not read."""
    made: list[socket.socket] = []

    def connect() -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        client.connect(str(tmp_path / "s"))
        made.append(client)
        return client

    yield connect
    for client in made:
        client.close()


def test_clients_that_do_not_read_take_their_places_only_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mute: Callable[[], socket.socket]
) -> None:
    monkeypatch.setattr(server_module, "CLIENT_S", 0.3)
    n_turns = 0

    async def play() -> None:
        nonlocal n_turns
        for _ in range(3 * MAX_CLIENTS):
            mute()
        answer = asyncio.create_task(asked(tmp_path / "s"))
        while not answer.done():
            n_turns += 1
            await asyncio.sleep(0.001)
        assert answer.result().n > 0

    serve(tmp_path / "s", Teller("z" * 1_000_000), play)
    assert n_turns > 100  # the loop did other things meanwhile


def test_no_more_than_so_many_are_served_at_a_time(
    tmp_path: Path, mute: Callable[[], socket.socket]
) -> None:
    async def play() -> None:
        n_before = len(asyncio.all_tasks())
        for _ in range(3 * MAX_CLIENTS):
            mute()
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert len(asyncio.all_tasks()) - n_before == MAX_CLIENTS

    serve(tmp_path / "s", Teller("z" * 1_000_000), play)


def test_clients_that_leave_at_once_do_no_harm(
    tmp_path: Path, mute: Callable[[], socket.socket]
) -> None:
    async def play() -> None:
        for _ in range(20):
            mute().close()
        assert (await asked(tmp_path / "s")).text

    assert serve(tmp_path / "s", Teller("z" * 1_000_000), play) == []


def test_a_mistake_in_the_status_is_logged_and_survived(tmp_path: Path) -> None:
    async def wrong() -> Told:
        raise KeyError("gone")

    async def play() -> None:
        with pytest.raises(NoAnswerError, match="does not tell a Told"):
            await asked(tmp_path / "s")

    lines = serve(tmp_path / "s", wrong, play)
    assert lines == ["Status cannot be told: KeyError: 'gone'"]


def test_a_socket_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    async def play() -> None:
        pass

    path = tmp_path / "none" / "s"
    assert serve(path, Teller(), play) == [
        f"No status for --status: cannot make {path}: No such file or directory"
    ]


def test_other_work_comes_between_slices() -> None:
    now_s = 0.0
    order: list[str] = []

    def make(name: str) -> str:
        nonlocal now_s
        now_s += SLICE_S * 0.6
        order.append(name)
        return name.upper()

    async def other() -> None:
        for _ in range(3):
            order.append("-")
            await asyncio.sleep(0)

    async def both() -> tuple[str, ...]:
        task = asyncio.create_task(other())
        made = await in_slices(make, "abcde", lambda: now_s)
        await task
        return made

    assert asyncio.run(both()) == ("A", "B", "C", "D", "E")
    assert "".join(order) == "ab-cd-e-"
