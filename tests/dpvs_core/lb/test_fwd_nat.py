"""NAT (F-086): only the destination changes, the server answers to the client's own address.

Every emitted frame against oracle/nat.py, byte for byte; whatever the families, the number of
workers and the queue that each packet arrives on.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.lb.test_fnat_oracle import (
    CAMPAIGN,
    FLAGS,
    L2_TO_CLIENT,
    L2_TO_SERVER,
    NUMBER,
    OPTIONS,
    SIZES,
    assert_emitted,
    ip4_fields,
    ip6_fields,
)
from tests.oracle.nat import Nat
from tests.oracle.wire import (
    ACK,
    DF,
    RST,
    SYN,
    TCP,
    UDP,
    Ip4,
    Tcp,
    Udp,
    bad_checksums,
    ip_frame,
    ip_of,
    packet,
    read_ip,
)
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.places import PLACES
from tests.steps.scene import (
    CLIENT_MAC,
    LIP,
    RS,
    RS_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    director6,
    tcp_of,
)

CPORT, DPORT = 40000, 8080
WORKERS = pytest.mark.parametrize("n_workers", [1, 3])
FAMILIES = pytest.mark.parametrize("af", [4, 6])
PROTOCOLS = pytest.mark.parametrize("proto", [TCP, UDP])
ENDS = {af: (at.client, at.vip, at.server) for af, at in PLACES.items()}


def nat_director(af: int, n_workers: int = 1, proto: int = TCP, **rest: Any) -> StepCore:
    """A service with one NAT dest, dest id 1; no local address of its own."""
    core = director6(n_workers, **rest)
    _, vip, rs = ENDS[af]
    core.service(vip, 80, [Dest(rs, DPORT, id=1, fwd="NAT")], proto=proto, laddrs=[])
    return core


@dataclass
class Talk:
    """One connection; segments and datagrams as either end writes them."""

    core: StepCore
    af: int
    proto: int = TCP
    cport: int = CPORT
    vport: int = 80

    def __post_init__(self) -> None:
        self.caddr, self.vaddr, self.daddr = ENDS[self.af]

    def _frame(self, from_client: bool, fields: dict[str, Any], segment: Tcp | Udp) -> bytes:
        ends = (self.caddr, self.vaddr) if from_client else (self.daddr, self.caddr)
        l3 = packet(ip_of(*ends, self.proto, **fields), segment)
        return ip_frame(MAC[TO_CLIENTS if from_client else TO_SERVERS], CLIENT_MAC, l3)

    def client(self, queue: int = 0, ip: dict[str, Any] | None = None, **rest: Any) -> list[bytes]:
        sent = self._frame(True, ip or {}, self._segment(self.cport, self.vport, rest))
        return self.core.forward(sent, TO_CLIENTS, queue)

    def server(self, queue: int = 0, ip: dict[str, Any] | None = None, **rest: Any) -> list[bytes]:
        sent = self._frame(False, ip or {}, self._segment(DPORT, self.cport, rest))
        return self.core.forward(sent, TO_SERVERS, queue)

    def _segment(self, sport: int, dport: int, rest: dict[str, Any]) -> Tcp | Udp:
        return (Tcp if self.proto == TCP else Udp)(sport, dport, **rest)

    def establish(self) -> "Talk":
        assert len(self.client(flags=SYN, seq=100)) == 1, self.core.verdicts()
        assert len(self.server(flags=SYN | ACK, seq=500, ack=101)) == 1, self.core.verdicts()
        self.client(seq=101, ack=501)
        return self


@dataclass(frozen=True)
class Step:
    from_client: bool
    flags: int
    seq: int
    ack: int
    options: bytes
    n_bytes: int
    has_checksum: bool
    fields: dict[int, dict[str, Any]]
    queue: int


STEPS = st.builds(
    Step, from_client=st.booleans(), flags=FLAGS, seq=NUMBER, ack=NUMBER, options=OPTIONS,
    n_bytes=SIZES, has_checksum=st.booleans(), queue=st.integers(0, 2),
    fields=st.fixed_dictionaries({4: ip4_fields(), 6: ip6_fields()}),
)  # fmt: skip


def segment_of(step: Step, proto: int, ports: tuple[int, int]) -> Tcp | Udp:
    payload = bytes(i % 251 for i in range(step.n_bytes))
    if proto == UDP:
        return Udp(*ports, payload, step.has_checksum)
    return Tcp(*ports, step.seq, step.ack, step.flags, options=step.options, payload=payload)


@FAMILIES
@PROTOCOLS
@given(steps=st.lists(STEPS, min_size=1, max_size=10), n_workers=st.integers(1, 3))
@settings(max_examples=100, **CAMPAIGN)
def test_a_conversation_is_the_oracles(
    af: int, proto: int, steps: list[Step], n_workers: int
) -> None:
    """F-086. The server's segments are those of a connection that began."""
    caddr, vip, rs = ENDS[af]
    oracle = Nat(caddr, CPORT, vip, 80, rs, DPORT)
    with nat_director(af, n_workers, proto) as core:
        Talk(core, af, proto).client(**({"flags": SYN} if proto == TCP else {}))
        for step in steps:
            ends, ports = ((caddr, vip), (CPORT, 80)) if step.from_client else (
                (rs, caddr), (DPORT, CPORT))  # fmt: skip
            l3 = packet(ip_of(*ends, proto, **step.fields[af]), segment_of(step, proto, ports))
            dev = TO_CLIENTS if step.from_client else TO_SERVERS
            out = core.forward(ip_frame(MAC[dev], CLIENT_MAC, l3), dev, step.queue % n_workers)
            if step.from_client:
                assert_emitted(out, L2_TO_SERVER, oracle.from_client(l3), b"")
            else:
                assert_emitted(out, L2_TO_CLIENT, oracle.from_server(l3), b"")


