"""A core's addresses behind a real control socket, in the test's own loop: for tests of CoreVips.

`log` has a line for each change and announcement carried out, `asked` every request's tag as soon
as it is read. `answers` cleared holds back all further answers, `hold` from such a request on.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from dpvs_core.control import codec
from dpvs_core.control.messages import (
    AddrAdd,
    AddrDel,
    AddrList,
    AddrRow,
    AddrRows,
    AddrSpec,
    Batch,
    BatchDone,
    Code,
    Failure,
    GarpSend,
    Hello,
    Info,
    InfoGet,
    LeaseSet,
    Ok,
    Owner,
    Reply,
    Request,
    RouteAdd,
    RouteDel,
    RouteList,
    RouteRow,
    RouteRows,
    RouteSpec,
    Welcome,
)


class Core:
    """Keeps addresses as dpvs does: by device and address, with their owner. No device "nodev".
    Routes too; one a prefix."""

    def __init__(self, path: Path) -> None:
        self.path, self.instance = path, "one"
        self.ready: tuple[Owner, ...] = ()
        self.addresses: dict[tuple[str, str], Owner] = {}
        self.routes: dict[RouteSpec, Owner] = {}
        self.lease_ms = -1
        self.log: list[str] = []
        self.asked: list[str] = []
        self.changed = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()
        self.hold = ""
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.AbstractServer | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))

    async def crash(self) -> None:
        """The process is gone, and what it kept."""
        assert self._server is not None
        self._server.close()
        self.path.unlink(missing_ok=True)
        self.cut()
        self.addresses.clear()
        self.routes.clear()
        self.log.clear()

    def cut(self) -> None:
        """Only the connections are gone."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.changed.clear()
            await self.changed.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        requests: asyncio.Queue[Request] = asyncio.Queue()
        answering = asyncio.create_task(self._answer_all(requests, writer))
        self._answering.add(answering)
        try:
            while head := await reader.read(codec.LENGTH.size):
                request = codec.decode_request(await reader.readexactly(codec.frame_length(head)))
                tag = str(type(request).__struct_config__.tag)
                self.asked.append(tag)
                if tag == self.hold:
                    self.answers.clear()
                requests.put_nowait(request)
                self.changed.set()
        except OSError:
            pass
        finally:
            answering.cancel()

    async def _answer_all(
        self, requests: asyncio.Queue[Request], writer: asyncio.StreamWriter
    ) -> None:
        while True:
            request = await requests.get()
            await self.answers.wait()
            writer.write(codec.encode(self._answer(request)))
            self.changed.set()

    def _answer(self, request: Request) -> Reply:
        match request:
            case Hello(lease_ms=lease_ms):
                self.lease_ms = lease_ms
                return Welcome(
                    version=1, instance=self.instance, dpvs_version="t", pid=1, uptime_s=0.0
                )
            case LeaseSet(lease_ms=lease_ms):
                self.lease_ms = lease_ms
            case InfoGet():
                return info(self.ready)
            case AddrList():
                return AddrRows(
                    rows=tuple(
                        AddrRow(spec=AddrSpec(prefix=prefix, dev=dev), owners=(owner,))
                        for (prefix, dev), owner in self.addresses.items()
                    )
                )
            case RouteList():
                return RouteRows(
                    rows=tuple(
                        RouteRow(spec=route, owner=owner) for route, owner in self.routes.items()
                    )
                )
            case Batch(requests=requests):
                return self._batch(requests)
            case GarpSend(dev=dev, addrs=addrs):
                if missing := [a for a in addrs if (f"{a}/32", dev) not in self.addresses]:
                    return Failure(code=Code.NOTEXIST, message="no address", value=missing[0])
                self.log.append(f"garp {' '.join(addrs)} {dev}")
            case AddrAdd() | AddrDel() | RouteAdd() | RouteDel():
                return self._change(request) or Ok()
        return Ok()

    def _batch(self, requests: list[Request]) -> Reply:
        addresses, routes, n_logged = dict(self.addresses), dict(self.routes), len(self.log)
        for request in requests:
            if failure := self._change(request):
                self.addresses, self.routes = addresses, routes
                del self.log[n_logged:]
                return failure
        return BatchDone(changed=len(requests))

    def _change(self, request: Request) -> Failure | None:
        match request:
            case AddrAdd(addr=addr) if addr.dev == "nodev":
                return Failure(code=Code.NODEV, message="no device nodev", value="nodev")
            case AddrAdd(addr=addr):
                if self.addresses.get((addr.prefix, addr.dev)) == "vrrp":
                    return Failure(code=Code.EXIST, message="vrrp has added this address")
                self.log.append(f"add {addr.prefix} {addr.dev}")
                self.addresses[addr.prefix, addr.dev] = "vrrp"
            case RouteAdd(route=route):
                if any(r.prefix == route.prefix and r.via != route.via for r in self.routes):
                    return Failure(code=Code.EXIST, message="another way")
                self.log.append(f"route {route.prefix} {route.via or route.dev}")
                self.routes[route] = "vrrp"
            case RouteDel(route=route):
                if self.routes.pop(route, None) is None:
                    return Failure(code=Code.NOTEXIST, message="no such route")
                self.log.append(f"unroute {route.prefix} {route.via or route.dev}")
            case AddrDel(prefix=prefix, dev=dev):
                if self.addresses.pop((prefix, dev), None) is None:
                    return Failure(code=Code.NOTEXIST, message="no such address")
                self.log.append(f"del {prefix} {dev}")
        return None


def info(ready: tuple[Owner, ...]) -> Info:
    return Info(
        dpvs_version="t", dpdk_version="t", instance="one", pid=1, uptime_s=0.0, hugepages=False,
        n_workers=1, conns=0, conn_pool=0, n_services=0, protocol_errors=0, clients=1,
        conf_file="", ready=ready,
    )  # fmt: skip
