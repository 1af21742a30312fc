"""Every row of the state machine's table, and that the table answers everything."""

import itertools

import pytest

from keepalivedpy.vrrp.fsm import NOBODY, TABLE, Input, Peer, Self, State, Step, transition

N, B, M, F = State.INIT, State.BACKUP, State.MASTER, State.FAULT
LOW, MIDDLE, HIGH = b"\x0a\0\0\1", b"\x0a\0\0\5", b"\x0a\0\0\x09"
ME = Self(priority=100, address=MIDDLE)
OWNER = Self(priority=255, address=MIDDLE)


def me(**changes: object) -> Self:
    return Self(**{"priority": 100, "address": MIDDLE, **changes})  # type: ignore[arg-type]


TAKE = "FORGET_MASTER SEND_ADVERT ADD_VIPS ANNOUNCE ARM_ADVER CLEAR_DELAY DROP_WISH"
LEAVE = "SEND_STOP DEL_VIPS FORGET_MASTER DISARM"
REST = "FORGET_MASTER DISARM CLEAR_DELAY DROP_WISH"
WAIT = "FORGET_MASTER ARM_MASTER_DOWN"
ACCEPT = "LEARN_MASTER ARM_MASTER_DOWN DROP_WISH"
GIVE_UP = "DEL_VIPS LEARN_MASTER ARM_MASTER_DOWN"

CASES = (  # in the table's order, at least one a row: state, input, self, peer, next, steps
    (N, Input.READY, OWNER, NOBODY, M, TAKE),
    (N, Input.READY, ME, NOBODY, B, WAIT),
    (N, Input.BROKEN, ME, NOBODY, F, ""),
    (N, Input.ADVERT, ME, Peer(200, HIGH), N, ""),
    (N, Input.GROUP_MASTER, ME, NOBODY, N, ""),
    (N, Input.GROUP_BACKUP, ME, NOBODY, N, ""),
    (N, Input.STOP, ME, NOBODY, N, ""),
    (F, Input.READY, OWNER, NOBODY, M, TAKE),
    (F, Input.READY, me(still_elected=True), NOBODY, M, TAKE),
    (F, Input.READY, ME, NOBODY, B, WAIT),
    (F, Input.BROKEN, ME, NOBODY, F, ""),
    (F, Input.ADVERT, ME, Peer(200, HIGH), F, ""),
    (F, Input.GROUP_MASTER, ME, NOBODY, F, ""),
    (F, Input.GROUP_BACKUP, ME, NOBODY, F, ""),
    (F, Input.STOP, ME, NOBODY, N, REST),
    (B, Input.READY, ME, NOBODY, B, ""),
    (B, Input.TIMER, me(waits_for_group=True), NOBODY, B, WAIT + " WISH"),
    (B, Input.TIMER, ME, NOBODY, M, TAKE),
    (B, Input.ADVERT, ME, Peer(0, HIGH), B, "ARM_SKEW"),
    (B, Input.ADVERT, me(preempt=False), Peer(0, HIGH), B, "ARM_SKEW"),
    (B, Input.ADVERT, ME, Peer(100, LOW), B, ACCEPT + " CLEAR_DELAY"),
    (B, Input.ADVERT, ME, Peer(101, LOW), B, ACCEPT + " CLEAR_DELAY"),
    (B, Input.ADVERT, me(preempt=False), Peer(1, HIGH), B, ACCEPT),
    (B, Input.ADVERT, me(delay_pending=True), Peer(99, HIGH), B, ACCEPT + " START_DELAY"),
    (B, Input.ADVERT, ME, Peer(99, HIGH), B, ""),
    (B, Input.GROUP_MASTER, ME, NOBODY, M, TAKE),
    (B, Input.GROUP_BACKUP, ME, NOBODY, B, ""),
    (B, Input.BROKEN, ME, NOBODY, F, REST),
    (B, Input.STOP, ME, NOBODY, N, REST),
    (M, Input.READY, ME, NOBODY, M, ""),
    (M, Input.TIMER, ME, NOBODY, M, "SEND_ADVERT ARM_ADVER"),
    (M, Input.ADVERT, ME, Peer(0, HIGH), M, "SEND_ADVERT ARM_ADVER"),
    (M, Input.ADVERT, ME, Peer(100, MIDDLE), M, ""),
    (M, Input.ADVERT, me(higher_prio_send_advert=True), Peer(101, LOW), B,
     "SEND_ADVERT " + GIVE_UP),
    (M, Input.ADVERT, ME, Peer(101, LOW), B, GIVE_UP),
    (M, Input.ADVERT, ME, Peer(100, HIGH), B, GIVE_UP),
    (M, Input.ADVERT, me(lower_prio_no_advert=True), Peer(99, HIGH), M, "ANNOUNCE_LOWER"),
    (M, Input.ADVERT, ME, Peer(99, HIGH), M, "SEND_ADVERT ANNOUNCE_LOWER"),
    (M, Input.ADVERT, ME, Peer(100, LOW), M, "SEND_ADVERT ANNOUNCE_LOWER"),
    (M, Input.GROUP_MASTER, ME, NOBODY, M, ""),
    (M, Input.GROUP_BACKUP, ME, NOBODY, B, "SEND_STOP DEL_VIPS " + WAIT),
    (M, Input.BROKEN, ME, NOBODY, F, LEAVE),
    (M, Input.STOP, ME, NOBODY, N, LEAVE),
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "happened", "self_", "peer", "expected", "steps"),
    CASES,
    ids=[f"{n}-{c[0].name}-{c[1].name}" for n, c in enumerate(CASES)],
)
def test_row(
    state: State, happened: Input, self_: Self, peer: Peer, expected: State, steps: str
) -> None:
    row = transition(state, happened, self_, peer)
    assert (row.next, " ".join(step.name for step in row.steps)) == (expected, steps)


def test_every_row_has_a_case() -> None:
    reached = {id(transition(*case[:4])) for case in CASES}
    assert [row for row in TABLE if id(row) not in reached] == []


def test_the_table_answers_everything() -> None:
    """Only a timer in a state without timers is a defect."""
    selves = [
        Self(priority, MIDDLE, *flags)
        for priority in (1, 100, 255)
        for flags in itertools.product((False, True), repeat=5)
    ]
    peers = [Peer(p, a) for p in (0, 1, 100, 255) for a in (LOW, MIDDLE, HIGH)]
    for state, happened, self_, peer in itertools.product(State, Input, selves, peers):
        if (happened, state) in {(Input.TIMER, N), (Input.TIMER, F)}:
            with pytest.raises(LookupError):
                transition(state, happened, self_, peer)
        else:
            transition(state, happened, self_, peer)


def test_addresses_come_with_master_and_go_with_it() -> None:
    for row in TABLE:
        assert (Step.ADD_VIPS in row.steps) == (row.state is not M and row.next is M)
        assert (Step.DEL_VIPS in row.steps) == (row.state is M and row.next is not M)
