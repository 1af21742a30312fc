"""Pairs of packets that the soak recorded (records.c), judged a second time, by scapy.

Checksums and fields are scapy's; what a flow is (its corner, the shift of its numbers, what was
acknowledged) is the record's word. Only `wrong` judges; it returns sentences, none if all is right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import inet_ntoa
from struct import Struct, pack, unpack
from typing import Any

from scapy.layers.inet import IP, TCP, UDP, in4_chksum
from scapy.utils import checksum

RECORD = Struct("<Q4B4H4s4s4s4sIIBBHHH")
PROTO_TCP = 6
TOA = 254
TOA_BYTES, OPTIONS_MAX_BYTES = 8, 40


@dataclass(frozen=True)
class Pair:
    number: int
    from_server: bool
    proto: int
    xmit_ttl: int
    cport: int
    vport: int
    lport: int
    dport: int
    caddr: str
    vaddr: str
    laddr: str
    daddr: str
    shift: int
    first_data: int
    synack_seen: bool
    data_acked: bool
    mtu: int
    received: bytes
    sent: bytes


def read(path: Path) -> Iterator[Pair]:
    data = path.read_bytes()
    at = 0
    while at < len(data):
        (
            number, from_server, proto, xmit_ttl, _, cport, vport, lport, dport, caddr, vaddr,
            laddr, daddr, shift, first_data, synack, acked, mtu, n_in, n_out,
        ) = RECORD.unpack_from(data, at)  # fmt: skip
        at += RECORD.size
        received, sent = data[at : at + n_in], data[at + n_in : at + n_in + n_out]
        at += n_in + n_out
        yield Pair(
            number, bool(from_server), proto, xmit_ttl, cport, vport, lport, dport,
            inet_ntoa(caddr), inet_ntoa(vaddr), inet_ntoa(laddr), inet_ntoa(daddr), shift,
            first_data, bool(synack), bool(acked), mtu, received, sent,
        )  # fmt: skip


def wrong(pair: Pair) -> list[str]:
    ip_in, ip_out = IP(pair.received), IP(pair.sent)
    layer = TCP if pair.proto == PROTO_TCP else UDP
    if layer not in ip_out:
        return [f"packet {pair.number}: no {layer.__name__} in {ip_out!r}"]
    rows = [*_ip(pair, ip_in, ip_out), *_ports(pair, ip_in, ip_out)]
    rows += _tcp(pair, ip_in, ip_out) if pair.proto == PROTO_TCP else _udp(ip_in, ip_out)
    return [
        f"packet {pair.number}: {name} is {has!r}, not {right!r}"
        for name, has, right in rows
        if has != right
    ]


Row = tuple[str, Any, Any]
"""A field's name, what it is, what it should be."""


def _l4(ip: IP) -> bytes:
    return bytes(ip.original)[ip.ihl * 4 :]


def _ip(pair: Pair, ip_in: IP, ip_out: IP) -> list[Row]:
    src, dst = (pair.vaddr, pair.caddr) if pair.from_server else (pair.laddr, pair.daddr)
    same = ("version", "ihl", "tos", "id", "flags", "frag", "proto")
    header = bytes(ip_out.original)[: ip_out.ihl * 4]
    return [
        *((name, getattr(ip_out, name), getattr(ip_in, name)) for name in same),
        ("src", ip_out.src, src),
        ("dst", ip_out.dst, dst),
        ("ttl", ip_out.ttl, ip_in.ttl - pair.xmit_ttl),
        ("len", ip_out.len, len(pair.sent)),
        ("options", header[20:], bytes(ip_in.original)[20 : ip_in.ihl * 4]),
        ("sum of the IP header", checksum(header), 0),
    ]


def _ports(pair: Pair, ip_in: IP, ip_out: IP) -> list[Row]:
    layer = TCP if pair.proto == PROTO_TCP else UDP
    ports = (pair.vport, pair.cport) if pair.from_server else (pair.lport, pair.dport)
    return [
        ("sport", ip_out[layer].sport, ports[0]),
        ("dport", ip_out[layer].dport, ports[1]),
        ("payload", bytes(ip_out[layer].payload), bytes(ip_in[layer].payload)),
    ]


