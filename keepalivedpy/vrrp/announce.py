"""Frames that tell the link who has an address now: gratuitous ARP, unsolicited NA.

ARP: RFC 826, announcement form of RFC 5227 section 3. Neighbour advertisement: RFC 4861
sections 4.4 and 7.2.6, sent to all nodes with the override flag, as RFC 5798 section 6.4.2 asks.
"""

import socket
import struct

from keepalivedpy.vrrp.checksum import internet_checksum, pseudo_header

BROADCAST_MAC = b"\xff" * 6
ETH_P_ARP = 0x0806
ETH_P_IPV6 = 0x86DD
_ARP_REQUEST = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
_ANY_MAC = b"\xff" * 6

_ALL_NODES = "ff02::1"
_ALL_NODES_MAC = bytes.fromhex("333300000001")
_ICMPV6 = 58
_NEIGHBOUR_ADVERTISEMENT = 136
_OVERRIDE = 0x20000000
_TARGET_LINK_LAYER = b"\x02\x01"


def announcement(mac: bytes, addr: str) -> bytes:
    """An Ethernet frame from `mac` (6 bytes) saying that it has `addr`, of either family."""
    return unsolicited_na(mac, addr) if ":" in addr else gratuitous_arp(mac, addr)


def gratuitous_arp(mac: bytes, addr: str) -> bytes:
    """An ARP request, broadcast, whose sender and target are the IPv4 `addr`."""
    ip = socket.inet_aton(addr)
    ethernet = BROADCAST_MAC + mac + struct.pack("!H", ETH_P_ARP)
    return ethernet + _ARP_REQUEST + mac + ip + _ANY_MAC + ip


def unsolicited_na(mac: bytes, addr: str) -> bytes:
    """A neighbour advertisement of the IPv6 `addr`, from that address to all nodes."""
    target = socket.inet_pton(socket.AF_INET6, addr)
    head = struct.pack("!BBHI", _NEIGHBOUR_ADVERTISEMENT, 0, 0, _OVERRIDE)
    icmp = bytearray(head + target + _TARGET_LINK_LAYER + mac)
    pseudo = pseudo_header(addr, _ALL_NODES, len(icmp), _ICMPV6)
    icmp[2:4] = struct.pack("!H", internet_checksum(pseudo + bytes(icmp)))
    ipv6 = struct.pack("!IHBB", 6 << 28, len(icmp), _ICMPV6, 255)
    destination = socket.inet_pton(socket.AF_INET6, _ALL_NODES)
    ethernet = _ALL_NODES_MAC + mac + struct.pack("!H", ETH_P_IPV6)
    return ethernet + ipv6 + target + destination + bytes(icmp)
