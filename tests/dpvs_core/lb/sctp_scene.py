"""SCTP associations through a balancer, in every mode and between families."""

from dataclasses import dataclass, field, replace
from typing import Any

from dpvs_core.control.conn_rows import ConnRow
from dpvs_core.control.conn_states import state_name
from tests.oracle.sctp import (
    COOKIE_ACK,
    COOKIE_ECHO,
    INIT,
    INIT_ACK,
    SCTP,
    Chunk,
    Sctp,
    is_right,
    read_sctp,
)
from tests.oracle.wire import Ip, bad_checksums, ip_frame, ip_of, read_ip
from tests.steps.core import MAC, Dest, Match, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    LIP,
    LIP6,
    RS,
    RS6,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    VIP6,
    director6,
)
from tests.steps.scene_snat import WAN, WAN6

NEIGHBOUR = "02:cc:00:00:00:01"
CLIENT_TAG, SERVER_TAG = 0xC1C1C1C1, 0x5E5E5E5E
DEST_ID = 1
SERVICE_PORT, SERVER_PORT = 80, 8080


def init(kind: int = INIT, tag: int = CLIENT_TAG) -> Chunk:
    return Chunk(kind, tag.to_bytes(4, "big") + bytes.fromhex("0001000000010001") + bytes(4))


COOKIE = Chunk(COOKIE_ECHO, b"cookie")


@dataclass(frozen=True)
class Row:
    """A mode with its families; the ends of SNAT's connection are an inside and a remote host."""

    fwd: str
    client_af: int = 4
    server_af: int = 4

    @property
    def client(self) -> str:
        if self.fwd == "SNAT":
            return {4: RS, 6: RS6}[self.client_af]
        return {4: CLIENT, 6: CLIENT6}[self.client_af]

    @property
    def asked(self) -> str:
        """The address that the client speaks to."""
        if self.fwd == "SNAT":
            return {4: CLIENT, 6: CLIENT6}[self.client_af]
        return {4: VIP, 6: VIP6}[self.client_af]

    @property
    def server(self) -> str:
        return self.asked if self.fwd == "SNAT" else {4: RS, 6: RS6}[self.server_af]

    @property
    def seen(self) -> str:
        """The client as the server sees it."""
        return {
            "FNAT": {4: LIP, 6: LIP6}[self.server_af],
            "SNAT": {4: WAN, 6: WAN6}[self.client_af],
        }.get(self.fwd, self.client)

    @property
    def server_port(self) -> int:
        return SERVER_PORT if self.fwd in ("FNAT", "NAT") else SERVICE_PORT

    @property
    def client_dev(self) -> int:
        return TO_SERVERS if self.fwd == "SNAT" else TO_CLIENTS

    @property
    def one_way(self) -> bool:
        return self.fwd in ("DR", "TUNNEL")

    def __str__(self) -> str:
        return f"{self.fwd}{self.client_af}{self.server_af}"

    def balancer(
        self, n_workers: int = 1, server_port: int = 0, fragment_timeout_ms: int = 1000, **rest: Any
    ) -> StepCore:
        core = director6(n_workers, settings={"fragment_timeout_ms": fragment_timeout_ms})
        for addr, addr6, dev in (("192.168.100.1", "fd00:64::1", TO_SERVERS),):
            core.addr(addr, dev)
            core.addr(addr6, dev)
        if self.fwd == "SNAT":
            core.laddr(WAN, TO_CLIENTS)
            core.laddr(WAN6, TO_CLIENTS)
            dest = Dest({4: WAN, 6: WAN6}[self.client_af], 0, id=DEST_ID)
            core.match_service(Match(self.client_af, proto=SCTP, iif=TO_SERVERS), [dest], **rest)
            return core
        dest = Dest(self.server, server_port or self.server_port, id=DEST_ID, fwd=self.fwd)
        laddrs = [LIP, LIP6] if self.fwd == "FNAT" else []
        core.service(self.asked, SERVICE_PORT, [dest], proto=SCTP, laddrs=laddrs, **rest)
        return core


REWRITING = [
    Row("FNAT"), Row("FNAT", 6, 6), Row("FNAT", 6, 4), Row("FNAT", 4, 6), Row("NAT"),
    Row("NAT", 6, 6), Row("SNAT"), Row("SNAT", 6, 6),
]  # fmt: skip
ONE_WAY = [
    Row("DR"), Row("DR", 6, 6), Row("TUNNEL"), Row("TUNNEL", 4, 6), Row("TUNNEL", 6, 4),
    Row("TUNNEL", 6, 6),
]  # fmt: skip


def framed(dev: int, src: str, dst: str, sctp: bytes, **ip: Any) -> bytes:
    return ip_frame(MAC[dev], NEIGHBOUR, bytes(ip_of(src, dst, SCTP, sctp, **ip)))


def unpacked(frame: bytes) -> tuple[Ip, Sctp]:
    """Its checksums must be right."""
    ip = read_ip(frame[14:])
    assert bad_checksums(frame[14:]) == []
    assert is_right(ip.payload)
    return replace(ip, payload=b""), read_sctp(ip.payload)


@dataclass
class Association:
    """Driven by the test; the server's answers go to what it saw last."""

    core: StepCore
    row: Row = field(default_factory=lambda: Row("FNAT"))
    cport: int = 40000
    seen_port: int = 0
    """The client's port as the server sees it."""
    worker: int = 0

    def client_packet(self, *chunks: Chunk, tag: int = SERVER_TAG) -> Sctp:
        return Sctp(self.cport, SERVICE_PORT, 0 if chunks[0].type == INIT else tag, chunks)

    def client(self, *chunks: Chunk, tag: int = SERVER_TAG, **ip: Any) -> list[bytes]:
        data = self.client_packet(*chunks, tag=tag).pack()
        frame = framed(self.row.client_dev, self.row.client, self.row.asked, data, **ip)
        sent = self.core.forward(frame, self.row.client_dev, self.worker)
        if sent and chunks[0].type == INIT and not self.row.one_way:
            self.seen_port = unpacked(sent[0])[1].sport
        return sent

    def server(self, *chunks: Chunk, tag: int = CLIENT_TAG, **ip: Any) -> list[bytes]:
        dev = 1 - self.row.client_dev
        data = Sctp(self.row.server_port, self.seen_port, tag, chunks).pack()
        frame = framed(dev, self.row.server, self.row.seen, data, **ip)
        return self.core.forward(frame, dev, self.worker)

    def open(self) -> "Association":
        """The four packets of the handshake (RFC 9260 5.1)."""
        assert self.client(init()), self.core.verdicts()
        if not self.row.one_way:
            assert self.server(init(INIT_ACK, SERVER_TAG))
        assert self.client(COOKIE)
        if not self.row.one_way:
            assert self.server(Chunk(COOKIE_ACK))
        assert self.state() == "ESTABLISHED"
        return self

    def listed(self) -> ConnRow | None:
        row = self.row
        return self.core.find(SCTP, row.client, self.cport, row.asked, SERVICE_PORT)

    def state(self) -> str:
        """As `ipvsadm -lnc` names it; empty: there is none."""
        row = self.listed()
        return state_name(SCTP, row.state) if row else ""

    def timeout_s(self) -> int:
        row = self.listed()
        assert row
        return row.timeout_s
