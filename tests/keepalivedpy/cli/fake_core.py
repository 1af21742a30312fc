"""A core for the tools' tests: speaks the real protocol, answers from a scripted dict.

`replies` maps a request's type to its reply, to a list of replies given in turn (the last one
stays), or to a function of the request. A request without a reply is answered `NOTSUPP`, so a
test cannot pass on an answer nobody wrote. `requests` is what came, hello excluded.
"""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

from dpvs_core.control import codec
from dpvs_core.control.messages import (
    PROTOCOL_VERSION,
    CapturePackets,
    CaptureStart,
    Code,
    Failure,
    Hello,
    Reply,
    Request,
    Welcome,
)

Script = Reply | list[Reply] | Callable[[Request], Reply]


class FakeCore:
    """Listens on `path` in a thread until `close`."""

    def __init__(self, path: Path, hang_up_after_capture: bool = True) -> None:
        self.path = str(path)
        self.replies: dict[type, Script] = {}
        self.requests: list[Request] = []
        self.hellos: list[Hello] = []
        self.capture_started = threading.Event()
        self.hang_up_after_capture = hang_up_after_capture
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)
        assert not self._thread.is_alive(), "the fake core's thread did not end"

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer:
                self._converse(peer)

    def _converse(self, peer: socket.socket) -> None:
        while (body := self._frame(peer)) is not None:
            request = codec.decode_request(body)
            if isinstance(request, Hello):
                self.hellos.append(request)
                peer.sendall(codec.encode(self._welcome()))
                continue
            self.requests.append(request)
            if isinstance(request, CaptureStart) and CaptureStart in self.replies:
                self._stream(peer)
                return
            peer.sendall(codec.encode(self._reply(request)))

    def _stream(self, peer: socket.socket) -> None:
        messages = self.replies[CaptureStart]
        assert isinstance(messages, list)
        self.capture_started.set()
        try:
            for message in messages:
                assert isinstance(message, CapturePackets | Failure)
                peer.sendall(codec.encode(message))
            while not self.hang_up_after_capture and peer.recv(4096):
                pass
        except OSError:
            return

    def _reply(self, request: Request) -> Reply:
        script = self.replies.get(type(request))
        if script is None:
            return Failure(code=Code.NOTSUPP, message=f"no script for {type(request).__name__}")
        if isinstance(script, list):
            return script.pop(0) if len(script) > 1 else script[0]
        return script(request) if callable(script) else script

    @staticmethod
    def _welcome() -> Welcome:
        return Welcome(
            version=PROTOCOL_VERSION, instance="test", dpvs_version="0.1.0", pid=1, uptime_s=1.0
        )

    @staticmethod
    def _frame(peer: socket.socket) -> bytes | None:
        data = bytearray()
        wanted = codec.LENGTH.size
        head_read = False
        while len(data) < wanted:
            try:
                chunk = peer.recv(wanted - len(data))
            except OSError:
                return None
            if not chunk:
                return None
            data += chunk
            if len(data) == wanted and not head_read:
                wanted, head_read = codec.frame_length(bytes(data)), True
                data.clear()
        return bytes(data)
