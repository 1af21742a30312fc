"""Tunnelling by the book: IP in IP (F-085; RFC 2003 3.1, 2473 6, 4213 3, 6040 4.1 normal mode).

The outer packet is predicted to the byte, but for what the rules leave to who makes it: the
identification of an IPv4 header, which is learnt from the packet sent. Where the rules leave a
choice, the oracle's is written at the place ("choice:").
"""

from tests.oracle.wire import DF, Ip4, Ip6, read_ip, read_ip4

IP4_INSIDE, IP6_INSIDE = 4, 41
LEAST_IP6_MTU = 1280


def overhead(server: str) -> int:
    """Bytes that a tunnel to this server adds to a packet."""
    return 40 if ":" in server else 20


def tunnelled(inner: bytes, source: str, server: str, emitted: bytes) -> bytes:
    """The IP packet that must leave for `inner`; `emitted` is asked for the identification."""
    ip = read_ip(inner)
    proto = IP4_INSIDE if isinstance(ip, Ip4) else IP6_INSIDE
    if ":" in server:
        # choice: IPv6 keeps its flow label (RFC 6438 3), IPv4 has none and gives none
        flow = ip.flow if isinstance(ip, Ip6) else 0
        return bytes(Ip6(source, server, proto, inner, ip.ttl, ip.tos, flow))
    ident = read_ip4(emitted).ident
    return bytes(Ip4(source, server, proto, inner, ip.ttl, ip.tos, ident, _df(ip, len(inner))))


def _df(ip: Ip4 | Ip6, n_bytes: int) -> int:
    """RFC 2003 3.1: DF is kept. RFC 4213 3.2.2: nobody on the way may cut an IPv6 packet, but one
    that every link must carry."""
    if isinstance(ip, Ip4):
        return ip.frag & DF
    return DF if n_bytes > LEAST_IP6_MTU else 0
