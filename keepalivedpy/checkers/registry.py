"""The kinds of checks: one row each, what it is called and how it is asked."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from keepalivedpy.checkers import tcp
from keepalivedpy.checkers.targets import Target, TcpTarget
from keepalivedpy.checkers.verdict import Outcome

Probe = Callable[[TcpTarget], Awaitable[tuple[Outcome, str]]]


class Kind(NamedTuple):
    """`connection` names the probe in "TCP connection to X success"."""

    keyword: str
    connection: str
    probe: Probe


KINDS: dict[type[Target], Kind] = {
    TcpTarget: Kind("TCP_CHECK", "TCP connection to", tcp.probe),
}
