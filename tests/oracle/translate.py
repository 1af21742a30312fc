"""IP headers of one family in place of the other's (RFC 7915 4.1, 4.5, 5.1), for whole packets."""

from dataclasses import replace

from tests.oracle.wire import DF, Ip, Ip4, Ip6, Ported, Udp, read_ip

LSRR, SSRR = 131, 137


def family(addr: str) -> int:
    return 6 if ":" in addr else 4


def readdressed(ip: Ip, src: str, dst: str) -> Ip:
    """`ip` between these addresses: within its family all else stays, else a new header.
    Towards IPv4 as larger packets have it: see `marked`.
    """
    if family(ip.src) == family(src):
        return replace(ip, src=src, dst=dst)
    if isinstance(ip, Ip6):
        return Ip4(src, dst, ip.proto, b"", ttl=ip.ttl, tos=ip.tos, ident=0, frag=DF)
    return Ip6(src, dst, ip.proto, b"", ttl=ip.ttl, tos=ip.tos, flow=0)


LEAST_MTU_BYTES = 1280


def marked(l3: bytes, was: Ip, emitted: bytes) -> bytes:
    """Section 5.1: what an IPv6 host need not make smaller may be fragmented as IPv4, and has an
    identification, whichever; larger ones must not be, with 0."""
    ip = read_ip(l3)
    if isinstance(was, Ip4) or isinstance(ip, Ip6) or 40 + len(was.payload) > LEAST_MTU_BYTES:
        return l3
    sent = read_ip(emitted)
    assert isinstance(sent, Ip4)
    return bytes(replace(ip, frag=0, ident=sent.ident))


def reframed(segment: Ported, was: Ip, src: str) -> Ported:
    """Section 4.5: towards IPv6 a datagram without a checksum gets one.

    Choice: the other way one without stays so, which IPv4 allows.
    """
    if isinstance(segment, Udp) and isinstance(was, Ip4) and family(src) == 6:
        return replace(segment, has_checksum=True)
    return segment


def is_source_routed(options: bytes) -> bool:
    """Section 4.1: IPv4 options hold a source route that is not used up."""
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        if at + 2 >= len(options) or not 2 <= options[at + 1] <= len(options) - at:
            return False
        if options[at] in (LSRR, SSRR) and options[at + 2] <= options[at + 1]:
            return True
        at += options[at + 1]
    return False
