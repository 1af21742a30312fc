"""Every cell of the state tables that packets can reach, and the time-out of each state.

The expected tables are those of oracle/tcp_states.py; the state is read as the tools read it.
"""

import pytest

from tests.oracle.tcp_states import COLUMNS, TIMEOUT_S, next_state, reachable
from tests.oracle.wire import ACK, FIN, PSH, RST, SYN, URG
from tests.steps.core import Dest, StepCore
from tests.steps.scene import RS, VIP, Flow, balancer, director

Sent = tuple[bool, int]
"""From the client?, flags."""

EVENTS: list[Sent] = [
    (client, flags)
    for client in (True, False)
    for flags in (
        SYN, SYN | ACK, FIN, FIN | ACK, ACK, ACK | PSH, RST, RST | ACK, 0, PSH | URG, SYN | FIN,
        SYN | RST, 255,
    )
]  # fmt: skip


def run(core: StepCore, sent: list[Sent], cport: int = 40000) -> Flow:
    """A new connection and then these packets."""
    flow = Flow(core, cport=cport)
    flow.syn()
    for client, flags in sent:
        (flow.client if client else flow.server)(flags)
    return flow


def ways() -> dict[str, list[Sent]]:
    """The shortest packets from a new connection to each state that can be reached."""
    found: dict[str, list[Sent]] = {"SR": []}
    todo = ["SR"]
    while todo:
        state = todo.pop(0)
        for client, flags in EVENTS:
            after = next_state(state, flags, client)
            if after not in found:
                found[after] = [*found[state], (client, flags)]
                todo.append(after)
    return found


WAYS = ways()


def test_what_packets_can_reach() -> None:
    """The other columns are of modes and helpers that FNAT without syn-proxy has not."""
    assert set(WAYS) == reachable() == set(COLUMNS) - {"NO", "LA", "LI", "SA"}


@pytest.mark.parametrize("state", WAYS)
def test_behaviour_11_every_event_in_every_state(state: str) -> None:
    with balancer() as core:
        for i, (client, flags) in enumerate(EVENTS):
            flow = run(core, WAYS[state], cport=1000 + i)
            at = flow.state()
            assert at is not None and COLUMNS[at] == state
            (flow.client if client else flow.server)(flags)
            after = flow.state()
            assert after is not None
            assert COLUMNS[after] == next_state(state, flags, client), (client, flags)


@pytest.mark.parametrize("state", WAYS)
def test_time_out_of_the_state(state: str) -> None:
    """It is there until its time, and gone within two seconds after."""
    with balancer() as core:
        flow = run(core, WAYS[state])
        assert flow.timeout_s() == TIMEOUT_S[state]
        core.pass_time(TIMEOUT_S[state] - 0.5)
        assert flow.state() is not None
        core.pass_time(2.5)
        assert flow.state() is None


def test_time_outs_are_settings() -> None:
    wanted = [5 + i for i in range(11)]
    for state, way in WAYS.items():
        with balancer() as core:
            core.set(tcp_timeout_s=wanted)
            assert run(core, way).timeout_s() == wanted[COLUMNS.index(state)]


def test_a_packet_begins_the_time_anew() -> None:
    with balancer() as core:
        flow = run(core, WAYS["ES"])
        for _ in range(4):
            core.pass_time(60)
            assert flow.state() is not None
            flow.client(ACK)
            assert flow.timeout_s() == 90


def test_the_services_time_out_is_for_established_ones() -> None:
    """F-054: in ESTABLISHED only, also when it is the longer or the shorter."""
    for timeout_s in (4, 3000):
        with director() as core:
            core.service(VIP, 80, [Dest(RS, 80, id=1)], conn_timeout_s=timeout_s)
            flow = run(core, [])
            assert flow.timeout_s() == 30
            flow.server(SYN | ACK, seq=0)
            flow.client(ACK)
            assert flow.timeout_s() == timeout_s
            core.pass_time(timeout_s - 0.5, slice_s=1)
            assert flow.state() is not None
            core.pass_time(2.5)
            assert flow.state() is None


def test_active_means_established() -> None:
    """F-057: a connection counts as inactive in every other state."""
    for state, way in WAYS.items():
        with balancer() as core:
            run(core, way)
            stats = core.dest(1)
            assert (stats["active"], stats["inactive"]) == ((1, 0) if state == "ES" else (0, 1))
            core.pass_time(100)
            assert (core.dest(1)["active"], core.dest(1)["inactive"]) == (0, 0)
