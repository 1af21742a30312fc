"""Connections of every mode that rewrites, and the errors that both ends' networks make about
their packets. Clients are behind one device, servers behind the other; with SNAT the client is the
host inside, on the servers' device, and the server is in the world."""

from dataclasses import dataclass, field

from tests.oracle.icmp import Balanced, Corners, Error, translated
from tests.oracle.wire import (
    ACK,
    DF,
    ICMP,
    ICMP6,
    PSH,
    SYN,
    TCP,
    UDP,
    Ip,
    Tcp,
    Udp,
    bad_checksums,
    ip_frame,
    ip_of,
    packet,
    read_ip,
    transport_of,
)
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.places import PLACES, RS_MAC, TO_CLIENTS, TO_SERVERS
from tests.steps.rows import REWRITING
from tests.steps.scene import director6
from tests.steps.scene_snat import SNAT_DEST, query, snat_director

CPORT, VPORT = 40000, 80
ROUTERS = {dev: {af: at.routers[dev] for af, at in PLACES.items()} for dev in (0, 1)}
ENDS = {dev: {af: at.ends[dev] for af, at in PLACES.items()} for dev in (0, 1)}


@dataclass(frozen=True)
class Row:
    """A mode, the families of client and server, a protocol."""

    fwd: str
    client_af: int
    server_af: int
    proto: int = TCP

    def __str__(self) -> str:
        name = {TCP: "tcp", UDP: "udp"}.get(self.proto, "icmp")
        return f"{self.fwd}{self.client_af}{self.server_af}-{name}"

    @property
    def client_dev(self) -> int:
        return TO_SERVERS if self.fwd == "SNAT" else TO_CLIENTS

    @property
    def client(self) -> str:
        return ENDS[self.client_dev][self.client_af]

    @property
    def vip(self) -> str:
        """What clients send to: with SNAT the host itself."""
        if self.fwd == "SNAT":
            return ENDS[TO_CLIENTS][self.server_af]
        return PLACES[self.client_af].vip

    @property
    def dest_id(self) -> int:
        return SNAT_DEST + 1 if (self.fwd, self.client_af) == ("SNAT", 6) else SNAT_DEST

    @property
    def vport(self) -> int:
        return {ICMP: 8, ICMP6: 128}.get(self.proto, VPORT)

    def core(self, n_workers: int = 1, **settings: int) -> StepCore:
        if self.fwd == "SNAT":
            return snat_director(n_workers, settings=settings)
        core = director6(n_workers, settings=settings)
        dest = Dest(ENDS[TO_SERVERS][self.server_af], id=self.dest_id, fwd=self.fwd)
        laddrs = [PLACES[self.server_af].lip] if self.fwd == "FNAT" else []
        core.service(self.vip, VPORT, [dest], proto=self.proto, laddrs=laddrs)
        return core


ROWS = [Row(*mode, proto) for mode in REWRITING for proto in (TCP, UDP)]
SNAT_ROWS = [
    Row("SNAT", af, af, proto) for af, proto in ((4, TCP), (4, ICMP), (6, UDP), (6, ICMP6))
]


def kinds(af: int) -> list[tuple[int, int, int]]:
    """Type, code and rest of every error that the family has, and of some that it has not."""
    if af == 4:
        codes = [(3, code, 0) for code in (*range(4), *range(5, 17))] + [(4, 0, 0), (11, 0, 0)]
        mtus = [(3, 4, mtu) for mtu in (0, 68, 576, 1300, 1480, 1500, 9000)]
        pointers = [(12, code, at << 24) for code in (0, 1, 2) for at in range(22)]
        return codes + mtus + pointers + [(11, 1, 0), (11, 2, 0)]
    codes = [(1, code, 0) for code in range(7)] + [(3, 0, 0), (3, 1, 0), (3, 2, 0)]
    mtus = [(2, 0, mtu) for mtu in (0, 1280, 1290, 1400, 1500, 9000, 70000)] + [(2, 9, 1400)]
    pointers = [(4, code, at) for code in (0, 1, 2, 3) for at in (*range(42), 256, 1 << 31)]
    return codes + mtus + pointers


