"""The decoder of TCP option 254 against scapy's idea of a packet."""

import socket

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from tests.netns.toa import Toa, decode

TOA = (254, bytes.fromhex("a59ac0a86492"))  # 192.168.100.146:42394


def _segment(options: list[tuple[object, object]]) -> Packet:
    return (
        Ether()
        / IP(src="192.168.100.200", dst="192.168.100.2")
        / TCP(sport=4097, dport=80, options=options)
    )


def test_client_of_the_option() -> None:
    frame = bytes(_segment([("MSS", 1460), ("NOP", None), TOA]) / Raw(b"GET /"))
    assert decode(frame) == Toa("192.168.100.200:4097", "192.168.100.146:42394")


def test_client_of_the_other_family() -> None:
    """NAT64: 20 bytes in a segment of IPv4; and 8 in one of IPv6."""
    six = (254, bytes.fromhex("a59a") + socket.inet_pton(socket.AF_INET6, "2001:db8::48"))
    assert decode(bytes(_segment([six]))) == Toa("192.168.100.200:4097", "2001:db8::48:42394")
    ip = IPv6(src="2001:db8::200", dst="2001:db8::2")
    segment = bytes(Ether() / ip / TCP(sport=4097, options=[TOA])) + bytes(9)
    assert decode(segment) == Toa("2001:db8::200:4097", "192.168.100.146:42394")


def test_padding_of_short_frames_is_no_part_of_the_segment() -> None:
    assert decode(bytes(_segment([TOA])) + bytes(20)) is not None


def test_segments_without_the_option() -> None:
    assert decode(bytes(_segment([("MSS", 1460)]))) is None
    assert decode(bytes(_segment([(254, b"\x00\x50")]))) is None  # another length
    assert decode(bytes(_segment([]) / Raw(bytes([254, 8]) + TOA[1]))) is None  # in the data


def test_other_frames() -> None:
    assert decode(b"") is None
    assert decode(bytes(Ether() / IP() / UDP() / Raw(bytes(40)))) is None
    assert decode(bytes(_segment([TOA]))[:50]) is None  # cut
