"""What the host thread knows of neighbours and of our own addresses, as the master reads it."""

from socket import AF_INET, AF_INET6, inet_ntop
from typing import Any, NamedTuple

from dpvs_core._native import ffi, lib

from tests.steps.core import StepCore, family, raw_addr

NEIGH_STATES = ("NONE", "SEND", "REACHABLE", "PROBE", "DELAY")
DAD_STATES = ("TENTATIVE", "PREFERRED", "FAILED")


class Neighbour(NamedTuple):
    addr: str
    dev: int
    state: str
    mac: str | None
    is_static: bool = False


class Conflict(NamedTuple):
    addr: str
    dev: int
    mac: str
    n_seen: int


def text_addr(af: int, raw: Any) -> str:
    data = bytes(raw)
    return inet_ntop(AF_INET6, data) if af == 6 else inet_ntop(AF_INET, data[:4])


def neighbours(core: StepCore) -> list[Neighbour]:
    cursor, rows = ffi.new("uint32_t *"), ffi.new("struct core_neigh[]", 16)
    found: list[Neighbour] = []
    while True:
        n = lib.core_neigh_list(core.core, cursor, rows, 16)
        found += [
            Neighbour(
                text_addr(row.af, row.addr), row.dev, NEIGH_STATES[row.state],
                bytes(row.mac).hex(":") if row.has_mac else None, bool(row.is_static),
            )
            for row in rows[0:n]
        ]  # fmt: skip
        if not cursor[0]:
            return sorted(found)


def neighbour(core: StepCore, addr: str) -> Neighbour | None:
    return next((row for row in neighbours(core) if row.addr == addr), None)


def delete_neighbour(core: StepCore, addr: str, dev: int = 0) -> int:
    return int(lib.core_neigh_del(core.core, dev, family(addr), raw_addr(addr)))


def conflicts(core: StepCore) -> list[Conflict]:
    """Claims of others since the last call."""
    rows = ffi.new("struct core_conflict[]", 300)
    n = lib.core_conflicts(core.core, rows, 300)
    assert 0 <= n <= 300
    return sorted(
        Conflict(text_addr(row.af, row.addr), row.dev, bytes(row.mac).hex(":"), row.n_seen)
        for row in rows[0:n]
    )


def announce(core: StepCore, addr: str, dev: int = 0) -> int:
    """Ask for an announcement; 0 or a negative errno."""
    return int(lib.core_garp(core.core, dev, family(addr), raw_addr(addr)))


def addr_states(core: StepCore, page: int = 3) -> dict[str, str]:
    """How far each address that wants verification is."""
    cursor, rows = ffi.new("uint32_t *"), ffi.new("struct core_addr_state[]", page)
    found: dict[str, str] = {}
    while True:
        n = lib.core_addr_states(core.core, cursor, rows, page)
        assert 0 <= n <= page
        found |= {text_addr(row.af, row.addr): DAD_STATES[row.state] for row in rows[0:n]}
        if not cursor[0]:
            return found
