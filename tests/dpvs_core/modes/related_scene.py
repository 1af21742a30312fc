"""Connections of every mode that rewrites, and the errors that both ends' networks make about
their packets."""

from dataclasses import dataclass, field

from tests.oracle.icmp import Balanced, Corners, Error, translated
from tests.oracle.wire import (
    ACK,
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
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    LIP,
    LIP6,
    RS,
    RS6,
    RS_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    VIP6,
    director6,
)

CPORT, VPORT = 40000, 80
ROUTERS = {
    TO_CLIENTS: {4: "10.0.9.9", 6: "2001:db8::9"},
    TO_SERVERS: {4: "192.168.100.9", 6: "fd00:64::9"},
}
ENDS = {TO_CLIENTS: {4: CLIENT, 6: CLIENT6}, TO_SERVERS: {4: RS, 6: RS6}}


@dataclass(frozen=True)
class Row:
    """A mode, the families of client and server, a protocol."""

    fwd: str
    client_af: int
    server_af: int
    proto: int = TCP

    def __str__(self) -> str:
        name = {TCP: "tcp", UDP: "udp"}[self.proto]
        return f"{self.fwd}{self.client_af}{self.server_af}-{name}"

    @property
    def client(self) -> str:
        return ENDS[TO_CLIENTS][self.client_af]

    @property
    def vip(self) -> str:
        return VIP if self.client_af == 4 else VIP6

    def core(self, n_workers: int = 1, **settings: int) -> StepCore:
        core = director6(n_workers, settings=settings)
        dest = Dest(ENDS[TO_SERVERS][self.server_af], id=3, fwd=self.fwd)
        laddrs = [LIP if self.server_af == 4 else LIP6] if self.fwd == "FNAT" else []
        core.service(self.vip, VPORT, [dest], proto=self.proto, laddrs=laddrs)
        return core


MODES = [
    ("FNAT", 4, 4), ("FNAT", 6, 6), ("FNAT", 6, 4), ("FNAT", 4, 6), ("NAT", 4, 4), ("NAT", 6, 6),
]  # fmt: skip
ROWS = [Row(*mode, proto) for mode in MODES for proto in (TCP, UDP)]


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
        first = Udp(self.sport, VPORT, self._payload(1))
        client = Corners(row.client, self.sport, row.vip, VPORT)
        if row.proto == TCP:
            (out,) = self._send(TO_CLIENTS, client, Tcp(self.sport, VPORT, 1000, flags=SYN))
        else:
            (out,) = self._send(TO_CLIENTS, client, first)
        ip, seen = read_ip(out[14:]), transport_of(read_ip(out[14:]))
        server = Corners(ip.dst, seen.dport, ip.src, seen.sport)
        added = (seen.seq - 1000) % 2**32 if isinstance(seen, Tcp) else 0
        toa = {4: 8, 6: 20}[row.client_af] if (row.fwd, row.proto) == ("FNAT", TCP) else 0
        self.conn = Balanced(client, server, added, toa)
        if row.proto == TCP:
            self._talk(server, client, added)
        else:
            self._send(TO_SERVERS, server, Udp(server.sport, server.dport, self._payload(2)))

    def _payload(self, seed: int) -> bytes:
        n_bytes = self.n_payload if seed == 1 else min(self.n_payload, 1400)  # answers may grow
        return bytes((seed + i * 7) % 256 for i in range(n_bytes))

    def _talk(self, server: Corners, client: Corners, added: int) -> None:
        answer = Tcp(server.sport, server.dport, 70000, 1001 + added, SYN | ACK)
        self._send(TO_SERVERS, server, answer)
        data = Tcp(self.sport, VPORT, 1001, 70001, ACK | PSH, payload=self._payload(1))
        self._send(TO_CLIENTS, client, data)
        data = replace_ports(data, server, 70001, 1001 + added, self._payload(2))
        self._send(TO_SERVERS, server, data)

    def _send(self, dev: int, side: Corners, segment: Tcp | Udp) -> list[bytes]:
        l3 = packet(ip_of(side.src, side.dst, self.row.proto, ttl=50, tos=self.tos), segment)
        out = self.core.forward(ip_frame(MAC[dev], RS_MAC, l3), dev)
        assert len(out) == 1, self.core.verdicts()
        self.sent[dev], self.forwarded[dev] = l3, out[0][14:]
        return out

    def af_of_errors(self, dev: int) -> int:
        """About what was sent out of `dev`."""
        return self.row.server_af if dev == TO_SERVERS else self.row.client_af

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
            self.conn, error, whole, min(n_quoted, len(whole)), dev == TO_SERVERS, mtu_max, ident
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
