"""A connection to the core that is made when the first request needs it.

So a command line is refused for its own faults before anyone asks whether dpvs runs, and
`ipvsadm -R` sends all its lines over one connection.
"""

from typing import TypeVar

from dpvs_core.control.client import Client, CoreError
from dpvs_core.control.messages import Code, Request

R = TypeVar("R")


class Session:
    """`call` as of Client (and its exceptions); `dpvs_version` of the core at the other end."""

    def __init__(self, program: str, path: str | None = None) -> None:
        self._program, self._path = program, path
        self._client: Client | None = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = Client("cli", self._program, self._path)
        return self._client

    def open(self) -> None:
        """Connect now; OSError when there is no core."""
        _ = self.client

    @property
    def dpvs_version(self) -> str:
        return self.client.welcome.dpvs_version

    def call(self, request: Request, reply: type[R]) -> R:
        return self.client.call(request, reply)


def is_absent(error: CoreError) -> bool:
    """The core does not know the object that was asked for."""
    return error.code in (Code.NOTEXIST, Code.NOSERV)
