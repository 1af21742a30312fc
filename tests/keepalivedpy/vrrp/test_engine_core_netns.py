"""An engine whose addresses are in a core: what the core's absence does to the instance."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from dpvs_core.control.messages import SOCKET_ENV
from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from tests.keepalivedpy.vrrp.address_core import Core

if TYPE_CHECKING:
    from conftest import Lab

pytestmark = pytest.mark.netns

DEADLINE_S = 5.0
VIP = VirtualAddress(addr="10.99.0.100", prefixlen=32)
LIP = VirtualAddress(addr="10.99.0.200", prefixlen=32, dev="dpdk1")
HELD = [("10.99.0.100/32", "dpdk0"), ("10.99.0.200/32", "dpdk1")]
INSTANCE = VrrpInstance(
    name="VI_1",
    interface="eth0",
    dpdk_interface="dpdk0",
    virtual_router_id=51,
    priority=150,
    version=3,
    advert_int_us=100_000,
    virtual_ipaddress=(VIP,),
    local_addresses=(LIP,),
)


class CoreThread:
    """A core in a loop of its own, so that a test can order it about while it waits for others."""

    def __init__(self, path: Path) -> None:
        self.core = Core(path)
        self._running = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._running.wait(DEADLINE_S)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._running.set()
        await self._stop.wait()

    def do(self, what: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(DEADLINE_S)

    def until_held(self, addresses: list[tuple[str, str]]) -> None:
        async def wait() -> None:
            async with asyncio.timeout(DEADLINE_S):
                await self.core.until(lambda: sorted(self.core.addresses) == addresses)

        self.do(wait())

    async def cut(self) -> None:
        self.core.cut()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE_S)


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CoreThread]:
    monkeypatch.setenv(SOCKET_ENV, str(tmp_path / "ipc"))
    thread = CoreThread(tmp_path / "ipc")
    yield thread
    thread.close()


def test_without_a_core_it_cannot_serve(lab: "Lab", core: CoreThread) -> None:
    a = lab.engine("a", INSTANCE)
    a.until("dpvs cannot be reached")
    a.until("Entering FAULT STATE (init)")
    core.do(core.core.start())
    a.until("Entering BACKUP STATE")
    a.until("Entering MASTER STATE")
    core.until_held(HELD)
    core.do(core.core.crash())
    a.until("dpvs cannot be reached")
    a.until("Entering FAULT STATE")
    core.do(core.core.start())
    a.until("Entering BACKUP STATE")
    a.until("Entering MASTER STATE")
    core.until_held(HELD)


def test_with_a_core_at_the_start_there_is_no_fault(lab: "Lab", core: CoreThread) -> None:
    core.do(core.core.start())
    a = lab.engine("a", INSTANCE)
    a.until("Entering MASTER STATE")
    core.until_held(HELD)
    assert [line for line in a.lines if "FAULT" in line] == []
    assert core.core.lease_ms == 300


def test_a_connection_that_comes_back_is_no_fault(lab: "Lab", core: CoreThread) -> None:
    core.do(core.core.start())
    a = lab.engine("a", INSTANCE)
    a.until("Entering MASTER STATE")
    core.until_held(HELD)
    core.do(core.cut())
    a.until("lost the connection to dpvs")
    a.until("Sending/queueing gratuitous ARPs on dpdk1")  # garp_master_delay: 5 s later
    assert [line for line in a.lines if "FAULT" in line] == []


def test_a_reload_tells_the_core_the_new_lease(lab: "Lab", core: CoreThread) -> None:
    core.do(core.core.start())
    a = lab.engine("a", INSTANCE)
    a.until("Entering MASTER STATE")
    lab.reload("a", a, replace(INSTANCE, advert_int_us=200_000))

    async def told() -> None:
        async with asyncio.timeout(DEADLINE_S):
            await core.core.until(lambda: core.core.lease_ms == 600)

    core.do(told())
