"""Frames as rows; the version 2 body is one that keepalived 2.2.7 sent."""

import pytest

from tests.interop.made_up import MAC, ethernet, ipv4
from tests.interop.pcap import Frame
from tests.interop.rows import Advert, Announcement, row_of

V2_PASS = bytes.fromhex("2133960101 01cf84 0a630064 7365637265743132".replace(" ", ""))
V3 = bytes.fromhex("31336401 0fa0 0000 0a630064".replace(" ", ""))
IPV4, ARP = 0x0800, 0x0806
TIME_NS = 123
ARP_HEAD = bytes.fromhex("0001080006040001")


def row(ethertype: int, payload: bytes) -> Advert | Announcement | None:
    return row_of(Frame(TIME_NS, ethernet(ethertype, payload)))


def test_version_2() -> None:
    found = row(IPV4, ipv4("10.99.0.1", "224.0.0.18", V2_PASS))
    assert found == Advert(TIME_NS, "10.99.0.1", 51, 150, 2, 10**9, MAC["master"])


def test_version_3_has_twelve_bits_of_centiseconds() -> None:
    found = row(IPV4, ipv4("10.99.0.2", "10.99.0.1", V3))
    assert found == Advert(TIME_NS, "10.99.0.2", 51, 100, 3, 4000 * 10**7, MAC["master"])


@pytest.mark.parametrize(("target", "is_gratuitous"), [("0a630064", True), ("0a630001", False)])
def test_gratuitous_arp(target: str, is_gratuitous: bool) -> None:
    words = ARP_HEAD + bytes.fromhex("020000000009" + "0a630064" + "ffffffffffff" + target)
    wanted = Announcement(TIME_NS, "10.99.0.100", "02:00:00:00:00:09") if is_gratuitous else None
    assert row(ARP, words) == wanted


def test_other_frames_have_no_row() -> None:
    other_protocol = bytearray(ipv4("10.99.0.1", "224.0.0.18", V3))
    other_protocol[9] = 17
    assert row(IPV4, bytes(other_protocol)) is None
    assert row(0x86DD, bytes(40)) is None
    assert row(ARP, ARP_HEAD) is None
