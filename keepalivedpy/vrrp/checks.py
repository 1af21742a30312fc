"""Which adverts count: the checks of RFC 5798 section 7.1 in keepalived's order, as rows.

Only a well-formed advert (packet.decode) gets here. Each row is what must hold, the counter of
what does not, and its words. A different number or list of addresses is not among them: it is
logged, never dropped, since dropping it leaves two masters for good.
"""

from collections.abc import Callable
from typing import NamedTuple

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.vrrp import auth
from keepalivedpy.vrrp.datagram import VRRP_TTL, Datagram
from keepalivedpy.vrrp.intervals import advert_interval_us
from keepalivedpy.vrrp.packet import ADVERT_TYPE, Advert, DecodeError, checksum, decode


class Candidate(NamedTuple):
    """An advert, the packet it came in and the instance it is for."""

    advert: Advert
    datagram: Datagram
    instance: VrrpInstance


class Check(NamedTuple):
    counter: str
    holds: Callable[[Candidate], bool]
    words: Callable[[Candidate], str]


_KNOWN_AUTH = (auth.NONE, auth.PASS, auth.AH)


def _auth(instance: VrrpInstance) -> tuple[int, bytes]:
    return auth.fields(instance.authentication)


def _same_interval(c: Candidate) -> bool:
    ours_us = advert_interval_us(2, c.instance.advert_int_us)
    return c.advert.version != 2 or c.advert.adver_int_us == ours_us


def _interval_words(c: Candidate) -> str:
    ours_s = advert_interval_us(2, c.instance.advert_int_us) // 1_000_000
    return (
        f"advertisement interval mismatch mine={ours_s} sec "
        f"rcv'd={c.advert.adver_int_us // 1_000_000} sec"
    )


def _checksum_ok(c: Candidate) -> bool:
    return checksum(c.datagram.body, c.datagram.src, c.datagram.dst) == 0


def _cast_words(c: Candidate) -> str:
    expected, got = ("multi", "uni") if not c.instance.unicast_peer else ("uni", "multi")
    return f"Expected {expected}cast packet but received {got}cast packet"


CHECKS = (
    Check("ip_ttl_err", lambda c: not c.datagram.multicast or c.datagram.ttl == VRRP_TTL,
          lambda c: f"invalid TTL/HL. Received {c.datagram.ttl} and expect {VRRP_TTL}"),
    Check("version_err", lambda c: c.advert.version == c.instance.version,
          lambda c: f"wrong version. Received {c.advert.version} and expect {c.instance.version}"),
    Check("invalid_authtype", lambda c: c.advert.version != 2 or c.advert.auth_type in _KNOWN_AUTH,
          lambda c: f"Invalid auth type: {c.advert.auth_type}"),
    Check("authtype_mismatch",
          lambda c: c.advert.version != 2 or c.advert.auth_type == _auth(c.instance)[0],
          lambda c: f"received a {c.advert.auth_type} auth, expecting {_auth(c.instance)[0]}!"),
    Check("auth_failure",
          lambda c: c.advert.auth_type != auth.PASS or c.advert.auth_data == _auth(c.instance)[1],
          lambda c: "received an invalid passwd!"),
    Check("advert_interval_err", _same_interval, _interval_words),
    Check("invalid_type_rcvd", lambda c: c.advert.packet_type == ADVERT_TYPE,
          lambda c: f"Invalid packet type. {c.advert.packet_type} and expect {ADVERT_TYPE}"),
    Check("checksum_err", _checksum_ok, lambda c: f"Invalid VRRPv{c.advert.version} checksum"),
    Check("cast_err", lambda c: c.datagram.multicast is not bool(c.instance.unicast_peer),
          _cast_words),
)  # fmt: skip


def accept(datagram: Datagram, instance: VrrpInstance) -> Advert:
    """The advert inside, if every check holds; else DecodeError with the first that does not.

    A version 2 body's checksum covers exactly the advert; padding behind it was cut by the IP
    header's length (datagram.decode_ipv4).
    """
    candidate = Candidate(decode(datagram.body), datagram, instance)
    for check in CHECKS:
        if not check.holds(candidate):
            raise DecodeError(check.counter, check.words(candidate))
    return candidate.advert
