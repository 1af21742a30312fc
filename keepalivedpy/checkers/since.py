"""Since when servers are alive or dead, quorums up or down, sorry servers in use or not."""

from collections.abc import Iterable, Mapping

from keepalivedpy.lvs.names import RsKey, VsId
from keepalivedpy.lvs.pool import Pool

_Key = tuple[VsId, RsKey | None, str]


class Since:
    """Pure; times are of the caller's clock, microseconds. The getters raise KeyError for what
    was never noted."""

    def __init__(self) -> None:
        self._known: dict[_Key, tuple[bool, int]] = {}

    def note(self, vs: VsId, servers: Iterable[RsKey], pool: Pool, now_us: int) -> None:
        """`vs` is as `pool` says now; the time counts for what was not so before."""
        self._note((vs, None, "quorum"), pool.quorum_up, now_us)
        self._note((vs, None, "sorry"), pool.sorry, now_us)
        for server in servers:
            self._note((vs, server, "alive"), server in pool.alive, now_us)

    def quorum_us(self, vs: VsId) -> int:
        return self._known[vs, None, "quorum"][1]

    def sorry_us(self, vs: VsId) -> int:
        return self._known[vs, None, "sorry"][1]

    def alive_us(self, vs: VsId, server: RsKey) -> int:
        return self._known[vs, server, "alive"][1]

    def keep_only(self, servers: Mapping[VsId, Mapping[RsKey, object]]) -> None:
        """Forget what a reload has taken out."""
        self._known = {
            (vs, server, what): known
            for (vs, server, what), known in self._known.items()
            if vs in servers and (server is None or server in servers[vs])
        }

    def _note(self, key: _Key, value: bool, now_us: int) -> None:
        known = self._known.get(key)
        if known is None or known[0] is not value:
            self._known[key] = (value, now_us)
