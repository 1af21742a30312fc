"""Virtual addresses in a core: changes, restarts, leftovers, services first, readiness."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from dpvs_core.control.messages import RouteSpec
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.vrrp import core_sender, vips_core
from keepalivedpy.vrrp.vips_core import CoreVips
from tests.keepalivedpy.vrrp.address_core import Core

DEADLINE_S = 5.0
MISSING = "[Errno 2] No such file or directory"
VIP = VirtualAddress(addr="192.0.2.1", prefixlen=32)
LIP = VirtualAddress(addr="192.0.2.200", prefixlen=32, dev="dpdk1")
LOST = VirtualAddress(addr="192.0.2.66", prefixlen=32, dev="nodev")


class Scene(NamedTuple):
    """`said` is the log; `changes` has each new value of `ready` with the addresses there then."""

    core: Core
    vips: CoreVips
    said: list[str]
    changes: list[tuple[bool, list[str]]]

    async def until_ready(self, ready: bool = True) -> None:
        await self.core.until(lambda: self.vips.ready is ready)

    def written(self) -> list[str]:
        """The changes without the announcements."""
        return [line for line in self.core.log if not line.startswith("garp")]


def scenario(
    path: Path, body: Callable[[Scene], Awaitable[None]], expect_services: bool = False
) -> None:
    async def limited() -> None:
        core = Core(path / "s")
        changes: list[tuple[bool, list[str]]] = []

        def changed() -> None:
            changes.append((vips.ready, [prefix for prefix, _dev in core.addresses]))
            core.changed.set()

        said: list[str] = []
        vips = CoreVips(said.append, str(core.path), 3000, lambda: expect_services, changed)
        running = asyncio.create_task(vips.run())
        async with asyncio.timeout(DEADLINE_S):
            await body(Scene(core, vips, said, changes))
        running.cancel()

    asyncio.run(limited())


# --- changes ------------------------------------------------------------------------------------


def test_changes_go_out_in_their_order(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.vips.add("VI_1", "dpdk0", (VIP,), ())
        s.vips.announce("dpdk0", (VIP,), 2)
        await s.core.until(lambda: s.core.log[-2:] == ["garp 192.0.2.1 dpdk0"] * 2)
        s.vips.remove("VI_1", "dpdk0", (VIP,), ())
        await s.vips.flush()
        assert s.written() == ["add 192.0.2.1/32 dpdk0", "del 192.0.2.1/32 dpdk0"]
        assert s.core.addresses == {}

    scenario(tmp_path, body)


def test_a_take_over_is_one_request_and_announced_at_once(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.core.asked.clear()
        s.core.hold = "garp.send"  # no announcement is answered, and yet all are sent
        s.vips.add("VI_1", "dpdk0", (VIP, LIP), ())
        s.vips.announce("dpdk0", (VIP, LIP), 5)
        await s.core.until(lambda: s.core.asked == ["batch"] + ["garp.send"] * 10)
        s.core.hold = ""
        s.core.answers.set()
        await s.vips.flush()
        assert s.core.log == [
            "add 192.0.2.1/32 dpdk0",
            "add 192.0.2.200/32 dpdk1",
            *(["garp 192.0.2.1 dpdk0", "garp 192.0.2.200 dpdk1"] * 5),
        ]

    scenario(tmp_path, body)


def test_a_thousand_addresses_are_few_requests(tmp_path: Path) -> None:
    many = tuple(VirtualAddress(addr=f"10.0.{n // 250}.{n % 250}", prefixlen=32)
                 for n in range(1000))  # fmt: skip

    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.core.asked.clear()
        s.vips.add("VI_1", "dpdk0", many, ())
        s.vips.announce("dpdk0", many, 1)
        await s.vips.flush()
        assert s.core.asked == ["batch"] + ["garp.send"] * 8
        assert len(s.core.addresses) == 1000
        s.core.asked.clear()
        s.vips.remove("VI_1", "dpdk0", many, ())
        await s.vips.flush()
        assert (s.core.asked, s.core.addresses) == (["batch"], {})

    scenario(tmp_path, body)


def test_what_the_core_refuses_is_said_and_the_rest_is_done(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.vips.add("VI_1", "dpdk0", (VIP, LOST, LIP), ())
        s.vips.announce("dpdk0", (VIP, LOST, LIP), 2)
        await s.vips.flush()
        assert set(s.core.addresses) == {("192.0.2.1/32", "dpdk0"), ("192.0.2.200/32", "dpdk1")}
        refusals = [line for line in s.said if "refused" in line]
        assert refusals == ["dpvs refused address 192.0.2.66/32 on nodev: no device nodev"]
        assert s.core.asked.count("garp.send") == 4  # none for the refused one
        assert s.vips.has("dpdk0", (VIP, LIP)) and not s.vips.has("dpdk0", (VIP, LOST))
        assert s.vips.status().refused == ("address 192.0.2.66/32 on nodev: no device nodev",)
        s.vips.remove("VI_1", "dpdk0", (VIP, LOST, LIP), ())
        await s.vips.flush()
        assert (s.core.addresses, s.vips.status().refused) == ({}, ())
        assert len([line for line in s.said if "refused" in line]) == 1

    scenario(tmp_path, body)


def test_one_address_that_has_gone_does_not_silence_the_others(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        other = VirtualAddress(addr="192.0.2.2", prefixlen=32)
        s.vips.add("VI_1", "dpdk0", (VIP, other), ())
        await s.vips.flush()
        del s.core.addresses["192.0.2.1/32", "dpdk0"]  # by an operator
        s.vips.announce("dpdk0", (VIP, other), 1)
        await s.vips.flush()
        assert s.core.log[-1] == "garp 192.0.2.2 dpdk0"
        assert any("to announce 192.0.2.1 on dpdk0" in line for line in s.said)

    scenario(tmp_path, body)


def test_an_address_goes_with_its_last_holder(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.vips.add("VI_1", "dpdk0", (VIP,), ())
        s.vips.add("VI_2", "dpdk0", (VIP,), ())
        s.vips.remove("VI_1", "dpdk0", (VIP,), ())
        await s.vips.flush()
        assert s.written() == ["add 192.0.2.1/32 dpdk0"]
        s.vips.remove("VI_2", "dpdk0", (VIP,), ())
        await s.vips.flush()
        assert s.core.addresses == {}

    scenario(tmp_path, body)


VIP6 = VirtualAddress(addr="2001:db8::1", prefixlen=64)
DEFAULT6 = VirtualRoute(prefix="::/0", via="2001:db8::fe")
INSIDE = VirtualRoute(prefix="10.0.0.0/8")


def test_routes_come_after_the_addresses_and_go_before_them(tmp_path: Path) -> None:
    """K-032: virtual_routes are the MASTER's, as its addresses are, of either family."""

    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.vips.add("VI_1", "dpdk0", (VIP, VIP6), (DEFAULT6, INSIDE))
        await s.vips.flush()
        s.vips.remove("VI_1", "dpdk0", (VIP, VIP6), (DEFAULT6, INSIDE))
        await s.vips.flush()
        assert s.written() == [
            "add 192.0.2.1/32 dpdk0", "add 2001:db8::1/64 dpdk0",
            "route ::/0 2001:db8::fe", "route 10.0.0.0/8 dpdk0",
            "unroute 10.0.0.0/8 dpdk0", "unroute ::/0 2001:db8::fe",
            "del 2001:db8::1/64 dpdk0", "del 192.0.2.1/32 dpdk0",
        ]  # fmt: skip
        assert (s.core.addresses, s.core.routes) == ({}, {})

    scenario(tmp_path, body)


