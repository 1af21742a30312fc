"""SCTP packets as bytes (RFC 9260 3, appendix A), and what a balancer believes of an association.

The checksum is divided bit by bit. States have LVS's names; `next_state` follows the text of RFC
9260 5.1, 5.2.1, 8.4 and 9.2 as one who sees the packets pass.
"""

import struct
from dataclasses import dataclass, field

SCTP = 132
DATA, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT = range(7)
SHUTDOWN, SHUTDOWN_ACK, ERROR, COOKIE_ECHO, COOKIE_ACK = range(7, 12)
SHUTDOWN_COMPLETE = 14
CHUNKS = [*range(12), SHUTDOWN_COMPLETE]

STATES = (
    "NONE", "INIT1", "INIT", "C-SENT", "C-REPLIED", "C-WAIT", "COOKIE", "C-ECHOED", "ESTABLISHED",
    "S-SENT", "S-RECEIVED", "S-ACK-SENT", "REJECTED", "CLOSED",
)  # fmt: skip
TIMEOUT_S = {
    state: {"NONE": 2, "INIT1": 4, "REJECTED": 4, "ESTABLISHED": 900}.get(state, 60)
    for state in STATES
}
OPENING = ("INIT1", "INIT", "C-SENT", "C-REPLIED")
CLOSING = ("S-SENT", "S-RECEIVED", "S-ACK-SENT")
REVERSED_POLYNOMIAL = 0x82F63B78


def crc32c(data: bytes) -> int:
    rest = 0xFFFFFFFF
    for byte in data:
        rest ^= byte
        for _ in range(8):
            rest = rest >> 1 ^ (REVERSED_POLYNOMIAL if rest & 1 else 0)
    return ~rest & 0xFFFFFFFF


@dataclass(frozen=True)
class Chunk:
    type: int
    value: bytes = b""
    flags: int = 0

    def __bytes__(self) -> bytes:
        head = struct.pack("!BBH", self.type, self.flags, 4 + len(self.value))
        return head + self.value + bytes(-len(self.value) % 4)


@dataclass(frozen=True)
class Sctp:
    sport: int
    dport: int
    tag: int = 0
    chunks: tuple[Chunk, ...] = field(default=())

    def pack(self, src: str = "", dst: str = "") -> bytes:
        """Whatever the addresses, which its checksum does not know."""
        head = struct.pack("!HHI", self.sport, self.dport, self.tag)
        chunks = b"".join(bytes(chunk) for chunk in self.chunks)
        return head + struct.pack("<I", crc32c(head + bytes(4) + chunks)) + chunks


def read_sctp(data: bytes) -> Sctp:
    sport, dport, tag, _ = struct.unpack_from("!HHII", data)
    chunks, at = [], 12
    while at + 4 <= len(data):
        kind, flags, n_bytes = struct.unpack_from("!BBH", data, at)
        chunks.append(Chunk(kind, data[at + 4 : at + n_bytes], flags))
        at += n_bytes + -n_bytes % 4
    return Sctp(sport, dport, tag, tuple(chunks))


def is_right(data: bytes) -> bool:
    """The packet's checksum is its own."""
    if len(data) < 12:
        return False
    (told,) = struct.unpack_from("<I", data, 8)
    return bool(told == crc32c(data[:8] + bytes(4) + data[12:]))


def next_state(state: str, chunk: int, from_client: bool, answers_pass: bool = True) -> str:
    """After one chunk; `answers_pass`: the server's packets are seen too."""
    if chunk == ABORT:
        refused = not from_client and state in (*OPENING, "REJECTED")
        return "REJECTED" if refused else "CLOSED"
    if chunk == SHUTDOWN_COMPLETE:
        return "CLOSED" if state in CLOSING else state
    if not from_client:
        return _by_server(state, chunk)
    return _by_client(state, chunk) if answers_pass else _by_client_alone(state, chunk)


def _asked(state: str) -> str:
    """The client's INIT: the first one, or once more; a server that is asked to begin again while
    established or shutting down goes on until it is answered (5.2.2)."""
    if state == "NONE":
        return "INIT1"
    return "INIT" if state in (*OPENING, "REJECTED", "CLOSED") else state


def _client_shuts(state: str, chunk: int) -> str:
    if chunk == SHUTDOWN and state == "ESTABLISHED":
        return "S-RECEIVED"
    if chunk == SHUTDOWN_ACK and state in ("ESTABLISHED", *CLOSING):
        return "CLOSED"
    return state


def _by_client(state: str, chunk: int) -> str:
    match chunk:
        case 1:
            return _asked(state)
        case 10 if state in OPENING:
            return "C-REPLIED"
        case 2 if state == "C-WAIT":
            return "COOKIE"
        case 11 if state in ("C-WAIT", "COOKIE", "C-ECHOED"):
            return "ESTABLISHED"
        case 9 if state == "C-ECHOED":
            return "CLOSED"
    return _client_shuts(state, chunk)


def _by_client_alone(state: str, chunk: int) -> str:
    """A cookie, or what needs an association, says that the server agreed."""
    if chunk == INIT:
        return _asked(state)
    if chunk in (COOKIE_ECHO, DATA, SACK) and state in OPENING:
        return "ESTABLISHED"
    return _client_shuts(state, chunk)


def _by_server(state: str, chunk: int) -> str:
    match chunk:
        case 2 if state in ("INIT1", "INIT"):
            return "C-SENT"
        case 11 if state in OPENING:
            return "ESTABLISHED"
        case 0 | 3 if state == "C-REPLIED":
            return "ESTABLISHED"
        case 9 if state == "C-REPLIED":
            return "CLOSED"
        case 1 if state in ("NONE", *OPENING, "REJECTED", "CLOSED"):
            return "C-WAIT"
        case 10 if state in ("C-WAIT", "COOKIE"):
            return "C-ECHOED"
        case 7 if state == "ESTABLISHED":
            return "S-SENT"
        case 8 if state in ("ESTABLISHED", *CLOSING):
            return "S-ACK-SENT"
    return state
