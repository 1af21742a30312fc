"""The values of ipvsadm's options: text in, value out, CommandError (status 2) otherwise.

Ranges and words: I-030..I-063.
"""

from typing import Literal, NamedTuple, cast

from dpvs_core.control.match_text import parse_match
from dpvs_core.control.messages import Protocol, ServiceKey
from keepalivedpy.cli.endpoint import address_family, parse_endpoint, parse_host
from keepalivedpy.cli.errors import CommandError

MAX_WEIGHT = 65535
MAX_PERSISTENCE_S = 31 * 86400
MAX_INT = 2**31 - 1

ProxyProtocol = Literal["disable", "v1", "v2", "v1-insecure", "v2-insecure"]
PROXY_PROTOCOLS: tuple[ProxyProtocol, ...] = ("disable", "v1", "v2", "v1-insecure", "v2-insecure")
HashTarget = Literal["sip", "qid"]
EXTERNAL_CHECKS = ("tcp", "udp", "sctp", "ping")
DEFAULT_CHECK = "1,1,3s,5-3600s"


class Mark(NamedTuple):
    """-f N: a service by firewall mark. `what` as messages say it."""

    number: int
    what: str = "firewall-mark services (-f)"


class SockPair(NamedTuple):
    proto: Protocol
    src: str
    sport: int
    dst: str
    dport: int


class Server(NamedTuple):
    """-r HOST[:PORT]; the port is None where none is written."""

    addr: str
    port: int | None


Selector = ServiceKey | Mark


def _number(text: str, low: int, high: int, problem: str) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise CommandError(f"{problem}: '{text}' is not within {low}..{high}")
    return int(text)


def service(proto: Protocol, text: str) -> ServiceKey:
    try:
        addr, port = parse_endpoint(text, proto)
    except ValueError as error:
        problem = "illegal virtual server address[:port] specified"
        raise CommandError(f"{problem}: '{text}': {error}") from None
    return ServiceKey(proto=proto, addr=addr, port=port)


def mark(text: str) -> Mark:
    return Mark(_number(text, 1, 2**32 - 1, "illegal fwmark specified"))


def match(text: str) -> ServiceKey:
    """-H KEY=VALUE,...: a service by match (SNAT); at least one range or af is needed (I-032)."""
    try:
        return parse_match(text)
    except ValueError as error:
        raise CommandError(f"illegal match specified: '{text}': {error}") from None


def server(text: str) -> Server:
    try:
        addr, port = parse_endpoint(text, "tcp")
    except ValueError as error:
        problem = "illegal real server address[:port] specified"
        raise CommandError(f"{problem}: '{text}': {error}") from None
    has_port = "]:" in text or text.count(":") == 1
    return Server(addr, port if has_port else None)


def laddr(text: str) -> str:
    try:
        return parse_host(text)
    except ValueError as error:
        raise CommandError(f"illegal local address specified: {error}") from None


def access_entry(colour: str, text: str) -> str:
    """IP or ipset:NAME, the entries of deny and allow lists."""
    if text.startswith("ipset:") and len(text) > len("ipset:"):
        return text
    try:
        address_family(text)
    except ValueError:
        problem = f"illegal {colour} entry format, require [ IP | ipset:NAME ]"
        raise CommandError(f"{problem}: '{text}'") from None
    return text


def scheduler(text: str) -> str:
    return text


def weight(text: str) -> int:
    return _number(text, 0, MAX_WEIGHT, "illegal weight specified")


def threshold(which: str, text: str) -> int:
    return _number(text, 0, MAX_INT, f"illegal {which} threshold specified")


def persistence_s(text: str) -> int:
    """Seconds; the option alone means 360."""
    problem = "illegal timeout for persistent service specified"
    return _number(text, 1, MAX_PERSISTENCE_S, problem) if text else 360


def conn_timeout_s(text: str) -> int:
    return _number(text, 0, MAX_INT, "illegal connection timeout specified")


def cpu(text: str) -> int:
    return _number(text, 0, 255, "illegal cpu index specified")


def netmask(text: str) -> str:
    """A dotted IPv4 mask or an IPv6 prefix length, as text."""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 128:
        return text
    try:
        if "." in text and address_family(text) == 4:
            return text
    except ValueError:
        pass
    raise CommandError(f"invalid netmask specified: '{text}' is neither A.B.C.D nor 1..128")


def switch(text: str) -> bool:
    if text not in ("enable", "disable"):
        raise CommandError(f"synproxy switch must be enable or disable, not '{text}'")
    return text == "enable"


def hash_target(text: str) -> HashTarget:
    if text not in ("sip", "qid"):
        raise CommandError(f"illegal hash target specified: '{text}' is neither sip nor qid")
    return cast(HashTarget, text)


def proxy_protocol(text: str) -> ProxyProtocol:
    """Unlike DPVS, which takes an unknown word for `disable`, refuses it."""
    if text.lower() not in PROXY_PROTOCOLS:
        known = "|".join(PROXY_PROTOCOLS)
        raise CommandError(f"illegal proxy protocol specified: '{text}' is none of {known}")
    return cast(ProxyProtocol, text.lower())


def _seconds(text: str, low: int) -> int:
    digits = text.removesuffix("s")
    if not (digits.isascii() and digits.isdigit() and low <= int(digits) <= 65535):
        raise ValueError(text)
    return int(digits)


def dest_check(text: str) -> str:
    """One --dest-check: disable, default, D,U,Ws,MIN-MAXs, D,Ws, or an outside check (I-050)."""
    if text in ("disable", "default", *EXTERNAL_CHECKS):
        return text
    parts = text.split(",")
    try:
        if len(parts) == 2:
            down, wait = parts
            return f"{_seconds(down, 1)},{_seconds(wait, 1)}s"
        down, up, wait, span = parts
        low, _, high = span.partition("-")
        low_s, high_s = _seconds(low, 1), _seconds(high, 1)
        if low_s > high_s:
            raise ValueError(span)
        detail = f"{_seconds(down, 1)},{_seconds(up, 1)},{_seconds(wait, 1)}s,{low_s}-{high_s}s"
    except ValueError:
        forms = "disable|default|DOWN,UP,WAITs,MIN-MAXs|DOWN,WAITs|" + "|".join(EXTERNAL_CHECKS)
        raise CommandError(f"invalid dest_check config: '{text}' is not {forms}") from None
    return "default" if detail == DEFAULT_CHECK else detail


def sockpair(text: str) -> SockPair:
    """proto:sip:sport:tip:tport, IPv6 in brackets (I-081)."""
    try:
        proto, _, rest = text.partition(":")
        if proto not in ("tcp", "udp", "sctp"):
            raise ValueError(f"protocol '{proto}' is none of tcp, udp, sctp")
        known = cast(Protocol, proto)
        source, target = _split_pair(rest)
        src, sport = parse_endpoint(source, known)
        dst, dport = parse_endpoint(target, known)
    except ValueError as error:
        raise CommandError(f"illegal sockpair specified: '{text}': {error}") from None
    return SockPair(known, src, sport, dst, dport)


def _split_pair(text: str) -> tuple[str, str]:
    middle = text.find("]:") + 2 if text.startswith("[") else text.find(":") + 1
    end = text.find(":", middle)
    if middle <= 0 or end < 0:
        raise ValueError("write proto:sip:sport:tip:tport")
    return text[:end], text[end + 1 :]