@dataclass
class Flow:
    """One connection with a packet each way: as it was sent, and as it was forwarded."""

    row: Row
    core: StepCore
    n_payload: int = 50
    sport: int = CPORT
    tos: int = 0
    conn: Balanced = field(init=False)
    sent: dict[int, bytes] = field(default_factory=dict)
    forwarded: dict[int, bytes] = field(default_factory=dict)
    """IP packets by the device they came in by."""

    def __post_init__(self) -> None:
        row = self.row
        client = Corners(row.client, self.sport, row.vip, row.vport)
        if row.proto in (ICMP, ICMP6):
            self._ask(client)
            return
        first = Udp(self.sport, VPORT, self._payload(1))
        if row.proto == TCP:
            (out,) = self._send(client, Tcp(self.sport, VPORT, 1000, flags=SYN))
        else:
            (out,) = self._send(client, first)
        ip, seen = read_ip(out[14:]), transport_of(read_ip(out[14:]))
        server = Corners(ip.dst, seen.dport, ip.src, seen.sport)
        added = (seen.seq - 1000) % 2**32 if isinstance(seen, Tcp) else 0
        toa = {4: 8, 6: 20}[row.client_af] if (row.fwd, row.proto) == ("FNAT", TCP) else 0
        self.conn = Balanced(client, server, added, toa)
        if row.proto == TCP:
            self._talk(server, client, added)
        else:
            self._send(server, Udp(server.sport, server.dport, self._payload(2)))

    def _payload(self, seed: int) -> bytes:
        n_bytes = self.n_payload if seed == 1 else min(self.n_payload, 1400)  # answers may grow
        return bytes((seed + i * 7) % 256 for i in range(n_bytes))

    def _talk(self, server: Corners, client: Corners, added: int) -> None:
        answer = Tcp(server.sport, server.dport, 70000, 1001 + added, SYN | ACK)
        self._send(server, answer)
        data = Tcp(self.sport, VPORT, 1001, 70001, ACK | PSH, payload=self._payload(1))
        self._send(client, data)
        data = replace_ports(data, server, 70001, 1001 + added, self._payload(2))
        self._send(server, data)

    def _ask(self, client: Corners) -> None:
        """An echo request and its answer."""
        out = self._query(client, client.dport, client.sport)
        ip = read_ip(out[14:])
        ident = int.from_bytes(ip.payload[4:6], "big")
        server = Corners(ip.dst, client.dport, ip.src, ident)
        self.conn = Balanced(client, server)
        self._query(server, {8: 0, 128: 129}[client.dport], ident)

    def _query(self, side: Corners, kind: int, ident: int) -> bytes:
        l3 = query(side.src, side.dst, kind, ident, self._payload(1), ttl=50, tos=self.tos)
        (out,) = self._forward(side, l3)
        return out

    def _send(self, side: Corners, segment: Tcp | Udp) -> list[bytes]:
        between = self.row.client_af != self.row.server_af
        whole = {"frag": DF} if between and ":" not in side.src else {}  # else cut for IPv6
        ip = ip_of(side.src, side.dst, self.row.proto, ttl=50, tos=self.tos, **whole)
        return self._forward(side, packet(ip, segment))

    def _forward(self, side: Corners, l3: bytes) -> list[bytes]:
        row = self.row
        dev = row.client_dev if side.src == row.client else 1 - row.client_dev
        out = self.core.forward(ip_frame(MAC[dev], RS_MAC, l3), dev)
        assert len(out) == 1, self.core.verdicts()
        self.sent[dev], self.forwarded[dev] = l3, out[0][14:]
        return out

    def af_of_errors(self, dev: int) -> int:
        """About what was sent out of `dev`."""
        return self.row.client_af if dev == self.row.client_dev else self.row.server_af

    def error(self, dev: int, error: Error, n_quoted: int, worker: int = 0) -> bytes | None:
        """An error that comes in by `dev`, about the packet that left there; what went out."""
        quote = self.forwarded[1 - dev][:n_quoted]
        l3 = bytes(error.quoting(quote))
        self.core.forward(ip_frame(MAC[dev], RS_MAC, l3), dev, worker)
        assert self.core.sent[dev] == []
        out = self.core.sent[1 - dev]
        assert len(out) <= 1
        return out[0][14:] if out else None

    def expected(
        self, dev: int, error: Error, n_quoted: int, got: bytes | None, mtu_max: int = 1500
    ) -> bytes | None:
        whole = self.forwarded[1 - dev]
        ident = int.from_bytes(got[4:6], "big") if got and got[0] >> 4 == 4 else 0
        return translated(
            self.conn,
            error,
            whole,
            min(n_quoted, len(whole)),
            dev != self.row.client_dev,
            mtu_max,
            ident,
        )

    def check(self, dev: int, error: Error, n_quoted: int, worker: int = 0) -> bytes | None:
        """Byte for byte as the oracle says; returned."""
        got = self.error(dev, error, n_quoted, worker)
        want = self.expected(dev, error, n_quoted, got)
        assert shown(got) == shown(want), (error, n_quoted)
        assert got == want
        if got:
            assert bad_checksums(got) == []
        return got


def replace_ports(data: Tcp, side: Corners, seq: int, ack: int, payload: bytes) -> Tcp:
    return Tcp(side.sport, side.dport, seq, ack % 2**32, data.flags, payload=payload)


def shown(l3: bytes | None) -> str:
    """For a difference that reads."""
    if l3 is None:
        return "nothing"
    ip: Ip = read_ip(l3)
    text = f"{ip.src} > {ip.dst} ttl {ip.ttl} tos {ip.tos} {ip.payload[:8].hex()}"
    return f"{text}\n{ip.payload[8:].hex()}"


def sender(dev: int, af: int, is_router: bool) -> str:
    return (ROUTERS if is_router else ENDS)[dev][af]
