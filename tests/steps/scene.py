"""The scene of most tests: a two-arm director with one service, and its first connections.

Clients are on dpdk0 (10.0.0.0/16), servers on dpdk1 (192.168.100.0/24); everybody's MAC is known,
so that no packet waits for ARP.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.wire import ACK, SYN, Tcp, Udp, read_ip, tcp_frame, transport_of, udp_frame
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.places import CLIENT_MAC, PLACES, RS_MAC, TO_CLIENTS, TO_SERVERS

_4, _6 = PLACES[4], PLACES[6]
VIP, LIP, RS, CLIENT = _4.vip, _4.lip, _4.server, _4.client
VIP6, LIP6, RS6, CLIENT6 = _6.vip, _6.lip, _6.server, _6.client


def director(n_workers: int = 1, **rest: Any) -> StepCore:
    """Addresses, routes and neighbours, no service yet."""
    core = StepCore(n_workers=n_workers, **rest)
    core.addr(VIP, TO_CLIENTS)
    core.laddr(LIP, TO_SERVERS)
    core.route(_4.clients_net, TO_CLIENTS)
    core.route(_4.servers_net, TO_SERVERS)
    core.neigh(CLIENT, TO_CLIENTS, CLIENT_MAC)
    core.neigh(RS, TO_SERVERS, RS_MAC)
    return core


def director6(n_workers: int = 1, **rest: Any) -> StepCore:
    """The same with IPv6 beside IPv4."""
    core = director(n_workers, **rest)
    core.addr(VIP6, TO_CLIENTS)
    core.laddr(LIP6, TO_SERVERS)
    core.route(_6.clients_net, TO_CLIENTS)
    core.route(_6.servers_net, TO_SERVERS)
    core.neigh(CLIENT6, TO_CLIENTS, CLIENT_MAC)
    core.neigh(RS6, TO_SERVERS, RS_MAC)
    return core


def balancer6(n_workers: int = 1, proto: int = 6, **rest: Any) -> StepCore:
    """Services on VIP6:80 (dest id 6) and on VIP:80 (dest id 1)."""
    core = director6(n_workers, **rest)
    core.service(VIP6, 80, [Dest(RS6, 80, id=6)], proto=proto, laddrs=[LIP6])
    core.service(VIP, 80, [Dest(RS, 80, id=1)], proto=proto, laddrs=[LIP])
    return core


def balancer(n_workers: int = 1, proto: int = 6, **rest: Any) -> StepCore:
    """The director with VIP:80 and one real server, dest id 1."""
    core = director(n_workers, **rest)
    core.service(VIP, 80, [Dest(RS, 80, id=1)], proto=proto)
    return core


def become_standby(core: StepCore) -> None:
    """Another director of the pair has the addresses now; services and dests stay."""
    core.remove_addr(VIP)
    core.remove_addr(LIP)
    core.laddr_active(LIP, False)


def become_active(core: StepCore) -> None:
    core.laddr_active(LIP, True)
    core.addr(LIP, TO_SERVERS, laddr_id=core.laddrs[LIP])
    core.addr(VIP, TO_CLIENTS)


def from_client(tcp: Tcp, caddr: str = CLIENT, vip: str = VIP, **ip: int) -> bytes:
    return tcp_frame(MAC[TO_CLIENTS], caddr, vip, tcp, **ip)


def from_server(tcp: Tcp, laddr: str = LIP, daddr: str = RS, **ip: int) -> bytes:
    return tcp_frame(MAC[TO_SERVERS], daddr, laddr, tcp, **ip)


def client_udp(udp: Udp, caddr: str = CLIENT, vip: str = VIP, **ip: int) -> bytes:
    return udp_frame(MAC[TO_CLIENTS], caddr, vip, udp, **ip)


def server_udp(udp: Udp, laddr: str = LIP, daddr: str = RS, **ip: int) -> bytes:
    return udp_frame(MAC[TO_SERVERS], daddr, laddr, udp, **ip)


def tcp_of(frame: bytes) -> Tcp:
    segment = transport_of(read_ip(frame[14:]))
    assert isinstance(segment, Tcp)
    return segment


@dataclass
class Flow:
    """One connection to VIP:80, driven by the test; numbers as each end sees them."""

    core: StepCore
    cport: int = 40000
    caddr: str = CLIENT
    vaddr: str = VIP
    vport: int = 80
    client_isn: int = 1000
    server_isn: int = 70000
    laddr: str = ""
    lport: int = 0
    daddr: str = ""
    dport: int = 0
    server_sees_isn: int = 0
    """The client's initial number as the core shows it to the server."""
    ip: dict[str, int] = field(default_factory=dict)
    """Further fields of the client's IP headers."""

    def syn(self, worker: int = 0) -> list[bytes]:
        """The client's SYN; learns where it went. Returns what left."""
        out = self.client(SYN, seq=0, worker=worker)
        if out:
            ip = read_ip(out[0][14:])
            sent = tcp_of(out[0])
            self.laddr, self.daddr = ip.src, ip.dst
            self.lport, self.dport, self.server_sees_isn = sent.sport, sent.dport, sent.seq
        return out

    def client(
        self, flags: int = ACK, seq: int = 1, ack: int = 1, worker: int = 0, **rest: Any
    ) -> list[bytes]:
        """A segment of the client; seq and ack count from the initial numbers."""
        tcp = Tcp(
            self.cport, self.vport, self.client_isn + seq,
            self.server_isn + ack if flags & ACK else 0, flags, **rest,
        )  # fmt: skip
        frame = from_client(tcp, self.caddr, self.vaddr, **self.ip)
        return self.core.forward(frame, TO_CLIENTS, worker)

    def server(
        self, flags: int = ACK, seq: int = 1, ack: int = 1, worker: int = 0, **rest: Any
    ) -> list[bytes]:
        tcp = Tcp(
            self.dport, self.lport, self.server_isn + seq,
            self.server_sees_isn + ack if flags & ACK else 0, flags, **rest,
        )  # fmt: skip
        frame = from_server(tcp, self.laddr, self.daddr)
        return self.core.forward(frame, TO_SERVERS, worker)

    def establish(self) -> "Flow":
        """The three segments of the handshake."""
        self.syn()
        assert self.lport, self.core.verdicts()
        self.server(SYN | ACK, seq=0)
        self.client(ACK)
        return self

    def state(self) -> int | None:
        """Its state number, None when it is gone."""
        row = self.core.find(6, self.caddr, self.cport, self.vaddr, self.vport)
        return row.state if row else None

    def timeout_s(self) -> int:
        row = self.core.find(6, self.caddr, self.cport, self.vaddr, self.vport)
        assert row
        return row.timeout_s