@FAMILIES
@PROTOCOLS
@pytest.mark.parametrize("n_workers", [2, 3])
def test_every_packet_of_a_flow_reaches_its_worker(af: int, proto: int, n_workers: int) -> None:
    """The owner is found from either direction, on any queue, and all workers have a share."""
    first: dict[str, Any] = {"flags": SYN} if proto == TCP else {}
    with nat_director(af, n_workers, proto) as core:
        used = set()
        for cport in range(40000, 40040):
            talk = Talk(core, af, proto, cport)
            assert len(talk.client(cport % n_workers, **first)) == 1
            for queue in range(n_workers):
                assert len(talk.server(queue)) == 1
                assert len(talk.client(queue)) == 1
            row = core.find(proto, talk.caddr, cport, talk.vaddr, 80)
            assert row == core.find(proto, talk.daddr, DPORT, talk.caddr, cport)
            assert row and (row.laddr, row.lport) == (talk.caddr, cport)
            used.add(row.worker)
        assert used == set(range(n_workers))
        assert core.verdicts()["scheduled"] == 40
        assert "reset-sent" not in core.verdicts()


@FAMILIES
@WORKERS
@pytest.mark.parametrize("nic", ["OWN", "RSS"])
def test_full_nat_and_nat_dests_of_one_service(af: int, n_workers: int, nic: str) -> None:
    """A FULLNAT connection takes a local port of the group that the client's side names, also
    where a card's own hash gives the groups of other services."""
    caddr, vip, rs = ENDS[af]
    with director6(n_workers, nic=nic) as core:
        dests = [Dest(rs, DPORT, id=1, fwd="NAT"), Dest(rs, 9090, id=2)]
        core.service(vip, 80, dests)
        modes = []
        for cport in range(40000, 40024):
            talk = Talk(core, af, cport=cport)
            (out,) = talk.client(cport % n_workers, flags=SYN)
            modes.append(tcp_of(out).dport)
            back = read_ip(out[14:])
            answer = Tcp(tcp_of(out).dport, tcp_of(out).sport, 9, tcp_of(out).seq + 1, SYN | ACK)
            l3 = packet(ip_of(back.dst, back.src, TCP), answer)
            for queue in range(n_workers):
                (out,) = core.forward(ip_frame(MAC[1], RS_MAC, l3), 1, queue)
                assert (read_ip(out[14:]).src, read_ip(out[14:]).dst) == (vip, caddr)
                assert (tcp_of(out).sport, tcp_of(out).dport) == (80, cport)
        assert sorted(modes) == [DPORT] * 12 + [9090] * 12


@FAMILIES
@pytest.mark.parametrize("second", ["", "FNAT"])
def test_connections_outlive_their_dest(af: int, second: str) -> None:
    """The dest is removed, alone or for another one: what it has goes on, on any queue."""
    _, vip, rs = ENDS[af]
    with nat_director(af, 3) as core:
        talks = [Talk(core, af, cport=40000 + i).establish() for i in range(12)]
        core.service(vip, 80, [Dest(rs, 9090, id=2)] if second else [])
        for talk in talks:
            for queue in range(3):
                assert len(talk.server(queue, flags=ACK, seq=501)) == 1
                assert len(talk.client(queue, flags=ACK, seq=101)) == 1
        core.delete_service(vip, 80)
        for talk in talks:
            for queue in range(3):
                assert len(talk.server(queue, flags=ACK, seq=501)) == 1
        assert core.n_conns() == 12
        assert "reset-sent" not in core.verdicts()


