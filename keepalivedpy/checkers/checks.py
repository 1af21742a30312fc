"""The checks of a configuration, and which of them a reload recognises.

A check is the same one when its server and what it asks are the same; its timing may change.
A new check of a server that was down starts as down, so that a reload never puts a dead server
back before it has answered (keepalived does); elsewhere it starts as up, or down with alpha.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from keepalivedpy.checkers.targets import Target, target, timing
from keepalivedpy.checkers.verdict import CheckState, Timing, first_state
from keepalivedpy.lvs.names import RsKey, VsId
from keepalivedpy.model.checks import TcpCheck
from keepalivedpy.model.lvs import RealServer, VirtualServer


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
    """The checks by id and by server; a reload recognises them by their keys."""

    def __init__(self) -> None:
        self.by_id: dict[int, Check] = {}
        self._of: dict[VsId, dict[RsKey, list[Check]]] = {}
        self._next_id = 1

    def load(
        self,
        blocks: Mapping[VsId, VirtualServer],
        servers_of: Mapping[VsId, Mapping[RsKey, RealServer]],
        same: Set[VsId],
        down: Set[tuple[VsId, RsKey]],
        now_us: int,
    ) -> None:
        """Replace all checks by those of `blocks`.

        same    blocks as they were: so are their checks
        down    servers that were out of use, of the others
        """
        before = self._of
        self.by_id, self._of = {}, {}
        for vs_id, vs in blocks.items():
            if vs_id in same:
                self._of[vs_id] = before[vs_id]
            else:
                old = before.get(vs_id, {})
                known = {check.key: check for checks in old.values() for check in checks}
                self._of[vs_id] = {}
                for key, when in _configured(vs_id, vs, servers_of[vs_id]):
                    is_up = False if (vs_id, key.rs) in down else first_state(when).is_up
                    check = known.get(key) or self._new(key, when, is_up, now_us)
                    check.timing = when
                    self._of[vs_id].setdefault(key.rs, []).append(check)
            for checks in self._of[vs_id].values():
                self.by_id.update((check.check_id, check) for check in checks)

    def _new(self, key: CheckKey, when: Timing, is_up: bool, now_us: int) -> Check:
        check = Check(self._next_id, key, when, CheckState(is_up=is_up), now_us)
        self._next_id += 1
        return check

    def of(self, vs: VsId, rs: RsKey) -> Sequence[Check]:
        """The checks of a server, in the order of the configuration."""
        return self._of.get(vs, {}).get(rs, ())

    def is_alive(self, vs: VsId, rs: RsKey) -> bool:
        """Whether all checks of a server are up; a server without checks is."""
        return all(check.state.is_up for check in self.of(vs, rs))

    def alive(self, vs: VsId, servers: Iterable[RsKey]) -> frozenset[RsKey]:
        return frozenset(key for key in servers if self.is_alive(vs, key))


def _configured(
    vs_id: VsId, vs: VirtualServer, servers: Mapping[RsKey, RealServer]
) -> Iterator[tuple[CheckKey, Timing]]:
    for rs_key, rs in servers.items():
        seen: Counter[Target] = Counter()
        for check in rs.checkers:
            if not isinstance(check, TcpCheck):
                continue  # lvs/part.py says so
            asked = target(check, rs)
            yield CheckKey(vs_id, rs_key, asked, seen[asked]), timing(check, rs, vs)
            seen[asked] += 1
