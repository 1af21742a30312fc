"""Initial sequence numbers towards servers: rising for the same corners, whoever makes them.

A server in TIME_WAIT takes a SYN on the same corners only with a later number (RFC 6191, RFC 9293
3.6.1); it may remember the other director of the pair, or this one before its restart.
"""

import pytest

from tests.steps.scene import Flow, balancer

HALF = 1 << 31
SECOND_US = 1_000_000


def later(number: int, before: int) -> bool:
    """In the sense of sequence numbers."""
    return 0 < (number - before) % 2**32 < HALF


def isn_of(isn_key: int, epoch_us: int) -> int:
    """The number that a director just started gives to its first connection."""
    with balancer(isn_key=isn_key, isn_epoch_us=epoch_us) as core:
        flow = Flow(core)
        flow.syn()
        return flow.server_sees_isn


@pytest.mark.parametrize("wall_us", [0, 1_790_000_000 * SECOND_US, 274 * SECOND_US])
@pytest.mark.parametrize("pause_s", [2, 60, 130])
def test_the_other_director_continues_later(wall_us: int, pause_s: int) -> None:
    """The keys differ by a multiple of the number of ports, so both begin with the same one."""
    for other_key in range(1024, 1024 * 17, 1024):
        before = isn_of(0, wall_us)
        after = isn_of(other_key, wall_us + pause_s * SECOND_US)
        assert later(after, before)


def test_they_rise_within_one_director() -> None:
    with balancer() as core:
        first = Flow(core)
        first.syn()
        core.pass_time(2)
        second = Flow(core, cport=40001)
        second.syn()
        assert later(second.server_sees_isn, first.server_sees_isn)


def test_they_are_no_plain_clock() -> None:
    """Somebody who knows the time does not know the number."""
    numbers = {isn_of(key * 1024, 0) for key in range(8)}
    assert len(numbers) == 8
