"""Each check has an advert that it alone refuses."""

import pytest
from msgspec.structs import replace

from keepalivedpy.model.vrrp import Authentication, VirtualAddress, VrrpInstance
from keepalivedpy.vrrp import auth
from keepalivedpy.vrrp.checks import CHECKS, accept
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.packet import Advert, DecodeError, encode

SRC, DST, VIP = "10.0.0.1", "224.0.0.18", "10.0.0.100"
PASS = Authentication(auth_type="PASS", auth_pass=b"1111")
INSTANCE = VrrpInstance(
    name="VI_1",
    interface="eth0",
    virtual_router_id=51,
    authentication=PASS,
    virtual_ipaddress=(VirtualAddress(addr=VIP, prefixlen=32),),
)
GOOD = Advert(2, 51, 150, 1_000_000, (VIP,), *auth.fields(PASS))


def datagram(advert: Advert = GOOD, dst: str = DST, ttl: int = 255, spoil: int = 0) -> Datagram:
    body = bytearray(encode(advert, SRC, dst))
    body[7] ^= spoil
    return Datagram(SRC, dst, ttl, bytes(body))


def test_the_good_one_counts() -> None:
    assert accept(datagram(), INSTANCE) == GOOD


REFUSED = {
    "ip_ttl_err": (datagram(ttl=254), "invalid TTL/HL. Received 254 and expect 255"),
    "version_err": (
        datagram(Advert(3, 51, 150, 1_000_000, (VIP,))),
        "wrong version. Received 3 and expect 2",
    ),
    "invalid_authtype": (datagram(replace(GOOD, auth_type=7)), "Invalid auth type: 7"),
    "authtype_mismatch": (
        datagram(replace(GOOD, auth_type=auth.NONE)),
        "received a 0 auth, expecting 1!",
    ),
    "auth_failure": (
        datagram(replace(GOOD, auth_data=b"2222\0\0\0\0")),
        "received an invalid passwd!",
    ),
    "advert_interval_err": (
        datagram(replace(GOOD, adver_int_us=2_000_000)),
        "advertisement interval mismatch mine=1 sec rcv'd=2 sec",
    ),
    "invalid_type_rcvd": (
        datagram(replace(GOOD, packet_type=2)),
        "Invalid packet type. 2 and expect 1",
    ),
    "checksum_err": (datagram(spoil=1), "Invalid VRRPv2 checksum"),
    "cast_err": (
        datagram(dst="10.0.0.2"),
        "Expected multicast packet but received unicast packet",
    ),
}


@pytest.mark.parametrize(("counter", "case"), REFUSED.items(), ids=REFUSED)
def test_refused(counter: str, case: tuple[Datagram, str]) -> None:
    with pytest.raises(DecodeError) as refused:
        accept(case[0], INSTANCE)
    assert (refused.value.counter, refused.value.text) == (counter, case[1])


def test_every_check_has_its_case() -> None:
    assert [check.counter for check in CHECKS] == list(REFUSED)
