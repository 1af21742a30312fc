"""What the director must send for each packet, by forwarding mode: the oracles of tests/oracle.

A `Book` follows one connection. It is shown the packet that was seen next too, for what is the
core's free choice (a local port, a sequence number, an identification).
"""

from collections.abc import Callable
from typing import Protocol

from tests.oracle.dr import routed
from tests.oracle.fnat import Fnat
from tests.oracle.nat import Nat
from tests.oracle.tunnel import tunnelled
from tests.weather.modes import CORE_LAN4, CORE_LAN6, SERVER_PORT, Row

End = tuple[str, int]


class Book(Protocol):
    def to_server(self, l3: bytes, seen: bytes) -> bytes: ...

    def to_client(self, l3: bytes, seen: bytes) -> bytes: ...


class FnatBook:
    def __init__(self, row: Row, client: End, server: str) -> None:
        self._oracle = Fnat(*client, row.vip, row.vport, server, SERVER_PORT)

    def to_server(self, l3: bytes, seen: bytes) -> bytes:
        return self._oracle.from_client(l3, seen)

    def to_client(self, l3: bytes, seen: bytes) -> bytes:
        return self._oracle.from_server(l3, seen)


class NatBook:
    def __init__(self, row: Row, client: End, server: str) -> None:
        self._oracle = Nat(*client, row.vip, row.vport, server, SERVER_PORT)

    def to_server(self, l3: bytes, seen: bytes) -> bytes:
        return self._oracle.from_client(l3)

    def to_client(self, l3: bytes, seen: bytes) -> bytes:
        return self._oracle.from_server(l3)


class DrBook:
    def __init__(self, row: Row, client: End, server: str) -> None:
        pass

    def to_server(self, l3: bytes, seen: bytes) -> bytes:
        return routed(l3)

    def to_client(self, l3: bytes, seen: bytes) -> bytes:
        raise ValueError("answers do not pass the director")


class TunnelBook:
    def __init__(self, row: Row, client: End, server: str) -> None:
        self._source = CORE_LAN6 if row.family == 6 else CORE_LAN4
        self._server = server

    def to_server(self, l3: bytes, seen: bytes) -> bytes:
        return tunnelled(l3, self._source, self._server, seen)

    def to_client(self, l3: bytes, seen: bytes) -> bytes:
        raise ValueError("answers do not pass the director")


BOOKS: dict[str, Callable[[Row, End, str], Book]] = {
    "b": FnatBook, "m": NatBook, "g": DrBook, "i": TunnelBook,
}  # fmt: skip
