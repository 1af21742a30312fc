"""Virtual addresses in a scripted core: changes, restarts, leftovers, services first."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dpvs_core.control import codec
from dpvs_core.control.messages import (
    AddrAdd,
    AddrDel,
    AddrList,
    AddrRow,
    AddrRows,
    AddrSpec,
    Code,
    Failure,
    GarpSend,
    Hello,
    Info,
    InfoGet,
    Ok,
    Owner,
    Reply,
    Request,
    RouteList,
    RouteRows,
    Welcome,
)
from keepalivedpy.model.vrrp import VirtualAddress
from keepalivedpy.vrrp import vips_core
from keepalivedpy.vrrp.vips_core import CoreVips

DEADLINE_S = 5.0
MISSING = "[Errno 2] No such file or directory"
VIP = VirtualAddress(addr="192.0.2.1", prefixlen=32)


class Core:
    """Keeps addresses as dpvs does: by prefix and device, with their owner."""

    def __init__(self, path: Path) -> None:
        self.path, self.instance, self.n_services = path, "one", 0
        self.addresses: dict[tuple[str, str], Owner] = {}
        self.lease_ms = -1
        self.log: list[str] = []
        self.changed = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))

    async def crash(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self.path.unlink(missing_ok=True)
        self.addresses.clear()
        self.log.clear()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.changed.clear()
            await self.changed.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        while head := await reader.read(codec.LENGTH.size):
            request = codec.decode_request(await reader.readexactly(codec.frame_length(head)))
            writer.write(codec.encode(self._answer(request)))
            self.changed.set()

    def _answer(self, request: Request) -> Reply:
        match request:
            case Hello(lease_ms=lease_ms):
                self.lease_ms = lease_ms
                return Welcome(
                    version=1, instance=self.instance, dpvs_version="t", pid=1, uptime_s=0.0
                )
            case InfoGet():
                self.log.append("info")
                return info(self.n_services)
            case AddrList():
                return AddrRows(
                    rows=tuple(
                        AddrRow(spec=AddrSpec(prefix=prefix, dev=dev), owners=(owner,))
                        for (prefix, dev), owner in self.addresses.items()
                    )
                )
            case RouteList():
                return RouteRows(rows=())
            case AddrAdd(addr=addr) if addr.dev == "nodev":
                return Failure(code=Code.NODEV, message="no device nodev", value="nodev")
            case AddrAdd(addr=addr):
                self.log.append(f"add {addr.prefix} {addr.dev}")
                self.addresses[addr.prefix, addr.dev] = "vrrp"
            case AddrDel(prefix=prefix, dev=dev):
                self.log.append(f"del {prefix} {dev}")
                if self.addresses.pop((prefix, dev), None) is None:
                    return Failure(code=Code.NOTEXIST, message="no such address")
            case GarpSend(dev=dev, addrs=addrs):
                self.log.append(f"garp {' '.join(addrs)} {dev}")
        return Ok()


def info(n_services: int) -> Info:
    return Info(
        dpvs_version="t", dpdk_version="t", instance="one", pid=1, uptime_s=0.0, hugepages=False,
        n_workers=1, conns=0, conn_pool=0, n_services=n_services, protocol_errors=0, clients=1,
        conf_file="",
    )  # fmt: skip


def scenario(
    path: Path,
    body: Callable[[Core, CoreVips, list[str]], Awaitable[None]],
    expect_services: bool = False,
) -> None:
    async def limited() -> None:
        said: list[str] = []
        core = Core(path / "s")
        vips = CoreVips(said.append, str(core.path), 3000, lambda: expect_services)
        running = asyncio.create_task(vips.run())
        async with asyncio.timeout(DEADLINE_S):
            await body(core, vips, said)
        running.cancel()

    asyncio.run(limited())


def test_changes_go_out_in_their_order(tmp_path: Path) -> None:
    async def body(core: Core, vips: CoreVips, said: list[str]) -> None:
        await core.start()
        await core.until(lambda: core.lease_ms >= 0)
        vips.add("dpdk0", (VIP,), ())
        vips.announce("dpdk0", (VIP,), 2)
        await core.until(lambda: core.log[-2:] == ["garp 192.0.2.1 dpdk0"] * 2)
        vips.remove("dpdk0", (VIP,), ())
        await vips.flush()
        assert [word for word in core.log if not word.startswith("garp")] == [
            "add 192.0.2.1/32 dpdk0",
            "del 192.0.2.1/32 dpdk0",
        ]
        assert core.lease_ms == 3000
        assert core.addresses == {}

    scenario(tmp_path, body)


def test_a_new_core_gets_everything_and_leftovers_go(tmp_path: Path) -> None:
    async def body(core: Core, vips: CoreVips, said: list[str]) -> None:
        vips.add("dpdk0", (VIP,), ())  # before the core is there
        core.addresses = {("192.0.2.9/32", "dpdk0"): "vrrp", ("192.0.2.8/32", "dpdk0"): "cli"}
        await core.start()
        await core.until(lambda: core.log[-5:] == ["garp 192.0.2.1 dpdk0"] * 5)
        assert core.addresses == {
            ("192.0.2.8/32", "dpdk0"): "cli",
            ("192.0.2.1/32", "dpdk0"): "vrrp",
        }
        await core.crash()
        core.instance = "two"
        await core.start()
        await core.until(lambda: core.log[-5:] == ["garp 192.0.2.1 dpdk0"] * 5)
        assert core.addresses == {("192.0.2.1/32", "dpdk0"): "vrrp"}

    scenario(tmp_path, body)


def test_services_come_first_in_a_new_core(tmp_path: Path) -> None:
    async def body(core: Core, vips: CoreVips, said: list[str]) -> None:
        vips.add("dpdk0", (VIP,), ())
        await core.start()
        await core.until(lambda: core.log.count("info") == 3)
        assert core.addresses == {}
        core.n_services = 1
        await core.until(lambda: bool(core.addresses))
        assert core.log.count("info") < 8  # not only because the second was over

    scenario(tmp_path, body, expect_services=True)


def test_what_the_core_refuses_is_said(tmp_path: Path) -> None:
    async def body(core: Core, vips: CoreVips, said: list[str]) -> None:
        vips.add("nodev", (VIP,), ())
        await core.start()
        await core.until(lambda: any("garp" in word for word in core.log))
        assert "dpvs refused address 192.0.2.1/32 on nodev: no device nodev" in said

    scenario(tmp_path, body)


def test_a_core_that_is_not_there_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vips_core, "SAY_UNREACHABLE_S", 0.02)

    async def body(core: Core, vips: CoreVips, said: list[str]) -> None:
        while not said:
            await asyncio.sleep(0)
        assert said == ["dpvs cannot be reached, addresses wait for it: " + MISSING]
        await core.start()
        vips.add("dpdk0", (VIP,), ())
        await core.until(lambda: bool(core.addresses))
        assert len([line for line in said if "cannot be reached" in line]) == 1

    scenario(tmp_path, body)
