"""When which check is due: a heap of deadlines.

Pure; O(log n) an operation. A check in flight has no deadline until it is set again, so no
check overlaps itself. Cancelled entries stay in the heap and are skipped when they come up.
"""

from heapq import heappop, heappush


class Schedule:
    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []
        self._due_us: dict[int, int] = {}

    def set(self, check_id: int, due_us: int) -> None:
        """Ask this check at `due_us`, instead of any earlier arrangement."""
        self._due_us[check_id] = due_us
        heappush(self._heap, (due_us, check_id))

    def cancel(self, check_id: int) -> None:
        self._due_us.pop(check_id, None)

    def due_us(self, check_id: int) -> int | None:
        """When this check is due; None while it is in flight or unknown."""
        return self._due_us.get(check_id)

    def next_us(self) -> int | None:
        """The earliest deadline, None if there is none."""
        while self._heap:
            due_us, check_id = self._heap[0]
            if self._due_us.get(check_id) == due_us:
                return due_us
            heappop(self._heap)
        return None

    def take_due(self, now_us: int) -> list[int]:
        """The checks whose deadline has come, earliest first; they have no deadline any more."""
        taken: list[int] = []
        while (due_us := self.next_us()) is not None and due_us <= now_us:
            _, check_id = heappop(self._heap)
            del self._due_us[check_id]
            taken.append(check_id)
        return taken
