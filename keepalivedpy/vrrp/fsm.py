"""The VRRP state machine: RFC 5798 / 9568 section 6.4, RFC 3768 section 6.4, as one table.

Pure: an input comes in, steps go out. No socket, no clock, no logging. States have keepalived's
names and numbers (RFC 9568 calls MASTER "Active"). Print the table: python -m
keepalivedpy.vrrp.fsm
"""

from collections.abc import Callable
from enum import Enum, IntEnum, auto
from typing import NamedTuple

import msgspec

from keepalivedpy.vrrp.intervals import OWNER_PRIORITY, STOP_PRIORITY


class State(IntEnum):
    INIT = 0
    BACKUP = 1
    MASTER = 2
    FAULT = 3


class Input(Enum):
    READY = auto()  # nothing keeps the instance from running (any more)
    BROKEN = auto()  # something does: interface down, no address, tracked interface down
    TIMER = auto()  # Master_Down_Timer in BACKUP, Adver_Timer in MASTER
    ADVERT = auto()  # a valid advert of this VRID
    GROUP_MASTER = auto()  # the sync group becomes MASTER
    GROUP_BACKUP = auto()  # the sync group leaves MASTER
    STOP = auto()


class Step(Enum):
    SEND_ADVERT = auto()
    SEND_STOP = auto()  # an advert of priority 0
    ADD_VIPS = auto()
    DEL_VIPS = auto()
    ANNOUNCE = auto()  # gratuitous ARP now and again after garp_master_delay
    ANNOUNCE_LOWER = auto()  # the same with the counts of garp_lower_prio_*
    ARM_ADVER = auto()
    ARM_MASTER_DOWN = auto()
    ARM_SKEW = auto()
    DISARM = auto()
    LEARN_MASTER = auto()  # its address, priority and (version 3) interval
    FORGET_MASTER = auto()
    START_DELAY = auto()  # preempt_delay, unless it runs
    CLEAR_DELAY = auto()
    WISH = auto()  # we would be MASTER, were it not for the sync group
    DROP_WISH = auto()


class Say(Enum):
    """What a row tells the operator; words in log_words.py."""

    NOTHING = auto()
    TIMEOUT = auto()
    BACKUP_GOT_STOP = auto()
    MASTER_GOT_STOP = auto()
    LOWER_DISCARDED = auto()
    LOWER_FORCES_ELECTION = auto()
    LOWER_IGNORED = auto()
    HIGHER = auto()
    OUR_ADDRESS = auto()
    WAITS_FOR_GROUP = auto()
    SENT_STOP = auto()


class Peer(msgspec.Struct, frozen=True, gc=False):
    """What the table needs of an advert; `address` in network byte order, for comparison."""

    priority: int
    address: bytes


class Self(msgspec.Struct, frozen=True, gc=False):
    """What the table needs of ourselves."""

    priority: int
    address: bytes
    preempt: bool = True
    delay_pending: bool = False  # preempt_delay runs or has not begun
    still_elected: bool = False  # we were MASTER, and no peer can have missed us yet
    waits_for_group: bool = False  # another member of the sync group cannot be MASTER now
    lower_prio_no_advert: bool = False
    higher_prio_send_advert: bool = False


NOBODY = Peer(priority=STOP_PRIORITY, address=b"")

Guard = Callable[[Self, Peer], bool]


def always(_me: Self, _peer: Peer) -> bool:
    return True


def owner(me: Self, _peer: Peer) -> bool:
    return me.priority == OWNER_PRIORITY


def still_elected(me: Self, _peer: Peer) -> bool:
    return me.still_elected


def waits_for_group(me: Self, _peer: Peer) -> bool:
    return me.waits_for_group


def stepping_down(_me: Self, peer: Peer) -> bool:
    return peer.priority == STOP_PRIORITY


def not_lower(me: Self, peer: Peer) -> bool:
    return peer.priority >= me.priority


def nopreempt(me: Self, _peer: Peer) -> bool:
    return not me.preempt


def delay_pending(me: Self, _peer: Peer) -> bool:
    return me.delay_pending


def is_ourselves(me: Self, peer: Peer) -> bool:
    return (peer.priority, peer.address) == (me.priority, me.address)


def outranks(me: Self, peer: Peer) -> bool:
    return (peer.priority, peer.address) > (me.priority, me.address)


def outranks_answered(me: Self, peer: Peer) -> bool:
    return me.higher_prio_send_advert and outranks(me, peer)


def lower_unanswered(me: Self, _peer: Peer) -> bool:
    return me.lower_prio_no_advert


class Row(NamedTuple):
    state: State
    input: Input
    guard: Guard
    steps: tuple[Step, ...]
    next: State
    say: Say = Say.NOTHING


_I, _B, _M, _F = State.INIT, State.BACKUP, State.MASTER, State.FAULT
_S = Step

