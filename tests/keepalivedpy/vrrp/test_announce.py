"""Announcements against scapy, byte for byte."""

from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6
from scapy.layers.l2 import ARP, Ether

from keepalivedpy.vrrp.announce import announcement

MAC = "02:00:00:00:00:07"


def test_gratuitous_arp() -> None:
    """As keepalived sends it: a request, target hardware address all ones."""
    arp = ARP(op=1, hwsrc=MAC, psrc="192.0.2.1", hwdst="ff:ff:ff:ff:ff:ff", pdst="192.0.2.1")
    expected = Ether(src=MAC, dst="ff:ff:ff:ff:ff:ff") / arp
    assert announcement(bytes.fromhex(MAC.replace(":", "")), "192.0.2.1") == bytes(expected)


def test_unsolicited_neighbour_advertisement() -> None:
    expected = (
        Ether(src=MAC, dst="33:33:00:00:00:01")
        / IPv6(src="2001:db8::1", dst="ff02::1", hlim=255)
        / ICMPv6ND_NA(R=0, S=0, O=1, tgt="2001:db8::1")
        / ICMPv6NDOptDstLLAddr(lladdr=MAC)
    )
    assert announcement(bytes.fromhex(MAC.replace(":", "")), "2001:db8::1") == bytes(expected)
