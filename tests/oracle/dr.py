"""Direct routing by the book (F-084): the IP packet goes on as it came, in another frame."""

from dataclasses import replace

from tests.oracle.wire import read_ip


def routed(l3: bytes, counts_hops: bool = False) -> bytes:
    """What the real server gets. `counts_hops`: xmit_ttl is on (C-115)."""
    ip = read_ip(l3)
    return bytes(replace(ip, ttl=ip.ttl - 1)) if counts_hops else l3
