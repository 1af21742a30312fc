"""Multicast Listener Discovery as bytes (RFC 3810 5, RFC 2710 3, RFC 2711 2.1).

What queriers send, and what a listener must send; read back as text of all that matters.
"""

import struct
from dataclasses import dataclass
from socket import AF_INET6, inet_ntop, inet_pton

from tests.oracle.nd import group_mac
from tests.oracle.wire import HOP_BY_HOP, ICMP6, IP6_TYPE, Ip6, checksum, frame, icmp6

QUERY, V1_REPORT, V1_DONE, V2_REPORT = 130, 131, 132, 143
IS_EXCLUDE, TO_INCLUDE, TO_EXCLUDE = 2, 3, 4
KINDS = {IS_EXCLUDE: "is-ex", TO_INCLUDE: "to-in", TO_EXCLUDE: "to-ex"}
ALL_NODES, ALL_ROUTERS, ALL_MLD2_ROUTERS = "ff02::1", "ff02::2", "ff02::16"
ALERT = bytes((5, 2, 0, 0, 1, 0))
"""Router alert for MLD and PadN, behind the next header and length of a hop-by-hop header."""

Record = tuple[str, str]
"""What is said, and of which group."""


@dataclass(frozen=True)
class Query:
    """`robustness` None: version 1."""

    group: str = "::"
    max_code: int = 1000
    robustness: int | None = 2
    src: str = "fe80::99"
    ttl: int = 1
    options: bytes = ALERT
    sources: tuple[str, ...] = ()
    flip: int = 0
    """Of the checksum."""
    cut: int = 0
    """Bytes that the message is too short."""

    def __bytes__(self) -> bytes:
        dst = ALL_NODES if self.group == "::" else self.group
        body = inet_pton(AF_INET6, self.group)
        if self.robustness is not None:
            body += struct.pack("!BBH", self.robustness, 125, len(self.sources))
            body += b"".join(inet_pton(AF_INET6, source) for source in self.sources)
        body = body[: len(body) - self.cut]
        message = icmp6(self.src, dst, QUERY, 0, self.max_code << 16, body)
        message = message[:2] + bytes((message[2] ^ self.flip,)) + message[3:]
        exts = ((HOP_BY_HOP, bytes(2) + self.options),) if self.options else ()
        l3 = bytes(Ip6(self.src, dst, ICMP6, message, ttl=self.ttl, exts=exts))
        return frame(group_mac(dst), "02:aa:00:00:00:99", l3, IP6_TYPE)


@dataclass(frozen=True)
class Report:
    """What a listener has said; `version` 1 says one thing a frame."""

    version: int
    src: str
    records: tuple[Record, ...]


def read_report(data: bytes, mac: str) -> Report:
    """Every field that is the same in all of them is compared here."""
    l3 = data[14:]
    assert l3[:4] == b"\x60\0\0\0", "version, class and label"
    assert struct.unpack("!H", l3[4:6])[0] == len(l3) - 40
    assert (l3[6], l3[7]) == (0, 1), "hop-by-hop first, hop limit 1"
    assert l3[40:48] == bytes((ICMP6, 0)) + ALERT
    src, dst = (inet_ntop(AF_INET6, l3[at : at + 16]) for at in (8, 24))
    message = l3[48:]
    pseudo = l3[8:40] + struct.pack("!II", len(message), ICMP6)
    assert checksum(pseudo + message) == 0
    assert data[:14] == frame(group_mac(dst), mac, b"", IP6_TYPE)
    kind, code = message[0], message[1]
    assert code == 0
    if kind == V2_REPORT:
        assert dst == ALL_MLD2_ROUTERS
        return Report(2, src, _records(message))
    group = inet_ntop(AF_INET6, message[8:24])
    assert len(message) == 24 and message[4:8] == bytes(4)
    if kind == V1_DONE:
        assert dst == ALL_ROUTERS
        return Report(1, src, (("done", group),))
    assert kind == V1_REPORT and dst == group
    return Report(1, src, (("report", group),))


def _records(message: bytes) -> tuple[Record, ...]:
    reserved, n = struct.unpack("!HH", message[4:8])
    assert reserved == 0 and len(message) == 8 + 20 * n
    records = []
    for at in range(8, len(message), 20):
        kind, n_aux, n_sources = struct.unpack("!BBH", message[at : at + 4])
        assert (n_aux, n_sources) == (0, 0)
        records.append((KINDS[kind], inet_ntop(AF_INET6, message[at + 4 : at + 20])))
    return tuple(records)