_TAKE_OVER = (
    _S.FORGET_MASTER, _S.SEND_ADVERT, _S.ADD_VIPS, _S.ANNOUNCE, _S.ARM_ADVER, _S.CLEAR_DELAY,
    _S.DROP_WISH,
)  # fmt: skip
_GIVE_UP = (_S.DEL_VIPS, _S.LEARN_MASTER, _S.ARM_MASTER_DOWN)
_ACCEPT = (_S.LEARN_MASTER, _S.ARM_MASTER_DOWN, _S.DROP_WISH)
_LEAVE = (_S.SEND_STOP, _S.DEL_VIPS, _S.FORGET_MASTER, _S.DISARM)
_REST = (_S.FORGET_MASTER, _S.DISARM, _S.CLEAR_DELAY, _S.DROP_WISH)
_WAIT = (_S.FORGET_MASTER, _S.ARM_MASTER_DOWN)

TABLE = (  # the first row whose state, input and guard fit
    Row(_I, Input.READY, owner, _TAKE_OVER, _M),
    Row(_I, Input.READY, always, _WAIT, _B),
    Row(_I, Input.BROKEN, always, (), _F),
    Row(_I, Input.ADVERT, always, (), _I),
    Row(_I, Input.GROUP_MASTER, always, (), _I),
    Row(_I, Input.GROUP_BACKUP, always, (), _I),
    Row(_I, Input.STOP, always, (), _I),
    Row(_F, Input.READY, owner, _TAKE_OVER, _M),
    Row(_F, Input.READY, still_elected, _TAKE_OVER, _M),
    Row(_F, Input.READY, always, _WAIT, _B),
    Row(_F, Input.BROKEN, always, (), _F),
    Row(_F, Input.ADVERT, always, (), _F),
    Row(_F, Input.GROUP_MASTER, always, (), _F),
    Row(_F, Input.GROUP_BACKUP, always, (), _F),
    Row(_F, Input.STOP, always, _REST, _I),
    Row(_B, Input.READY, always, (), _B),
    Row(_B, Input.TIMER, waits_for_group, (*_WAIT, _S.WISH), _B, Say.WAITS_FOR_GROUP),
    Row(_B, Input.TIMER, always, _TAKE_OVER, _M, Say.TIMEOUT),
    Row(_B, Input.ADVERT, stepping_down, (_S.ARM_SKEW,), _B, Say.BACKUP_GOT_STOP),
    Row(_B, Input.ADVERT, not_lower, (*_ACCEPT, _S.CLEAR_DELAY), _B),
    Row(_B, Input.ADVERT, nopreempt, _ACCEPT, _B),
    Row(_B, Input.ADVERT, delay_pending, (*_ACCEPT, _S.START_DELAY), _B),
    Row(_B, Input.ADVERT, always, (), _B, Say.LOWER_DISCARDED),
    Row(_B, Input.GROUP_MASTER, always, _TAKE_OVER, _M),
    Row(_B, Input.GROUP_BACKUP, always, (), _B),
    Row(_B, Input.BROKEN, always, _REST, _F),
    Row(_B, Input.STOP, always, _REST, _I),
    Row(_M, Input.READY, always, (), _M),
    Row(_M, Input.TIMER, always, (_S.SEND_ADVERT, _S.ARM_ADVER), _M),
    Row(_M, Input.ADVERT, stepping_down, (_S.SEND_ADVERT, _S.ARM_ADVER), _M, Say.MASTER_GOT_STOP),
    Row(_M, Input.ADVERT, is_ourselves, (), _M, Say.OUR_ADDRESS),
    Row(_M, Input.ADVERT, outranks_answered, (_S.SEND_ADVERT, *_GIVE_UP), _B, Say.HIGHER),
    Row(_M, Input.ADVERT, outranks, _GIVE_UP, _B, Say.HIGHER),
    Row(_M, Input.ADVERT, lower_unanswered, (_S.ANNOUNCE_LOWER,), _M, Say.LOWER_IGNORED),
    Row(_M, Input.ADVERT, always, (_S.SEND_ADVERT, _S.ANNOUNCE_LOWER), _M,
        Say.LOWER_FORCES_ELECTION),
    Row(_M, Input.GROUP_MASTER, always, (), _M),
    Row(_M, Input.GROUP_BACKUP, always, (_S.SEND_STOP, _S.DEL_VIPS, *_WAIT), _B, Say.SENT_STOP),
    Row(_M, Input.BROKEN, always, _LEAVE, _F, Say.SENT_STOP),
    Row(_M, Input.STOP, always, _LEAVE, _I, Say.SENT_STOP),
)  # fmt: skip


_ROWS = {
    state: {
        happened: tuple(row for row in TABLE if (row.state, row.input) == (state, happened))
        for happened in Input
    }
    for state in State
}


def transition(state: State, happened: Input, me: Self, peer: Peer = NOBODY) -> Row:
    """The row that applies; LookupError where the table has none (a defect, not an input error)."""
    for row in _ROWS[state][happened]:
        if row.guard(me, peer):
            return row
    raise LookupError(f"no VRRP transition for {happened.name} in {state.name}")


def table_text() -> str:
    """The table as aligned text, one row a line."""
    return "\n".join(
        f"{row.state.name:6} {row.input.name:12} {row.guard.__name__:17} -> {row.next.name:6} "
        + " ".join(step.name for step in row.steps)
        for row in TABLE
    )


if __name__ == "__main__":
    print(table_text())