def test_a_route_that_goes_another_way_is_said(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        other = VirtualRoute(prefix="::/0", via="2001:db8::ff")
        s.core.routes = {RouteSpec(prefix="::/0", via="2001:db8::fe", dev="dpdk0"): "cli"}
        await s.core.start()
        await s.until_ready()
        s.vips.add("VI_1", "dpdk0", (VIP6,), (other,))
        await s.vips.flush()
        assert [line for line in s.said if "refused" in line] == [
            "dpvs refused route ::/0: another way"
        ]
        assert s.vips.status().refused == ("route ::/0: another way",)
        assert set(s.core.addresses) == {("2001:db8::1/64", "dpdk0")}

    scenario(tmp_path, body)


def test_a_new_core_gets_the_routes_too(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.vips.add("VI_1", "dpdk0", (VIP6,), (DEFAULT6,))
        await s.vips.flush()
        await s.core.crash()
        s.core.instance = "two"
        s.core.routes = {RouteSpec(prefix="10.9.0.0/16", dev="dpdk0"): "vrrp"}
        await s.core.start()
        await s.core.until(lambda: len(s.core.routes) == 1 and bool(s.core.addresses))
        assert [(route.prefix, route.via) for route in s.core.routes] == [("::/0", "2001:db8::fe")]

    scenario(tmp_path, body)


# --- connections --------------------------------------------------------------------------------


def test_a_new_core_gets_everything_and_leftovers_go(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        s.vips.add("VI_1", "dpdk0", (VIP,), ())  # before the core is there
        s.core.addresses = {("192.0.2.9/32", "dpdk0"): "vrrp", ("192.0.2.8/32", "dpdk0"): "cli"}
        await s.core.start()
        await s.core.until(lambda: s.core.log[-5:] == ["garp 192.0.2.1 dpdk0"] * 5)
        assert s.core.addresses == {
            ("192.0.2.8/32", "dpdk0"): "cli",
            ("192.0.2.1/32", "dpdk0"): "vrrp",
        }
        await s.core.crash()
        s.core.instance = "two"
        await s.core.start()
        await s.core.until(lambda: s.core.log[-5:] == ["garp 192.0.2.1 dpdk0"] * 5)
        assert s.core.addresses == {("192.0.2.1/32", "dpdk0"): "vrrp"}

    scenario(tmp_path, body)


def test_addresses_whose_lease_ran_out_come_back(tmp_path: Path) -> None:
    """This process was stopped for a while and is still MASTER; the core is the same."""

    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.vips.add("VI_1", "dpdk0", (VIP, LIP), ())
        await s.vips.flush()
        s.core.log.clear()
        s.core.addresses.clear()
        s.core.cut()
        await s.core.until(lambda: len(s.core.log) == 12)
        assert set(s.written()) == {"add 192.0.2.1/32 dpdk0", "add 192.0.2.200/32 dpdk1"}
        assert s.core.log[2:] == ["garp 192.0.2.1 dpdk0", "garp 192.0.2.200 dpdk1"] * 5
        s.core.addresses.clear()  # now it lets go of what the core has forgotten
        s.vips.remove("VI_1", "dpdk0", (VIP, LIP), ())
        await s.vips.flush()
        assert not [line for line in s.said if "refused" in line]

    scenario(tmp_path, body)


def test_what_is_ordered_while_the_core_is_compared_comes_after(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        s.vips.add("VI_1", "dpdk0", (VIP, LOST, LIP), ())  # refused, so sent again in parts
        s.core.hold = "batch"
        await s.core.start()
        await s.core.until(lambda: "batch" in s.core.asked)
        s.core.hold = ""
        s.vips.remove("VI_1", "dpdk0", (VIP,), ())
        await asyncio.sleep(0)  # whoever carries out orders could begin now
        s.core.answers.set()
        await s.core.until(lambda: "del 192.0.2.1/32 dpdk0" in s.core.log)
        await s.vips.flush()
        assert set(s.core.addresses) == {("192.0.2.200/32", "dpdk1")}

    scenario(tmp_path, body)


# --- services first -----------------------------------------------------------------------------


def test_services_come_first_in_a_new_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vips_core, "SERVICES_FIRST_S", 60.0)

    async def body(s: Scene) -> None:
        s.vips.add("VI_1", "dpdk0", (VIP,), ())
        s.core.addresses = {("192.0.2.9/32", "dpdk0"): "vrrp"}
        s.core.ready = ("agent",)
        await s.core.start()
        await s.core.until(lambda: s.core.asked.count("info.get") == 3)
        assert s.core.addresses == {}, "a predecessor's address goes at once, ours waits"
        assert (s.vips.ready, s.vips.trouble) == (False, "waits for the services")
        s.core.ready = ("agent", "check")
        await s.until_ready()
        assert s.changes == [(True, ["192.0.2.1/32"])]

    scenario(tmp_path, body, expect_services=True)


def test_services_that_do_not_come_are_not_awaited_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vips_core, "SERVICES_FIRST_S", 0.05)

    async def body(s: Scene) -> None:
        s.vips.add("VI_1", "dpdk0", (VIP,), ())
        await s.core.start()
        await s.until_ready()
        assert s.core.addresses

    scenario(tmp_path, body, expect_services=True)


# --- readiness ----------------------------------------------------------------------------------


def test_ready_is_told_with_the_addresses_there_and_lost_at_once(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        began_us = s.vips.down_since_us
        assert began_us is not None and not s.vips.ready
        s.vips.add("VI_1", "dpdk0", (VIP,), ())
        while s.vips.trouble.endswith("no answer"):
            await asyncio.sleep(0)
        assert s.vips.trouble == f"dpvs cannot be reached: {MISSING}"
        await s.core.start()
        await s.until_ready()
        assert (s.vips.down_since_us, s.vips.trouble) == (None, "")
        await s.core.crash()
        await s.until_ready(False)
        assert s.changes == [(True, ["192.0.2.1/32"]), (False, [])]
        assert s.vips.down_since_us is not None and s.vips.down_since_us > began_us
        assert s.vips.trouble.startswith("dpvs cannot be reached: ")

    scenario(tmp_path, body)


def test_the_lease_can_be_changed(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        assert s.core.lease_ms == 3000
        s.vips.set_lease(3000)
        s.vips.set_lease(300)
        await s.core.until(lambda: s.core.lease_ms == 300)
        assert s.core.asked.count("lease.set") == 1
        await s.core.crash()
        await s.until_ready(False)
        s.vips.set_lease(600)
        await s.core.start()
        await s.until_ready()
        assert (s.core.lease_ms, s.core.asked.count("lease.set")) == (600, 1)

    scenario(tmp_path, body)


def test_a_lease_changed_during_the_greeting_is_told_after_it(tmp_path: Path) -> None:
    async def body(s: Scene) -> None:
        s.core.answers.clear()
        await s.core.start()
        await s.core.until(lambda: s.core.asked == ["hello"])
        s.vips.set_lease(300)
        s.core.answers.set()
        await s.until_ready()
        assert s.core.lease_ms == 300

    scenario(tmp_path, body)


def test_a_core_that_is_not_there_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vips_core, "SAY_UNREACHABLE_S", 0.02)

    async def body(s: Scene) -> None:
        while not s.said:
            await asyncio.sleep(0)
        assert s.said == ["dpvs cannot be reached, addresses wait for it: " + MISSING]
        await s.core.start()
        s.vips.add("VI_1", "dpdk0", (VIP,), ())
        await s.core.until(lambda: bool(s.core.addresses))
        assert len([line for line in s.said if "cannot be reached" in line]) == 1

    scenario(tmp_path, body)


def test_a_core_that_does_not_answer_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core_sender, "UNANSWERED_S", 0.02)
    monkeypatch.setattr(vips_core, "FLUSH_S", 0.2)
    silence = "dpvs has not answered garp.send for 0.02 s"

    async def body(s: Scene) -> None:
        await s.core.start()
        await s.until_ready()
        s.vips.add("VI_1", "dpdk0", (VIP,), ())
        await s.vips.flush()
        s.core.answers.clear()
        s.vips.announce("dpdk0", (VIP,), 5)
        await s.vips.flush()
        assert s.said[1:] == [
            silence,
            "dpvs has not answered in time; addresses may remain until its lease ends",
        ]
        s.core.answers.set()
        await s.vips.flush()
        assert s.said[3:] == ["dpvs answers again"]

    scenario(tmp_path, body)
