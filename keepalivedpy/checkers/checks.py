"""The checks of a configuration, and which of them a reload recognises.

A check is the same one when its server and what it asks are the same; its timing may change.
A new check of a server that was down starts as down, so that a reload never puts a dead server
back before it has answered (keepalived does); elsewhere it starts as up, or down with alpha.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from keepalivedpy.checkers.targets import Target, target, timing
from keepalivedpy.checkers.verdict import CheckState, Timing, first_state
from keepalivedpy.lvs.names import RsKey, VsId
from keepalivedpy.lvs.pool import servers
from keepalivedpy.model.checks import TcpCheck
from keepalivedpy.model.lvs import VirtualServer


class CheckKey(NamedTuple):
    """`nth` tells apart checks of one server that ask the same."""

    vs: VsId
    rs: RsKey
    target: Target
    nth: int


@dataclass(slots=True)
class Check:
    check_id: int  # never used again, so that a late answer is recognised
    key: CheckKey
    timing: Timing
    state: CheckState
    changed_us: int  # when it became up or down as it is now
    trouble: str = ""  # what its last probe failed with


class CheckSet:
    """The checks by id, and by what a reload recognises them by."""

    def __init__(self) -> None:
        self.by_id: dict[int, Check] = {}
        self._by_key: dict[CheckKey, Check] = {}
        self._by_server: dict[tuple[VsId, RsKey], list[Check]] = {}
        self._next_id = 1

    def load(
        self, blocks: Mapping[VsId, VirtualServer], down: Set[tuple[VsId, RsKey]], now_us: int
    ) -> None:
        """Replace all checks by those of `blocks`; `down` are servers that were out of use."""
        old = self._by_key
        self.by_id, self._by_key, self._by_server = {}, {}, {}
        for key, when in _configured(blocks):
            check = old.get(key)
            if check is None:
                state = first_state(when)
                if (key.vs, key.rs) in down:
                    state = CheckState(is_up=False)
                check = Check(self._next_id, key, when, state, now_us)
                self._next_id += 1
            check.timing = when
            self._add(check)

    def of(self, vs: VsId, rs: RsKey) -> Sequence[Check]:
        """The checks of a server, in the order of the configuration."""
        return self._by_server.get((vs, rs), ())

    def is_alive(self, vs: VsId, rs: RsKey) -> bool:
        """Whether all checks of a server are up; a server without checks is."""
        return all(check.state.is_up for check in self.of(vs, rs))

    def alive(self, vs_id: VsId, vs: VirtualServer) -> frozenset[RsKey]:
        return frozenset(key for key in servers(vs) if self.is_alive(vs_id, key))

    def _add(self, check: Check) -> None:
        self.by_id[check.check_id] = check
        self._by_key[check.key] = check
        self._by_server.setdefault((check.key.vs, check.key.rs), []).append(check)


def _configured(blocks: Mapping[VsId, VirtualServer]) -> Iterator[tuple[CheckKey, Timing]]:
    for vs_id, vs in blocks.items():
        for rs_key, rs in servers(vs).items():
            seen: Counter[Target] = Counter()
            for check in rs.checkers:
                if not isinstance(check, TcpCheck):
                    continue  # lvs/part.py says so
                asked = target(check, rs)
                yield CheckKey(vs_id, rs_key, asked, seen[asked]), timing(check, rs, vs)
                seen[asked] += 1
