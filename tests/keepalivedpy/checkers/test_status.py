"""What the checkers tell of servers and quorums, and since when."""

import asyncio
from types import SimpleNamespace
from typing import Any

from keepalivedpy.checkers.engine import Answered, Engine, Load, StartProbe, Tick
from keepalivedpy.checkers.status import service_status, status_of
from keepalivedpy.checkers.verdict import Outcome
from keepalivedpy.lvs.part import checker_part
from keepalivedpy.model.lvs import VirtualServer
from keepalivedpy.status.model import CoreStatus, ServerStatus, ServiceStatus
from keepalivedpy.status.moment import Moment
from tests.keepalivedpy import lvs_models as models

A, B, SORRY = "10.0.0.1", "10.0.0.2", "10.0.0.9"
EPOCH_S = 1_000_000.0  # the time of day at which the bench's clock was 0


class Bench:
    """An engine whose time is set in seconds; every change comes at a time of its own."""

    def __init__(self, *virtual_servers: VirtualServer) -> None:
        self.engine = Engine(lambda _limit_us: 0)
        self.asked: dict[str, int] = {}
        self.now_s = 0
        self.load(*virtual_servers)

    def load(self, *virtual_servers: VirtualServer) -> None:
        self.engine.handle(Load(checker_part(models.root(*virtual_servers))), self._us())

    def answer(self, at_s: int, **outcomes: Outcome) -> None:
        """a=..., b=...: at this time."""
        self.now_s = at_s
        for action in self.engine.handle(Tick(), self._us()):
            if isinstance(action, StartProbe):
                self.asked[action.target.addr] = action.check_id
        for name, outcome in outcomes.items():
            reason = "" if outcome is Outcome.UP else "refused"
            addr = {"a": A, "b": B}[name]
            self.engine.handle(Answered(self.asked.pop(addr), outcome, reason), self._us())

    def service(self, nth: int = 0) -> ServiceStatus:
        moment = Moment(EPOCH_S + self.now_s, self._us())
        vs_id, vs = list(self.engine.blocks.items())[nth]
        return service_status(self.engine, vs_id, vs, moment)

    def _us(self) -> int:
        return self.now_s * 1_000_000


def after(time_s: float) -> float:
    """A time of day as seconds of the bench."""
    return time_s - EPOCH_S


def one(addr: str, **settings: object) -> Any:
    check = models.tcp_check(80, delay_loop_us=1_000_000, retry=0)
    return models.server(addr, checkers=(check,), **settings)


def summary(server: ServerStatus) -> tuple[object, ...]:
    return (server.alive, server.in_use, server.inhibited, after(server.since))


UP, FAILED = Outcome.UP, Outcome.FAILED


def test_servers_and_quorum_remember_when_they_changed() -> None:
    bench = Bench(models.virtual_server(one(A), one(B)))
    assert [summary(server) for server in bench.service().servers] == [(True, True, False, 0)] * 2
    assert not bench.service().servers[0].checks[0].has_run
    bench.answer(3, a=UP, b=FAILED)
    bench.answer(5, a=UP, b=FAILED)  # nothing new
    a, b = bench.service().servers
    assert (summary(a), summary(b)) == ((True, True, False, 0), (False, False, False, 3))
    (check,) = b.checks
    assert (check.up, check.has_run, check.trouble, after(check.since)) == (
        False, True, "refused", 3)  # fmt: skip
    assert (check.kind, check.target) == ("TCP_CHECK", f"{B}:80")
    assert (bench.service().quorum_up, after(bench.service().since)) == (True, 0)
    bench.answer(7, a=FAILED, b=FAILED)
    assert (bench.service().quorum_up, after(bench.service().since)) == (False, 7)
    bench.answer(9, a=FAILED, b=UP)
    assert (bench.service().quorum_up, after(bench.service().since)) == (True, 9)
    a, b = bench.service().servers
    assert (summary(a), summary(b)) == ((False, False, False, 7), (True, True, False, 9))
    assert b.checks[0].trouble == ""
    assert after(b.checks[0].since) == 9


def test_a_sorry_server_stands_in_and_alive_servers_are_out() -> None:
    vs = models.virtual_server(
        one(A, inhibit_on_failure=True), one(B), sorry_server=models.server(SORRY), quorum=150
    )
    bench = Bench(vs)
    bench.answer(4, a=UP, b=FAILED)
    a, b, sorry = bench.service().servers
    assert summary(a) == (True, False, True, 0)
    assert summary(b) == (False, False, False, 4)
    assert (sorry.addr, sorry.sorry, sorry.in_use, after(sorry.since)) == (SORRY, True, True, 4)
    bench.answer(6, b=UP)
    *_, sorry = bench.service().servers
    assert (sorry.in_use, after(sorry.since)) == (False, 6)


def test_a_server_of_weight_0_is_not_in_use() -> None:
    bench = Bench(models.virtual_server(one(A, weight=0), one(B)))
    assert [server.in_use for server in bench.service().servers] == [False, True]


def test_names_of_a_group_and_of_a_single_service() -> None:
    bench = Bench(
        models.virtual_server(one(A)),
        models.virtual_server(one(A), addr=None, group="web", protocol="UDP"),
    )
    assert bench.service(0).names == ("192.0.2.254:80 tcp",)
    assert bench.service(1).name == "[web]:0"
    assert bench.service(1).names == (
        "192.0.2.100:80 udp", "192.0.2.101:80 udp", "192.0.2.100:443 udp", "192.0.2.101:443 udp",
    )  # fmt: skip


def test_a_reload_keeps_the_times_of_what_stays() -> None:
    bench = Bench(models.virtual_server(one(A), one(B)))
    bench.answer(2, a=UP, b=FAILED)
    bench.now_s = 8
    bench.load(models.virtual_server(one(B)), models.virtual_server(one(A), port=81))
    (b,) = bench.service(0).servers
    assert summary(b) == (False, False, False, 2)
    assert after(bench.service(0).since) == 8  # with its only alive server the quorum went
    (a,) = bench.service(1).servers
    assert summary(a) == (True, True, False, 8)
    bench.now_s = 9
    bench.load(models.virtual_server(one(A), one(B)))
    assert [after(server.since) for server in bench.service(0).servers] == [9, 2]


class Reloaded(dict[Any, Any]):
    """Blocks of which a reload takes the second one out as soon as they are listed."""

    def items(self) -> Any:
        found = list(super().items())
        del self[found[1][0]]
        return found


def test_a_reload_between_two_slices() -> None:
    bench = Bench(*(models.virtual_server(one(A), port=port) for port in (80, 81, 82)))
    bench.engine.blocks = Reloaded(bench.engine.blocks)
    core = CoreStatus(path="x", connected=False)
    runner: Any = SimpleNamespace(engine=bench.engine, backend=SimpleNamespace(status=lambda: core))
    told = asyncio.run(status_of(runner, Moment(EPOCH_S, 0), -5_000_000))
    assert [service.names[0] for service in told.services] == [
        "192.0.2.254:80 tcp", "192.0.2.254:82 tcp"]  # fmt: skip
    assert (told.core, after(told.since)) == (core, -5)
