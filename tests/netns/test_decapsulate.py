"""The stand-in for tunnel devices takes off the outer header, whatever its length."""

from socket import AF_INET, AF_INET6

import pytest
from scapy.layers.inet import IP, UDP, IPOption
from scapy.packet import Raw

from tests.netns.decapsulate import inner

QUESTION = IP(src="192.168.100.146", dst="192.168.100.254") / UDP(dport=7) / Raw(b"x" * 9)


@pytest.mark.parametrize("options", [[], [IPOption(b"\x94\x04\x00\x00")]], ids=["none", "alert"])
def test_what_is_behind_the_outer_header(options: list[IPOption]) -> None:
    outer = IP(src="192.168.100.1", dst="192.168.200.2", options=options)
    assert inner(AF_INET, bytes(outer / QUESTION)) == bytes(QUESTION)
    assert inner(AF_INET6, bytes(QUESTION)) == bytes(QUESTION)
