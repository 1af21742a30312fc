"""A sync group: virtual routers that are MASTER together or not at all (vrrp_sync_group).

Pure. The group becomes MASTER when the last of its members' timers has run out; a member that
leaves MASTER takes the others with it; a member in FAULT keeps the others from being MASTER.
"""

from keepalivedpy.vrrp.events import GroupWants, StateChanged
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.router import Router


class SyncGroup:
    """`members` are the routers that run; a group of one holds nobody back."""

    def __init__(self, name: str, members: tuple[Router, ...]) -> None:
        self.name, self.members = name, members

    def holds(self, router: Router) -> bool:
        """Whether `router` must not become MASTER at its own time-out now."""
        return any(
            not other.wants_master and other.state is not State.MASTER
            for other in self.members
            if other is not router
        )

    def follow(self, router: Router, change: StateChanged) -> list[tuple[Router, GroupWants]]:
        """What the other members must be told because `router` changed its state."""
        if change.new is State.MASTER:
            wanted, concerned = State.MASTER, State.BACKUP
        elif change.old is State.MASTER or change.new is State.FAULT:
            wanted, concerned = State.BACKUP, State.MASTER
        else:
            return []
        why = f"sync group {self.name}: {router.instance.name} is {change.new.name}"
        return [
            (other, GroupWants(wanted, why))
            for other in self.members
            if other is not router and other.state is concerned
        ]