def _udp(ip_in: IP, ip_out: IP) -> list[Row]:
    if not ip_in[UDP].chksum:
        return [("checksum", ip_out[UDP].chksum, 0)]
    return [
        ("whether it has a checksum", bool(ip_out[UDP].chksum), True),
        ("UDP length", ip_out[UDP].len, ip_in[UDP].len),
        ("sum of UDP", in4_chksum(17, ip_out, _l4(ip_out)), 0),
    ]


def _tcp(pair: Pair, ip_in: IP, ip_out: IP) -> list[Row]:
    was, now = ip_in[TCP], ip_out[TCP]
    seq, ack = was.seq, was.ack
    if not pair.from_server:
        seq = (seq + pair.shift) % 2**32
    elif "A" in was.flags:
        ack = (ack - pair.shift) % 2**32
    same = ("flags", "reserved", "window", "urgptr")
    return [
        *((name, getattr(now, name), getattr(was, name)) for name in same),
        ("seq", now.seq, seq),
        ("ack", now.ack, ack),
        ("sum of TCP", in4_chksum(PROTO_TCP, ip_out, _l4(ip_out)), 0),
        ("TCP options", _raw_options(ip_out), _options(pair, ip_in)),
    ]


def _raw_options(ip: IP) -> bytes:
    return _l4(ip)[20 : ip[TCP].dataofs * 4]


def _options(pair: Pair, ip_in: IP) -> bytes:
    raw = _raw_options(ip_in)
    changed = b"".join(_changed(pair, ip_in[TCP], option) for option in _walk(raw))
    options = changed + raw[len(changed) :]
    return (
        _with_toa(pair, len(pair.received) - len(raw), options)
        if _toa_due(pair, ip_in)
        else options
    )


def _walk(raw: bytes) -> Iterator[bytes]:
    """The well-formed options in front."""
    at = 0
    while at < len(raw) and raw[at]:
        n = 1 if raw[at] == 1 else raw[at + 1] if at + 1 < len(raw) else 0
        if not n or (raw[at] != 1 and n < 2) or at + n > len(raw):
            return
        yield raw[at : at + n]
        at += n


def _changed(pair: Pair, tcp: TCP, option: bytes) -> bytes:
    kind = option[0]
    if "S" in tcp.flags and not pair.from_server and kind == 8 and len(option) == 10:
        return b"\1" * 10
    if "S" in tcp.flags and pair.from_server and kind == 2 and len(option) == 4:
        mss = unpack("!H", option[2:])[0]
        return option[:2] + pack("!H", mss - TOA_BYTES if mss > TOA_BYTES else mss)
    if pair.from_server and kind == 5:
        edges = unpack(f"!{(len(option) - 2) // 4}I", option[2 : 2 + (len(option) - 2) // 4 * 4])
        moved = b"".join(pack("!I", (edge - pair.shift) % 2**32) for edge in edges)
        return option[:2] + moved + option[2 + len(moved) :]
    return option


def _toa_due(pair: Pair, ip_in: IP) -> bool:
    flags = ip_in[TCP].flags
    return (
        not pair.from_server and "A" in flags and "S" not in flags and "R" not in flags
        and pair.synack_seen and not pair.data_acked and ip_in[TCP].ack == pair.first_data
    )  # fmt: skip


def _with_toa(pair: Pair, n_rest: int, options: bytes) -> bytes:
    """In front of all others; where there is no room, of fewer."""
    mine = pack("!BBH", TOA, TOA_BYTES, pair.cport) + bytes(map(int, pair.caddr.split(".")))
    unpadded = b"".join(o for o in _walk(options) if o[0] not in (1, TOA))
    timestamps = b"".join(o for o in _walk(options) if o[0] == 8)
    for kept in (options, unpadded, timestamps):
        new = mine + kept + b"\1" * (-len(kept) % 4)
        if len(new) <= OPTIONS_MAX_BYTES and n_rest + len(new) <= pair.mtu:
            return new
    return options
