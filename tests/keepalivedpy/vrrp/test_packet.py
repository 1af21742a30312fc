"""Adverts as bytes: against scapy, against what keepalived sent, and against garbage."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP
from scapy.layers.vrrp import VRRP, VRRPv3

from keepalivedpy.model.vrrp import Authentication
from keepalivedpy.vrrp import auth
from keepalivedpy.vrrp.datagram import decode_ipv4, encode_ipv4
from keepalivedpy.vrrp.packet import Advert, DecodeError, checksum, decode, encode, wanted_bytes

SRC, DST = "10.99.0.1", "224.0.0.18"
ipv4 = st.ip_addresses(v=4).map(str)
ipv6 = st.binary(min_size=16, max_size=16).map(lambda b: socket.inet_ntop(socket.AF_INET6, b))
v2_adverts = st.builds(
    Advert,
    version=st.just(2),
    vrid=st.integers(1, 255),
    priority=st.integers(0, 255),
    adver_int_us=st.integers(1, 255).map(lambda s: s * 1_000_000),
    addresses=st.lists(ipv4, max_size=20).map(tuple),
    auth_type=st.just(1),
    auth_data=st.binary(min_size=8, max_size=8),
)


def v3_adverts(addresses: st.SearchStrategy[str]) -> st.SearchStrategy[Advert]:
    return st.builds(
        Advert,
        version=st.just(3),
        vrid=st.integers(1, 255),
        priority=st.integers(0, 255),
        adver_int_us=st.integers(1, 4095).map(lambda cs: cs * 10_000),
        addresses=st.lists(addresses, max_size=20).map(tuple),
    )


def test_what_keepalived_puts_on_the_wire() -> None:
    """Captured: VRID 51, priority 150, PASS "secret12", 1 s, one address."""
    wire = bytes.fromhex("2133960101 01cf84 0a630064 7365637265743132".replace(" ", ""))
    auth_type, data = auth.fields(Authentication(auth_type="PASS", auth_pass=b"secret12"))
    advert = Advert(2, 51, 150, 1_000_000, ("10.99.0.100",), auth_type, data)
    assert encode(advert, SRC, DST) == wire
    assert decode(wire) == advert


@given(v2_adverts, ipv4)
def test_v2_is_scapys(advert: Advert, src: str) -> None:
    reference = IP(src=src, dst=DST, ttl=255, tos=0xC0, id=7, flags=0, proto=112) / VRRP(
        vrid=advert.vrid,
        priority=advert.priority,
        authtype=1,
        adv=advert.adver_int_us // 1_000_000,
        addrlist=list(advert.addresses),
        ipcount=len(advert.addresses),
        auth1=int.from_bytes(advert.auth_data[:4]),
        auth2=int.from_bytes(advert.auth_data[4:]),
    )
    ours = encode_ipv4(src, DST, 7, encode(advert, src, DST))
    assert ours == bytes(reference)
    datagram = decode_ipv4(ours)
    assert (datagram.src, datagram.dst, datagram.ttl) == (src, DST, 255)
    assert decode(datagram.body) == advert


@given(v3_adverts(ipv4), ipv4)
def test_v3_is_scapys(advert: Advert, src: str) -> None:
    reference = IP(src=src, dst=DST, ttl=255, tos=0xC0, id=7, flags=0, proto=112) / VRRPv3(
        vrid=advert.vrid,
        priority=advert.priority,
        adv=advert.adver_int_us // 10_000,
        addrlist=list(advert.addresses),
        ipcount=len(advert.addresses),
    )
    ours = encode_ipv4(src, DST, 7, encode(advert, src, DST))
    assert ours == bytes(reference)
    assert decode(decode_ipv4(ours).body) == advert


@given(v3_adverts(ipv6))
def test_v3_ipv6_comes_back(advert: Advert) -> None:
    body = encode(advert, "fe80::1", "ff02::12")
    assert checksum(body, "fe80::1", "ff02::12") == 0
    assert decode(body, socket.AF_INET6) == advert


@given(v2_adverts, st.integers(0, 500), st.integers(1, 255))
def test_a_changed_byte_breaks_the_checksum(advert: Advert, place: int, change: int) -> None:
    body = bytearray(encode(advert, SRC, DST))
    body[place % len(body)] ^= change
    if body[0] >> 4 == 2:
        assert checksum(bytes(body), SRC, DST) != 0


@given(v2_adverts)
def test_every_truncation_is_refused(advert: Advert) -> None:
    body = encode(advert, SRC, DST)
    for length in range(wanted_bytes(2, len(advert.addresses), socket.AF_INET)):
        with pytest.raises(DecodeError) as refused:
            decode(body[:length])
        assert refused.value.counter == "packet_len_err"


@given(st.binary(max_size=100))
def test_garbage_is_refused_or_decoded_never_else(data: bytes) -> None:
    for decoder in (decode, decode_ipv4):
        try:
            decoder(data)
        except DecodeError as refused:
            assert refused.counter in {"packet_len_err", "version_err"}
