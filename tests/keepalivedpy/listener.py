"""A real TCP server on loopback that can be closed and opened again on the same port."""

import contextlib
import socket
import threading


class Listener:
    """Accepts and closes; `n_accepted` counts."""

    def __init__(self, addr: str = "127.0.0.1") -> None:
        self.addr = addr
        self.port = 0
        self.n_accepted = 0
        self._socket: socket.socket | None = None
        self.open()

    def open(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self.addr, self.port))
        self._socket.listen(64)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._socket,), daemon=True).start()

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None

    def _serve(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = listening.accept()
                self.n_accepted += 1
                accepted.close()
