"""UDP: one way until the server answers; time-outs of both states and of the service (F-054)."""

import pytest

from dpvs_core.control.conn_states import state_name
from tests.oracle.wire import UDP, Udp
from tests.steps.core import Dest, StepCore
from tests.steps.scene import CLIENT, RS, VIP, balancer, client_udp, director, server_udp

QUESTION = client_udp(Udp(40000, 80, b"?"))


def listed(core: StepCore) -> tuple[str, int] | None:
    """State and seconds left."""
    row = core.find(UDP, CLIENT, 40000, VIP, 80)
    return (state_name(UDP, row.state), row.timeout_s) if row else None


def answer(core: StepCore) -> list[bytes]:
    row = core.find(UDP, CLIENT, 40000, VIP, 80)
    assert row
    return core.forward(server_udp(Udp(80, row.lport, b"!")), 1)


def test_states_and_time_outs() -> None:
    with balancer(proto=UDP) as core:
        core.set(udp_timeout_s=[2, 20, 40])
        core.forward(QUESTION)
        core.forward(QUESTION)
        assert listed(core) == ("UDP_ONEWAY", 20)
        core.pass_time(10)
        answer(core)
        assert listed(core) == ("UDP_NORM", 40)
        core.forward(QUESTION)
        assert listed(core) == ("UDP_NORM", 40)
        assert core.dest(1)["inactive"] == 1  # UDP never counts as active
        core.pass_time(39)
        assert listed(core) is not None
        core.pass_time(3)
        assert listed(core) is None
        assert core.dest(1)["inactive"] == 0
        assert core.verdicts().get("expiry-reset") is None


@pytest.mark.parametrize("answered", [False, True])
def test_the_services_time_out_is_for_every_state(answered: bool) -> None:
    with director() as core:
        core.service(VIP, 80, [Dest(RS, 80, id=1)], proto=UDP, conn_timeout_s=7)
        core.forward(QUESTION)
        if answered:
            assert len(answer(core)) == 1
        assert listed(core) == ("UDP_NORM" if answered else "UDP_ONEWAY", 7)
