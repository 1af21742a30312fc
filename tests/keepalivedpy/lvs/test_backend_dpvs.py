"""The backend against a core: what is sent in which batch, and when it says that it is ready."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dpvs_core.control.match_text import parse_match
from dpvs_core.control.messages import (
    Batch,
    Change,
    LaddrAdd,
    LaddrDel,
    LaddrSpec,
    Ready,
    ServiceAdd,
    ServiceKey,
    ServiceSpec,
)
from keepalivedpy.lvs import backend_dpvs
from keepalivedpy.lvs.backend_dpvs import Backend, Goal, batches
from keepalivedpy.lvs.plan import WantedService
from tests.keepalivedpy.fake_core import FakeCore

DEADLINE_S = 5.0


def goal(*ports: int, scheduler: str = "rr") -> Goal:
    keys = [ServiceKey(proto="tcp", addr="192.0.2.1", port=port) for port in ports]
    spec = ServiceSpec(scheduler=scheduler)
    return {key: WantedService(key=key, spec=spec) for key in keys}


def scenario(
    path: Path, body: Callable[[FakeCore, Backend, list[str]], Awaitable[None]], wanted: Goal
) -> None:
    async def limited() -> None:
        said: list[str] = []
        with FakeCore(path / "s") as core:
            backend = Backend(said.append, str(core.path))
            backend.want(wanted)
            running = asyncio.create_task(backend.run())
            async with asyncio.timeout(DEADLINE_S):
                await body(core, backend, said)
            running.cancel()

    asyncio.run(limited())


async def until(core: FakeCore, condition: Callable[[], bool]) -> None:
    """The fake core runs in threads of its own."""
    await asyncio.to_thread(core.wait_for, condition, DEADLINE_S)


@pytest.mark.parametrize("wanted", [goal(), goal(80, 81), goal(80, scheduler="unheard-of")])
def test_ready_is_sent_once_after_the_first_time(tmp_path: Path, wanted: Goal) -> None:
    async def body(core: FakeCore, backend: Backend, said: list[str]) -> None:
        await until(core, lambda: bool(core.ready))
        assert (core.ready, core.requests[-1]) == (["check"], Ready())
        taken = {key for key, want in wanted.items() if want.spec.scheduler == "rr"}
        assert core.model.services.keys() == taken
        backend.want(goal(80, 82))
        await until(core, lambda: core.model.services.keys() == goal(80, 82).keys())
        await backend.withdraw()
        assert core.ready == ["check"]

    scenario(tmp_path, body, wanted)


def test_a_new_core_is_told_again(tmp_path: Path) -> None:
    async def body(core: FakeCore, backend: Backend, said: list[str]) -> None:
        await until(core, lambda: bool(core.ready))
        await asyncio.to_thread(core.restart)
        await until(core, lambda: bool(core.ready))
        assert core.model.services.keys() == goal(80).keys()

    scenario(tmp_path, body, goal(80))


def test_a_goal_that_is_equal_is_ready_too(tmp_path: Path) -> None:
    """keepalived was started again; what it left behind is right."""

    async def body(core: FakeCore, backend: Backend, said: list[str]) -> None:
        await until(core, lambda: bool(core.ready))
        again = Backend(said.append, str(core.path))
        again.want(goal(80))
        running = asyncio.create_task(again.run())
        await until(core, lambda: len(core.ready) == 2)
        running.cancel()
        assert not [request for request in core.requests if isinstance(request, Batch)]
        assert len([r for r in core.requests if isinstance(r, ServiceAdd)]) == 1

    scenario(tmp_path, body, goal(80))


def test_matches_have_the_order_of_the_goal(tmp_path: Path) -> None:
    """F-021: one that a reload puts between two others is asked as after a start."""
    keys = [parse_match(f"proto=tcp,src-range=192.0.2.{n}") for n in (1, 2, 3)]
    whole = {key: WantedService(key=key, spec=ServiceSpec(scheduler="rr")) for key in keys}

    async def body(core: FakeCore, backend: Backend, said: list[str]) -> None:
        await until(core, lambda: bool(core.ready))
        backend.want(whole)
        await until(core, lambda: len(core.model.services) == len(keys))
        assert list(core.model.services) == keys
        assert not said[1:]

    scenario(tmp_path, body, {key: whole[key] for key in (keys[0], keys[2])})


def test_a_detachment_stays_with_its_attachment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend_dpvs, "MAX_BATCH", 4)
    key = ServiceKey(proto="tcp", addr="192.0.2.1", port=80)
    lip = LaddrSpec(addr="192.0.2.200", dev="dpdk0")
    first: Change = ServiceAdd(key=key)
    pairs: list[Change] = [LaddrDel(service=key, laddr=lip), LaddrAdd(service=key, laddr=lip)] * 3
    changes = [first, *pairs]
    assert [len(batch) for batch in batches(changes)] == [3, 4]
    assert [change for batch in batches(changes) for change in batch] == changes
    detachments: list[Change] = [LaddrDel(service=key, laddr=lip)] * 9
    assert [len(batch) for batch in batches(detachments)] == [3, 3, 3]
    assert list(batches([])) == []


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (goal(80, 81), "nothing to change"),
        (goal(80, 81, 82), "1 change"),
        (goal(81, 82), "2 changes"),
    ],
)
def test_a_reload_says_how_much_it_changed(tmp_path: Path, after: Goal, words: str) -> None:
    async def body(core: FakeCore, backend: Backend, said: list[str]) -> None:
        await until(core, lambda: bool(said))  # that it is programmed
        n_batches = len(core.requests)
        backend.reloaded()
        backend.want(after)
        while not said[-1].startswith("Reload"):
            await asyncio.sleep(0.01)
        assert said[-1] == f"Reload of services: {words} in dpvs"
        if words == "nothing to change":
            assert core.requests[n_batches:] == []
        backend.want(goal())
        await until(core, lambda: core.summary() == {})
        assert said[-1] == f"Reload of services: {words} in dpvs"  # of reloads alone

    scenario(tmp_path, body, goal(80, 81))
