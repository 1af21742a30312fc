"""A connection is indexed a packet later than it begins: nothing that arrives with its first packet
may see the difference."""

import pytest

from tests.oracle.icmp import Error
from tests.oracle.wire import UDP, Udp, ip_frame, read_ip, transport_of, udp_frame
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.native import ConnTable
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    CLIENT_MAC,
    LIP,
    RS,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    VIP6,
    balancer6,
    client_udp,
    director,
)


def datagram(cport: int, af: int = 4) -> bytes:
    ends = (CLIENT, VIP) if af == 4 else (CLIENT6, VIP6)
    return client_udp(Udp(cport, 80, b"x"), *ends)


def sent(core: StepCore) -> list[tuple[str, int]]:
    """To whom, from which local port."""
    out = [read_ip(frame[14:]) for frame in core.sent[TO_SERVERS]]
    return [(ip.dst, transport_of(ip).sport) for ip in out]


@pytest.mark.parametrize("af", [4, 6])
@pytest.mark.parametrize("gap", [0, 1, 2, 7])
def test_each_flow_of_a_burst_begins_once(gap: int, af: int) -> None:
    """The same flow again behind `gap` others; the others again; and all in the next burst."""
    flows = [4000 + i for i in range(gap + 1)]
    with balancer6(proto=UDP) as core:
        for cport in flows + flows:
            core.send(datagram(cport, af))
        core.step()
        first = sent(core)
        assert first[: gap + 1] == first[gap + 1 :]
        assert len(set(first)) == core.n_conns() == gap + 1
        for cport in flows:
            assert core.forward(datagram(cport, af))
        assert core.n_conns() == gap + 1


@pytest.mark.parametrize("n_flows", [1, 2, 5])
def test_behind_its_burst_each_is_in_the_index_and_will_end(n_flows: int) -> None:
    with balancer6(proto=UDP) as core:
        for cport in range(4000, 4000 + n_flows):
            core.send(datagram(cport))
        core.step()
        for cport in range(4000, 4000 + n_flows):
            assert core.find(UDP, CLIENT, cport, VIP, 80)
        core.pass_time(400)
        assert core.n_conns() == core.ports(LIP)[0] == 0


@pytest.mark.parametrize("n_between", [0, 1])
def test_behaviour_17_an_error_right_behind_the_first_packet(n_between: int) -> None:
    """F-190: from the client, about an answer to an earlier connection."""
    answer = udp_frame(MAC[TO_CLIENTS], VIP, CLIENT, Udp(80, 4000, b"y" * 20))[14:]
    error = ip_frame(MAC[TO_CLIENTS], CLIENT_MAC, bytes(Error(CLIENT, 3, 3).quoting(answer)))
    with balancer6(proto=UDP) as core:
        for cport in range(4000, 4001 + n_between):
            core.send(datagram(cport))
        core.send(error)
        core.step()
        assert core.verdicts()["icmp-related"] == 1
        assert len(core.sent[TO_SERVERS]) == 2 + n_between


def test_two_services_clash_at_one_server_in_one_burst() -> None:
    """NAT: the server's answers could not be told apart (verdict nat-clash)."""
    with director() as core:
        for i, port in enumerate((80, 81)):
            dest = Dest(RS, 8080, id=1 + i, fwd="NAT")
            core.service(VIP, port, [dest], proto=UDP, laddrs=[])
        for port in (80, 81):
            core.send(client_udp(Udp(4000, port, b"x")))
        core.step()
        assert core.verdicts()["nat-clash"] == 1
        assert len(core.sent[TO_SERVERS]) == core.n_conns() == 1


def test_an_index_tells_before_a_connection_is_made_whether_it_has_room() -> None:
    """All of one hash, so in one chain: with four overflow buckets left, two more connections find
    all their places; what is freed gives its buckets back."""
    with ConnTable(2048) as table:
        assert table.n_free_overflow == table.n_overflow > 100
        for _ in range(2):
            made = []
            while table.n_free_overflow >= 4 and None not in made:
                made += [table.add(0x12345678), table.add(0x12345678)]
            assert None not in made
            assert len(made) >= 8 * (table.n_overflow - 4) // 2
            while conn := table.add(0x12345678):
                made.append(conn)
            assert table.n_free_overflow == 0
            for conn in made:
                assert conn
                table.free(conn)
            assert table.n_free_overflow == table.n_overflow
