"""Connections of which the client's packets alone pass: states (F-072), counters, lists, ends."""

import errno

import pytest

from dpvs_core.control.conn_states import state_name
from tests.dpvs_core.modes.one_way_scene import DEST_ID, MODES, Mode, arrive, first_of, later_of
from tests.oracle.tcp_states import COLUMNS, INPUT_ONLY, TIMEOUT_S, next_of
from tests.oracle.wire import ACK, FIN, PSH, RST, SYN, TCP, UDP, URG, Tcp, Udp
from tests.steps.core import Dest, StepCore
from tests.steps.scene import LIP, RS, RS6, VIP, VIP6, director6

modes = pytest.mark.parametrize("mode", MODES, ids=str)
DR, TUNNEL = Mode("DR", 4, 4), Mode("TUNNEL", 4, 4)
EVENTS = [SYN, SYN | ACK, FIN, FIN | ACK, ACK, ACK | PSH, RST, RST | ACK, 0, PSH | URG, SYN | FIN,
          SYN | RST, 255]  # fmt: skip
CLOSING = {"FW", "TW", "CL", "CW", "LA"}


def ways() -> dict[str, list[int]]:
    """The shortest flags after the SYN that lead to each state that can be reached."""
    found: dict[str, list[int]] = {"SR": []}
    todo = ["SR"]
    while todo:
        state = todo.pop(0)
        for flags in EVENTS:
            after = next_of(INPUT_ONLY, state, flags)
            if after not in found:
                found[after] = [*found[state], flags]
                todo.append(after)
    return found


WAYS = ways()


def sent(core: StepCore, mode: Mode, flags: int, cport: int = 40000) -> list[bytes]:
    return arrive(core, mode.packet(Tcp(cport, 80, 1, 1 if flags & ACK else 0, flags)))


def run(core: StepCore, mode: Mode, way: list[int], cport: int = 40000) -> None:
    for flags in (SYN, *way):
        assert len(sent(core, mode, flags, cport)) == 1, core.verdicts()


def state(core: StepCore, mode: Mode, cport: int = 40000) -> str | None:
    row = core.find(TCP, mode.client, cport, mode.vip, 80)
    return COLUMNS[row.state] if row else None


def test_what_a_clients_packets_can_reach() -> None:
    assert set(WAYS) == {"SR", "ES", "FW", "TW", "CL"}


@modes
@pytest.mark.parametrize("at", WAYS)
def test_behaviour_11_every_event_in_every_state(mode: Mode, at: str) -> None:
    """A pure SYN where a connection is closing begins another (LVS's reuse)."""
    with mode.balancer() as core:
        for i, flags in enumerate(EVENTS):
            run(core, mode, WAYS[at], 1000 + i)
            assert state(core, mode, 1000 + i) == at
            sent(core, mode, flags, 1000 + i)
            reuse = flags == SYN and at in CLOSING
            want = "SR" if reuse else next_of(INPUT_ONLY, at, flags)
            assert state(core, mode, 1000 + i) == want, flags
        assert core.verdicts()["scheduled"] == len(EVENTS) + (at in CLOSING)
        assert core.n_conns() == len(EVENTS)


@pytest.mark.parametrize("at", WAYS)
def test_time_out_of_the_state(at: str) -> None:
    with DR.balancer() as core:
        run(core, DR, WAYS[at])
        row = core.find(TCP, DR.client, 40000, VIP, 80)
        assert row and row.timeout_s == TIMEOUT_S[at]
        core.pass_time(TIMEOUT_S[at] - 0.5)
        assert state(core, DR) == at
        core.pass_time(2.5)
        assert state(core, DR) is None


@modes
def test_active_is_established(mode: Mode) -> None:
    """F-057; the server's answers are counted by nobody."""
    for at, way in WAYS.items():
        with mode.balancer() as core:
            run(core, mode, way)
            counts = core.dest(DEST_ID)
            active = int(at == "ES")
            assert (counts["active"], counts["inactive"]) == (active, 1 - active)
            n_header = 40 if mode.client_af == 4 else 60
            assert (counts["inpkts"], counts["outpkts"], counts["outbytes"]) == (1 + len(way), 0, 0)
            assert counts["inbytes"] == (1 + len(way)) * n_header
            core.pass_time(100)
            counts = core.dest(DEST_ID)
            assert (counts["active"], counts["inactive"], counts["conns"]) == (0, 0, 1)


