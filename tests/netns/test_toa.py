"""The decoder of TCP option 254 against scapy's idea of a packet."""

from scapy.layers.inet import IP, TCP, UDP
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