@FAMILIES
@PROTOCOLS
def test_the_same_client_port_at_the_same_server_twice_is_refused(af: int, proto: int) -> None:
    """Two services, one server: its answers could not be told apart (verdict nat-clash)."""
    first: dict[str, Any] = {"flags": SYN} if proto == TCP else {}
    _, vip, rs = ENDS[af]
    with nat_director(af, 3, proto) as core:
        core.service(vip, 81, [Dest(rs, DPORT, id=2, fwd="NAT")], proto=proto, laddrs=[])
        assert len(Talk(core, af, proto).client(**first)) == 1
        for queue in range(3):
            assert Talk(core, af, proto, vport=81).client(queue, **first) == []
        assert core.verdicts()["nat-clash"] == 3
        assert core.dest(2)["conns"] == core.dest(2)["inactive"] == 0
        assert len(Talk(core, af, proto, cport=CPORT + 1, vport=81).client(**first)) == 1
        (out,) = Talk(core, af, proto).server()
        assert int.from_bytes(out[-8 if proto == UDP else -20 :][:2], "big") == 80


@FAMILIES
def test_no_reset_where_the_server_never_answered(af: int) -> None:
    with nat_director(af) as core:
        Talk(core, af).client(flags=SYN)
        core.sent.clear()
        core.pass_time(95)
        assert core.n_conns() == 0
        assert core.sent[0] == core.sent[1] == []


@FAMILIES
@pytest.mark.parametrize("flags", [SYN, ACK, SYN | ACK])
def test_what_a_server_sends_without_a_connection_is_routed_on(af: int, flags: int) -> None:
    """It may speak for itself: neither answered with a reset nor dropped."""
    with nat_director(af, 3, settings={f"ip{af}_forwarding": 1}) as core:
        for queue in range(3):
            out = Talk(core, af).server(queue, flags=flags)
            assert [read_ip(sent[14:]).src for sent in out] == [ENDS[af][2]]
        assert "reset-sent" not in core.verdicts()


@FAMILIES
def test_the_hop_limit_stays_or_goes_down_as_set(af: int) -> None:
    for xmit_ttl, ttl in ((0, 9), (1, 8)):
        with nat_director(af, settings={"xmit_ttl": xmit_ttl}) as core:
            talk = Talk(core, af)
            for _ in range(2):  # its next hop found, and known
                (out,) = talk.client(ip={"ttl": 9}, flags=SYN)
                assert read_ip(out[14:]).ttl == ttl
                assert bad_checksums(out[14:]) == []


@FAMILIES
def test_what_is_too_big_for_the_next_hop_is_told(af: int) -> None:
    net = "192.168.100.0/24" if af == 4 else "fd00:64::/64"
    with nat_director(af) as core:
        talk = Talk(core, af).establish()
        core.routes = [row for row in core.routes if f"{row[0]}/{row[1]}" != net]
        core.route(net, TO_SERVERS, mtu=1400)
        n_headers = (20 if af == 4 else 40) + 20
        fields = {"frag": DF} if af == 4 else {}
        for n_over in (0, 1):
            payload = bytes(1400 - n_headers + n_over)
            (out,) = talk.client(ip=fields, flags=ACK, seq=101, payload=payload)
            back = read_ip(out[14:])
            assert (back.dst == talk.caddr) == bool(n_over)
        assert back.payload[0] == (3 if af == 4 else 2)
        assert int.from_bytes(back.payload[4:8], "big") == 1400


def test_a_servers_packets_to_addresses_here_are_as_any_others() -> None:
    """To the VIP: a client; to a local address: nobody's answer."""
    with nat_director(4) as core:
        core.service(VIP, 81, [Dest(RS, 9090, id=3)])
        l3 = packet(Ip4(RS, VIP, TCP), Tcp(5, 81, flags=SYN))
        (out,) = core.forward(ip_frame(MAC[1], RS_MAC, l3), 1)
        assert read_ip(out[14:]).src == LIP
        l3 = packet(Ip4(RS, LIP, TCP), Tcp(5, 3000, flags=SYN))
        (out,) = core.forward(ip_frame(MAC[1], RS_MAC, l3), 1)
        assert tcp_of(out).flags == RST | ACK
