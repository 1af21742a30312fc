"""The engine with a clock of its own: what it starts, says and programs."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from keepalivedpy.checkers.engine import Answered, Engine, Load, Program, StartProbe, Stop, Tick
from keepalivedpy.checkers.verdict import Outcome
from keepalivedpy.lvs.effects import Log, Notify
from keepalivedpy.lvs.names import RsKey, VsId, blocks
from keepalivedpy.lvs.part import checker_part
from keepalivedpy.lvs.plan import Planner
from keepalivedpy.lvs.pool import Pool, servers
from keepalivedpy.model.lvs import VirtualServer
from keepalivedpy.model.script import Script
from tests.keepalivedpy import lvs_models as models

UP, FAILED = Outcome.UP, Outcome.FAILED
VS = "VS [192.0.2.254]:tcp:80"
A, B = "10.0.0.1", "10.0.0.2"
STARTED = Pool(alive=frozenset({RsKey(A, 80), RsKey(B, 80)}), quorum_up=True)
RS_A, RS_B = f"[{A}]:tcp:80", f"[{B}]:tcp:80"


class Bench:
    """An engine, its time, and answers by server address."""

    def __init__(self, *virtual_servers: VirtualServer) -> None:
        self.engine = Engine(lambda limit_us: limit_us // 2)
        self.now_us = 0
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.n_programs = 0
        self.asked: dict[str, int] = {}
        self.load(*virtual_servers)

    def load(self, *virtual_servers: VirtualServer) -> None:
        self.part = checker_part(models.root(*virtual_servers))
        self.feed(Load(self.part))

    def feed(self, event: Load | Tick | Answered | Stop) -> None:
        self.texts, self.scripts, self.n_programs = [], [], 0
        for action in self.engine.handle(event, self.now_us):
            match action:
                case Log(text):
                    self.texts.append(text)
                case Notify(script, _):
                    self.scripts.append(script.command)
                case Program():
                    self.n_programs += 1
                case StartProbe(check_id, target):
                    self.asked[target.addr] = check_id

    def advance(self) -> None:
        """To the next deadline."""
        next_us = self.engine.next_us()
        assert next_us is not None
        self.now_us = next_us
        self.feed(Tick())

    def ask(self) -> None:
        """Until a probe is started for every server that waits."""
        while self.engine.next_us() is not None:
            self.advance()

    def answer(self, addr: str, outcome: Outcome, reason: str = "") -> None:
        self.feed(Answered(self.asked.pop(addr), outcome, reason))

    def weights(self) -> dict[str, int]:
        services = Planner(self.part).plan(self.engine.pools).values()
        return {dest.addr: dest.weight for service in services for dest in service.dests}


def pair(**settings: object) -> VirtualServer:
    return models.virtual_server(models.server(A, 80), models.server(B, 80), **settings)


def test_first_run_is_within_the_warmup_and_then_every_delay_loop() -> None:
    check = models.tcp_check(80, warmup_us=4_000_000, delay_loop_us=6_000_000)
    bench = Bench(models.virtual_server(models.server(A, checkers=(check,))))
    assert bench.engine.next_us() == 2_000_000  # the bench's random number is the middle
    bench.advance()
    assert bench.engine.next_us() is None  # in flight
    bench.now_us = 2_100_000
    bench.answer(A, UP)
    assert bench.texts == [f"TCP connection to {RS_A} success."]
    assert bench.engine.next_us() == 8_100_000


def test_delay_loop_and_warmup_default_to_the_virtual_servers() -> None:
    check = models.tcp_check(80, warmup_us=None, delay_loop_us=None)
    bench = Bench(models.virtual_server(
        models.server(A, checkers=(check,)), delay_loop_us=10_000_000))  # fmt: skip
    assert bench.engine.next_us() == 5_000_000


def test_a_server_goes_and_comes() -> None:
    bench = Bench(pair())
    assert bench.weights() == {A: 100, B: 100}  # up until proven otherwise
    bench.ask()
    bench.answer(A, FAILED)
    assert bench.texts == [
        f"TCP_CHECK on service {RS_A} failed.", f"Removing service {RS_A} from {VS}"]  # fmt: skip
    assert bench.n_programs == 1
    assert bench.weights() == {B: 100}
    bench.answer(B, UP)
    assert bench.n_programs == 0
    bench.ask()
    bench.answer(A, UP)
    assert bench.texts == [
        f"TCP connection to {RS_A} success.", f"Adding service {RS_A} to {VS}"]  # fmt: skip
    assert bench.weights() == {A: 100, B: 100}


def test_all_checks_of_a_server_must_be_up() -> None:
    two = (models.tcp_check(80), models.tcp_check(443, connect_ip=B))
    bench = Bench(models.virtual_server(models.server(A, checkers=two)))
    bench.ask()
    bench.answer(A, UP)
    bench.answer(B, FAILED)
    assert bench.weights() == {}
    bench.ask()
    bench.answer(A, UP)
    assert bench.weights() == {}
    bench.answer(B, UP)
    assert bench.weights() == {A: 100}


def test_alpha_waits_for_the_first_success() -> None:
    bench = Bench(pair(alpha=True))
    assert f"Starting with quorum down 1-0=1 > 0 for {VS}" in bench.texts
    assert bench.weights() == {}
    bench.ask()
    bench.answer(A, UP)
    assert bench.texts == [
        f"TCP connection to {RS_A} success.", f"Adding service {RS_A} to {VS}",
        f"Gained quorum 1+0=1 <= 100 for {VS}"]  # fmt: skip
    assert bench.weights() == {A: 100}


def test_all_failures_are_logged_on_request() -> None:
    bench = Bench(pair())
    defs = msgspec.structs.replace(bench.part.global_defs, checker_log_all_failures=True)
    bench.part = msgspec.structs.replace(bench.part, global_defs=defs)
    bench.feed(Load(bench.part))
    bench.ask()
    bench.answer(A, UP)
    bench.ask()
    bench.answer(A, Outcome.TIMEOUT)
    assert bench.texts == [f"TCP connection to {RS_A} timeout."]


def test_what_cannot_run_is_said_once() -> None:
    bench = Bench(pair())
    bench.ask()
    bench.answer(A, Outcome.NOT_RUN, "no such device")
    assert bench.texts == [f"TCP_CHECK on service {RS_A} could not be run: no such device"]
    bench.ask()
    bench.answer(A, Outcome.NOT_RUN, "no such device")
    assert bench.texts == []
    assert bench.weights() == {A: 100, B: 100}


def test_reload_keeps_what_checks_found_out() -> None:
    bench = Bench(pair())
    bench.ask()
    bench.answer(A, FAILED)
    bench.load(pair(lb_algo="wlc"))
    assert bench.weights() == {B: 100}
    assert not [text for text in bench.texts if "quorum" in text or "Adding" in text]
    bench.answer(B, FAILED)  # asked before the reload, counts after it
    assert bench.weights() == {}


def test_reload_with_another_check_does_not_revive_a_dead_server() -> None:
    bench = Bench(pair())
    bench.ask()
    bench.answer(A, FAILED)
    bench.load(models.virtual_server(models.server(A, 8080), models.server(B, 8080)))
    assert bench.weights() == {B: 100}
    bench.ask()
    bench.answer(A, UP)
    assert bench.weights() == {A: 100, B: 100}


def test_reload_without_the_failing_check_brings_the_server_back() -> None:
    bench = Bench(pair())
    bench.ask()
    bench.answer(A, FAILED)
    bench.load(models.virtual_server(models.server(A), models.server(B, 80)))
    assert f"Adding service {RS_A} to {VS}" in bench.texts
    assert bench.weights() == {A: 100, B: 100}


def test_a_reload_leaves_the_checks_of_what_stays_alone() -> None:
    bench = Bench(pair(), pair(port=81))
    bench.ask()
    bench.answer(A, FAILED)
    n_checks, state = len(bench.engine.checks.by_id), bench.engine.pools
    bench.load(pair(port=81), pair(port=82), pair())
    assert len(bench.engine.checks.by_id) == n_checks + 2
    assert bench.engine.pools == {**state, VsId("tcp", "192.0.2.254", 82): STARTED}
    bench.answer(B, FAILED)  # asked before the reload, counts after it
    assert bench.engine.pools != state


def test_a_late_answer_of_a_removed_check_is_ignored() -> None:
    bench = Bench(pair())
    bench.ask()
    bench.load(models.virtual_server(models.server(B, 80)))
    assert f"Removing service {RS_A} from {VS}" in bench.texts
    bench.answer(A, FAILED)
    assert (bench.texts, bench.weights()) == ([], {B: 100})


def test_reload_says_weights_and_servers_that_go() -> None:
    bench = Bench(pair(), pair(port=81))
    bench.load(models.virtual_server(models.server(A, 80, weight=5), models.server(B, 80)))
    assert f"Changing weight from 100 to 5 for active service {RS_A} of {VS}" in bench.texts
    assert "Removing Virtual Server [192.0.2.254]:tcp:81" in bench.texts


def test_reload_shortens_a_long_wait() -> None:
    slow = models.tcp_check(80, delay_loop_us=60_000_000)
    quick = models.tcp_check(80, delay_loop_us=1_000_000)
    bench = Bench(models.virtual_server(models.server(A, checkers=(slow,))))
    bench.ask()
    bench.answer(A, UP)
    assert bench.engine.next_us() == 60_000_000
    bench.load(models.virtual_server(models.server(A, checkers=(quick,))))
    assert bench.engine.next_us() == 1_000_000


def test_names_that_are_not_there_are_said() -> None:
    bench = Bench(models.virtual_server(addr=None, group="nosuch", laddr_group_name="nolips"))
    assert "virtual_server group nosuch: no such virtual_server_group" in bench.texts
    assert "VS [nosuch]:0: laddr_group_name nolips: no such local_address_group" in bench.texts


def test_the_end_is_said() -> None:
    bench = Bench(pair(omega=True, quorum_down=Script("/bin/down")))
    bench.feed(Stop())
    assert bench.texts == [
        f"Shutting down service {RS_A} from {VS}",
        f"Shutting down service {RS_B} from {VS}",
    ]
    assert bench.scripts == ["/bin/down"]


real_servers = st.builds(
    models.server,
    st.sampled_from([A, B, "10.0.0.3"]),
    st.sampled_from([None, 80, 81]),
    weight=st.integers(0, 3),
    inhibit_on_failure=st.booleans(),
)
virtual_servers = st.builds(
    lambda servers, **settings: models.virtual_server(*servers, **settings),
    st.lists(real_servers, max_size=4),
    port=st.integers(1, 3),
    quorum=st.integers(1, 4),
    sorry_server=st.one_of(st.none(), st.just(models.server("10.0.0.9"))),
    lb_algo=st.sampled_from(["rr", "wlc"]),
)
some = st.lists(virtual_servers, max_size=2)
reloads = st.builds(lambda goes, stays, comes: (goes + stays, stays + comes), some, some, some)
Reload = tuple[list[VirtualServer], list[VirtualServer]]


@given(reloads)
@settings(max_examples=200, deadline=None)
def test_any_reload_ends_as_a_fresh_start(reload: Reload) -> None:
    old, new = reload
    reloaded, fresh = Bench(*old), Bench(*new)
    before = Planner(reloaded.part)
    before.plan(reloaded.engine.pools)
    reloaded.load(*new)
    assert Planner(reloaded.part, before).plan(reloaded.engine.pools) == Planner(fresh.part).plan(
        fresh.engine.pools
    )


@given(reloads, st.data())
@settings(max_examples=200, deadline=None)
def test_no_reload_puts_a_dead_server_back(reload: Reload, data: st.DataObject) -> None:
    old, new = reload
    bench = Bench(*old)
    bench.ask()
    for addr in sorted(bench.asked):
        bench.answer(addr, data.draw(st.sampled_from([UP, FAILED])))
    dead = {
        (vs_id, key)
        for vs_id, vs in blocks(old).items()
        for key in servers(vs)
        if key not in bench.engine.pools[vs_id].alive
    }
    bench.load(*new)
    for vs_id, vs in blocks(new).items():
        for key, rs in servers(vs).items():
            if (vs_id, key) in dead and rs.checkers:
                assert key not in bench.engine.pools[vs_id].alive
