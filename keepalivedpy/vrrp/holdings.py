"""Who holds which address or route of the core: several instances may hold the same one.

Pure. An object is wanted from its first holder to its last. Where two want it differently (another
prefix length, say) the first one's way counts.
"""

from collections.abc import Iterable

from keepalivedpy.vrrp.core_orders import Change, Key, Object, key_of, opposite


class Holdings:
    """Holders by object; `take` and `release` tell what the core must be asked for that."""

    def __init__(self) -> None:
        self._held: dict[Key, dict[str, Object]] = {}

    @property
    def wanted(self) -> dict[Key, Object]:
        """What the core shall have, in the order in which it was taken."""
        return {key: next(iter(holders.values())) for key, holders in self._held.items()}

    def __contains__(self, key: Key) -> bool:
        return key in self._held

    def __len__(self) -> int:
        return len(self._held)

    def take(self, holder: str, objects: Iterable[Object]) -> list[Change]:
        """Nothing to ask for what the holder, or another, has taken before."""
        changes: list[Change] = []
        for taken in objects:
            before = self._first(key_of(taken))
            self._held.setdefault(key_of(taken), {})[holder] = taken
            changes += _steps(before, self._first(key_of(taken)))
        return changes

    def release(self, holder: str, objects: Iterable[Object]) -> list[Change]:
        """Nothing to ask for what the holder has not, or another has too."""
        changes: list[Change] = []
        for released in objects:
            key = key_of(released)
            before = self._first(key)
            holders = self._held.get(key, {})
            holders.pop(holder, None)
            if not holders:
                self._held.pop(key, None)
            changes += _steps(before, self._first(key))
        return changes

    def _first(self, key: Key) -> Object | None:
        return next(iter(self._held.get(key, {}).values()), None)


def _steps(before: Object | None, after: Object | None) -> list[Change]:
    if before == after:
        return []
    removed: list[Change] = [opposite(before)] if before is not None else []
    return removed + ([after] if after is not None else [])
