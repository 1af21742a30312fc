"""FullNAT by the book: what must leave for what came in (F-080, F-081, F-090..F-094, F-070).

One `Fnat` follows one connection. Two things are the core's free choice and are learnt from its
first segment: the local port and the initial sequence number. From then on each emitted packet
is predicted to the byte: fields are read, changed by the rules, and packed anew with checksums
summed in full. Where the rules leave a choice, the oracle's is written at the place ("choice:").
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from socket import AF_INET6, inet_aton, inet_pton
from struct import pack, unpack

from tests.oracle.tcp_states import CLOSING, next_state
from tests.oracle.translate import marked, readdressed, reframed
from tests.oracle.wire import ACK, FIN, RST, SYN, Ip, Tcp, packet, ported_of, read_ip

END, NOP, MSS, SACK, TIMESTAMP, TOA = 0, 1, 2, 5, 8, 254
HEADER_MAX_BYTES = 60


def walk(options: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and bytes of each option, up to the end or to what is malformed (RFC 9293 3.1)."""
    at = 0
    while at < len(options) and options[at] != END:
        if options[at] == NOP:
            n = 1
        elif at + 1 < len(options) and 2 <= options[at + 1] <= len(options) - at:
            n = options[at + 1]
        else:
            return
        yield options[at], options[at : at + n]
        at += n


def changed(options: bytes, kinds: set[int], add: int, n_toa: int = 0) -> bytes:
    """`options` with those of the given kinds rewritten, in their places; `add` is for SACK,
    `n_toa` what MSS is lowered by."""
    out = b""
    for kind, raw in walk(options):
        out += _rewritten(kind, raw, add, n_toa) if kind in kinds else raw
    return out + options[len(out) :]


def _rewritten(kind: int, raw: bytes, add: int, n_toa: int) -> bytes:
    if kind == TIMESTAMP and len(raw) == 10:
        return bytes([NOP]) * 10
    if kind == MSS and len(raw) == 4:
        mss = unpack("!H", raw[2:])[0]
        return raw[:2] + pack("!H", mss - n_toa if mss > n_toa else mss)
    if kind == SACK:
        n_edges = (len(raw) - 2) // 4
        edges = unpack(f"!{n_edges}I", raw[2 : 2 + 4 * n_edges])
        moved = pack(f"!{n_edges}I", *((edge + add) % 2**32 for edge in edges))
        return raw[:2] + moved + raw[2 + 4 * n_edges :]
    return raw


def toa_bytes(caddr: str) -> int:
    """F-090: of option 254 with that client's address."""
    return 20 if ":" in caddr else 8


def with_toa(options: bytes, caddr: str, cport: int, n_rest: int, mtu: int) -> bytes:
    """F-090, F-092: option 254 in front, the others pruned as far as room demands. `n_rest` is
    the IP packet's length without TCP options. Choice: alignment is by NOPs at the end."""
    addr = inet_pton(AF_INET6, caddr) if ":" in caddr else inet_aton(caddr)
    toa = pack("!BBH", TOA, toa_bytes(caddr), cport) + addr
    unpadded = b"".join(raw for kind, raw in walk(options) if kind not in (NOP, TOA))
    timestamps = b"".join(raw for kind, raw in walk(options) if kind == TIMESTAMP)
    for kept in (options, unpadded, timestamps):
        new = toa + kept
        new += bytes([NOP]) * (-len(new) % 4)
        if 20 + len(new) <= HEADER_MAX_BYTES and n_rest + len(new) <= mtu:
            return new
    return options


@dataclass
class Fnat:
    caddr: str
    cport: int
    vaddr: str
    vport: int
    daddr: str
    dport: int
    mtu: int = 1500
    laddr: str = ""
    lport: int = 0
    state: str = "NO"
    delta: int | None = None
    """Added to the client's sequence numbers; None: the next pure SYN shows it."""
    first_data: int | None = None
    """The server's first data byte, F-091's fdata_seq."""
    data_acked: bool = False

    def from_client(self, l3: bytes, emitted: bytes) -> bytes:
        """What must be sent to the server for `l3`; `emitted` is asked for the core's choices."""
        ip = read_ip(l3)
        segment = ported_of(ip)
        if isinstance(segment, Tcp):
            self._begin(segment, read_ip(emitted))
            bare = readdressed(replace(ip, payload=b""), self.laddr, self.daddr)
            segment = self._to_server(segment, len(bytes(bare)) + 20 + len(segment.payload))
        elif not self.lport:
            self._learn_local(read_ip(emitted))
        out = reframed(replace(segment, sport=self.lport, dport=self.dport), ip, self.laddr)
        there = packet(readdressed(ip, self.laddr, self.daddr), out)
        return marked(there, ip, emitted)

    def _learn_local(self, emitted: Ip) -> None:
        self.laddr, self.lport = emitted.src, ported_of(emitted).sport

    def _begin(self, segment: Tcp, emitted: Ip) -> None:
        """A first SYN shows local port and numbers; so does one where the connection is closing,
        for it begins another (LVS's connection reuse)."""
        pure_syn = segment.flags & (SYN | ACK | FIN | RST) == SYN
        if pure_syn and (not self.lport or self.state in CLOSING):
            sent = ported_of(emitted)
            assert isinstance(sent, Tcp)
            self._learn_local(emitted)
            self.state = "NO"
            self.delta = (sent.seq - segment.seq) % 2**32
            self.first_data, self.data_acked = None, False
        self.state = next_state(self.state, segment.flags, from_client=True)

    def _to_server(self, segment: Tcp, n_rest: int) -> Tcp:
        assert self.delta is not None
        options = segment.options
        if segment.flags & SYN:
            options = changed(options, {TIMESTAMP}, 0)
        if self._needs_toa(segment):
            options = with_toa(options, self.caddr, self.cport, n_rest, self.mtu)
        return replace(segment, seq=(segment.seq + self.delta) % 2**32, options=options)

    def _needs_toa(self, segment: Tcp) -> bool:
        """F-091: on what acknowledges exactly the server's SYN, until data was acknowledged."""
        if segment.flags & (SYN | RST) or not segment.flags & ACK or self.first_data is None:
            return False
        beyond = (segment.ack - self.first_data) % 2**32
        if 0 < beyond < 2**31:
            self.data_acked = True
        return beyond == 0 and not self.data_acked

    def from_server(self, l3: bytes, emitted: bytes) -> bytes:
        ip = read_ip(l3)
        segment = ported_of(ip)
        if isinstance(segment, Tcp):
            self.state = next_state(self.state, segment.flags, from_client=False)
            segment = self._to_client(segment)
        out = reframed(replace(segment, sport=self.vport, dport=self.cport), ip, self.vaddr)
        return marked(packet(readdressed(ip, self.vaddr, self.caddr), out), ip, emitted)

    def _to_client(self, segment: Tcp) -> Tcp:
        """Choice: without the ACK flag the acknowledgement field means nothing and stays."""
        assert self.delta is not None
        ack = (segment.ack - self.delta) % 2**32 if segment.flags & ACK else segment.ack
        kinds = {SACK}
        if segment.flags & SYN:
            kinds.add(MSS)
            self.first_data = (segment.seq + 1) % 2**32
        options = changed(segment.options, kinds, -self.delta, toa_bytes(self.caddr))
        return replace(segment, ack=ack, options=options)
