"""A server that speaks the control protocol and keeps services in a CoreModel: for tests only.

Threads, so that a test can look at it while a daemon of another process works on it.
"""

import os
import socketserver
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import cast

from dpvs_core.control import codec
from dpvs_core.control.messages import (
    PROTOCOL_VERSION,
    AddrList,
    AddrRows,
    Batch,
    BatchDone,
    Change,
    Code,
    Failure,
    Hello,
    Info,
    InfoGet,
    LeaseSet,
    Ok,
    Owner,
    Ready,
    Reply,
    Request,
    ServiceList,
    ServiceRows,
    Welcome,
)
from tests.keepalivedpy.core_model import CoreModel, RefusedError

PAGE_ROWS = 2  # small, so that paging is exercised


class FakeCore:
    """`with FakeCore(path) as core`; `restart()` is a new, empty instance on the same path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = CoreModel()
        self.requests: list[Request] = []
        self.hellos: list[Hello] = []
        self.ready: list[Owner] = []  # who has sent Ready, each time, to this instance
        self.changed = threading.Condition()
        self._n_instances = 0
        self._server: _Server | None = None

    def __enter__(self) -> "FakeCore":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._n_instances += 1
        self.path.unlink(missing_ok=True)
        self._server = _Server(str(self.path), _Handler)
        self._server.core = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.drop_all()
        self.path.unlink(missing_ok=True)
        self._server = None

    def restart(self) -> None:
        self.stop()
        self.model, self.ready = CoreModel(), []
        self.start()

    def wait_for(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Wait until `condition` holds after some request; AssertionError when it is too late."""
        deadline_s = time.monotonic() + timeout_s
        with self.changed:
            while not condition():
                left_s = deadline_s - time.monotonic()
                assert left_s > 0, f"not within {timeout_s} s: {self.summary()}"
                self.changed.wait(min(left_s, 0.5))

    def do(self, change: Change, owner: Owner = "cli") -> None:
        """A change by somebody else."""
        with self.changed:
            self.model.apply(change, owner)

    def summary(self) -> dict[str, dict[str, tuple[int, str]]]:
        """service -> dest -> (weight, owner)."""
        return {
            f"{key.proto} {key.addr}:{key.port}": {
                f"{addr}:{port}": (spec.weight, owner)
                for (addr, port), (spec, owner) in service.dests.items()
            }
            for key, service in self.model.services.items()
        }

    def answer(self, request: Request, owner: Owner) -> Reply:
        with self.changed:
            self.requests.append(request)
            reply = self._answer(request, owner)
            self.changed.notify_all()
            return reply

    def welcome(self, hello: Hello) -> Welcome:
        with self.changed:
            self.hellos.append(hello)
            self.changed.notify_all()
        return Welcome(
            version=PROTOCOL_VERSION,
            instance=self._instance(),
            dpvs_version="fake",
            pid=os.getpid(),
            uptime_s=0.0,
        )

    def _answer(self, request: Request, owner: Owner) -> Reply:
        try:
            match request:
                case Batch(requests=changes):
                    self.model.apply_all(changes, owner)
                    return BatchDone(changed=len(changes))
                case ServiceList(key=None, cursor=cursor):
                    rows = self.model.rows()
                    end = cursor + PAGE_ROWS
                    return ServiceRows(
                        rows=tuple(rows[cursor:end]), cursor=end if end < len(rows) else 0
                    )
                case ServiceList(key=key):
                    found = tuple(row for row in self.model.rows() if row.key == key)
                    if not found:
                        raise RefusedError(Code.NOTEXIST, "no such service")
                    return ServiceRows(rows=found)
                case Ready():
                    self.ready.append(owner)
                    return Ok()
                case LeaseSet():
                    return Ok()
                case InfoGet():
                    return self._info()
                case AddrList():
                    return AddrRows(rows=())
                case _:
                    self.model.apply(cast(Change, request), owner)
                    return Ok()
        except RefusedError as error:
            return Failure(code=error.code, message=str(error))

    def _info(self) -> Info:
        return Info(
            dpvs_version="fake", dpdk_version="none", instance=self._instance(), pid=os.getpid(),
            uptime_s=0.0, hugepages=False, n_workers=1, conns=0, conn_pool=0,
            n_services=len(self.model.services), protocol_errors=0, clients=1, conf_file="",
            ready=tuple(dict.fromkeys(self.ready)),
        )  # fmt: skip

    def _instance(self) -> str:
        return f"fake-{id(self)}-{self._n_instances}"


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    core: FakeCore

    def __init__(self, path: str, handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(path, handler)
        self.handlers: set[_Handler] = set()

    def drop_all(self) -> None:
        for handler in list(self.handlers):
            handler.drop()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients come and go."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.handlers.add(self)
        try:
            hello = self._read()
            assert isinstance(hello, Hello)
            self.wfile.write(codec.encode(self.server.core.welcome(hello)))
            while (request := self._read()) is not None:
                self.wfile.write(codec.encode(self.server.core.answer(request, hello.owner)))
        finally:
            self.server.handlers.discard(self)

    def drop(self) -> None:
        self.request.shutdown(2)

    def _read(self) -> Request | None:
        head = self.rfile.read(codec.LENGTH.size)
        if len(head) < codec.LENGTH.size:
            return None
        return codec.decode_request(self.rfile.read(codec.frame_length(head)))
