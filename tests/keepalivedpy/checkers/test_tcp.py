"""TCP_CHECK on real sockets of loopback."""

import asyncio
import socket
import time

import pytest

from keepalivedpy.checkers.targets import TcpTarget
from keepalivedpy.checkers.tcp import probe
from keepalivedpy.checkers.verdict import Outcome
from tests.keepalivedpy.listener import Listener


def ask(**settings: object) -> tuple[Outcome, str]:
    values = {"addr": "127.0.0.1", "timeout_us": 2_000_000, **settings}
    return asyncio.run(probe(TcpTarget(**values)))  # type: ignore[arg-type]


def test_a_listener_is_up() -> None:
    listener = Listener()
    assert ask(port=listener.port) == (Outcome.UP, "")
    listener.close()


def test_ipv6_is_up() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        assert ask(addr="::1", port=server.getsockname()[1])[0] is Outcome.UP


def test_a_closed_port_fails_at_once() -> None:
    with socket.socket() as bound:  # bound, but does not listen
        bound.bind(("127.0.0.1", 0))
        before_s = time.monotonic()
        outcome, reason = ask(port=bound.getsockname()[1])
    assert outcome is Outcome.FAILED
    assert "refused" in reason
    assert time.monotonic() - before_s < 1.0


def test_silence_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # the queue is full: further SYNs are dropped
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        assert ask(port=full.getsockname()[1], timeout_us=50_000)[0] is Outcome.TIMEOUT
        for filler in fillers:
            filler.close()


def test_bindto_is_the_source() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ask(port=server.getsockname()[1], bindto="127.0.0.9")[0] is Outcome.UP
        accepted, peer = server.accept()
        accepted.close()
    assert peer[0] == "127.0.0.9"


def test_the_close_leaves_no_time_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ask(port=server.getsockname()[1])
        accepted, _ = server.accept()
        accepted.settimeout(5)
        with accepted, pytest.raises(ConnectionResetError):
            accepted.recv(1)


def test_our_own_trouble_is_no_verdict() -> None:
    assert ask(port=80, bindto="203.0.113.1")[0] is Outcome.NOT_RUN
    assert ask(port=80, bind_if="nosuchdev0")[0] is Outcome.NOT_RUN


def test_many_at_once_do_not_wait_for_silent_ones() -> None:
    listener = Listener()

    async def all_of_them() -> float:
        silent = TcpTarget(addr="127.0.0.1", port=full.getsockname()[1], timeout_us=1_500_000)
        good = TcpTarget(addr="127.0.0.1", port=listener.port, timeout_us=5_000_000)
        slow = [asyncio.create_task(probe(silent)) for _ in range(200)]
        before_s = time.monotonic()
        outcomes = await asyncio.gather(*(probe(good) for _ in range(200)))
        took_s = time.monotonic() - before_s
        assert {outcome for outcome, _ in outcomes} == {Outcome.UP}
        for task in slow:
            task.cancel()
        await asyncio.wait(slow)
        return took_s

    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        assert asyncio.run(all_of_them()) < 1.5
        for filler in fillers:
            filler.close()
    listener.close()