@modes
def test_the_end_is_told_to_nobody(mode: Mode) -> None:
    """F-055 is of modes in which the server's numbers pass here."""
    with mode.balancer() as core:
        run(core, mode, WAYS["ES"])
        core.sent.clear()
        core.pass_time(100)
        assert core.n_conns() == 0
        assert not core.sent[0] and not core.sent[1]
        assert "expiry-reset" not in core.verdicts()


@modes
def test_udp_stays_one_way(mode: Mode) -> None:
    with mode.balancer(proto=UDP) as core:
        core.set(udp_timeout_s=[2, 20, 40])
        for n in range(4):
            assert len(arrive(core, mode.packet(Udp(40000, 80, bytes([n]))))) == 1
            row = core.find(UDP, mode.client, 40000, mode.vip, 80)
            assert row and (state_name(UDP, row.state), row.timeout_s) == ("UDP_ONEWAY", 20)
            core.pass_time(15)
        assert core.verdicts()["scheduled"] == 1
        assert core.dest(DEST_ID)["inactive"] == 1
        core.pass_time(7)
        assert core.n_conns() == core.dest(DEST_ID)["inactive"] == 0


@pytest.mark.parametrize("proto", [TCP, UDP])
def test_the_services_time_out(proto: int) -> None:
    """F-054."""
    with DR.balancer() as core:
        DR.serve(core, proto, conn_timeout_s=200)
        arrive(core, DR.packet(first_of(proto)))
        arrive(core, DR.packet(later_of(proto)))
        row = core.find(proto, DR.client, 40000, VIP, 80)
        assert row and row.timeout_s == 200


@modes
def test_listed_with_the_client_as_local_end(mode: Mode) -> None:
    """F-051: nine corners, of which local is the client where nothing is translated."""
    with mode.balancer() as core:
        run(core, mode, [])
        (row,) = core.conns()
        assert row == core.find(TCP, mode.client, 40000, mode.vip, 80)
        assert (row.caddr, row.cport, row.vaddr, row.vport) == (mode.client, 40000, mode.vip, 80)
        assert (row.laddr, row.lport, row.daddr, row.dport) == (mode.client, 40000, mode.server, 80)
        assert core.find(TCP, mode.server, 80, mode.client, 40000) is None, "nothing comes back"


def test_the_servers_port_is_the_services() -> None:
    """F-084: the packet keeps its ports, so another one is refused when the service is made."""
    with director6() as core, core.edit() as edit:
        for fwd in ("DR", "TUNNEL"):
            assert edit.put(VIP, 80, [Dest(RS, 8080, fwd=fwd)], laddrs=[]) == -errno.EINVAL
            assert edit.put(VIP, 80, [Dest(RS, 80, fwd=fwd)], laddrs=[]) == 0
            assert edit.put(VIP, 80, [Dest(RS, 0, fwd=fwd)], laddrs=[]) == 0
        assert edit.put(VIP, 80, [Dest(RS, 8080)], laddrs=[LIP]) == 0


def test_direct_routing_stays_in_a_family() -> None:
    with director6() as core, core.edit() as edit:
        refused = -errno.EAFNOSUPPORT
        assert edit.put(VIP6, 80, [Dest(RS, 80, fwd="DR")], laddrs=[]) == refused
        assert edit.put(VIP, 80, [Dest(RS6, 80, fwd="DR")], laddrs=[]) == refused


@modes
def test_cut_by_quiescence(mode: Mode) -> None:
    """F-038 and expire-quiescent: weight 0 ends a connection with its next packet."""
    with mode.balancer() as core:
        run(core, mode, WAYS["ES"])
        dest = Dest(mode.server, id=DEST_ID, fwd=mode.fwd, weight=0)
        core.service(mode.vip, 80, [dest], laddrs=[], flags=1)
        assert sent(core, mode, ACK) == []
        assert core.verdicts()["quiesced"] == 1
        assert core.n_conns() == core.dest(DEST_ID)["active"] == 0
