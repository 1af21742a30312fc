"""Who holds which of the kernel's addresses and routes: two instances may hold the same one.

Pure. holdings.py does the same for the core, where it must also remember the objects.
"""

from collections.abc import Hashable


class Holders:
    """Names by thing."""

    def __init__(self) -> None:
        self._names: dict[Hashable, set[str]] = {}

    def take(self, holder: str, thing: Hashable) -> bool:
        """Whether nobody else has it: then it is to be added."""
        names = self._names.setdefault(thing, set())
        names.add(holder)
        return names == {holder}

    def release(self, holder: str, thing: Hashable) -> bool:
        """Whether nobody has it any more, or ever had: then it is to be removed (a killed
        predecessor may have left it)."""
        names = self._names.get(thing, set())
        names.discard(holder)
        if not names:
            self._names.pop(thing, None)
        return not names
