"""Match services as text: ranges in one spelling, and what ipvsadm prints and takes (I-032, I-074).

RANGE is `IP[-IP][:PORT[-PORT]]`, IPv6 as `[IP[-IP]]:PORT`. One spelling, because a service is named
by its whole match: an edit must say the same as the addition. Pure.
"""

import socket

from dpvs_core.control.messages import ServiceKey, ServiceMatch

KEYS = ("proto", "af", "src-range", "dst-range", "iif", "oif")
PROTOS = ("tcp", "udp", "sctp", "icmp", "icmpv6")
AF_WORDS = {"ipv4": 4, "ipv6": 6}
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
MAX_NAME = 15  # bytes of a device's name


def split_range(text: str) -> tuple[int, bytes, bytes, int, int]:
    """Family, first and last address, first and last port (0-0: any); ValueError if it is none."""
    hosts, ports = text, ""
    if text.startswith("["):
        hosts, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")) or rest == ":":
            raise ValueError(f"'{text}' is not [ADDRESS-ADDRESS]:PORT-PORT")
        ports = rest[1:]
    elif text.count(":") == 1:
        hosts, _, ports = text.partition(":")
    first, dash, last = hosts.partition("-")
    af = 6 if ":" in first else 4
    low, high = _packed(af, first), _packed(af, last if dash else first)
    if low > high:
        raise ValueError(f"'{hosts}' goes downwards")
    return af, low, high, *_ports(ports)


def range_text(text: str) -> str:
    """The range in its one spelling; ValueError if it is none.

    >>> range_text("[2001:db8:0::1-2001:db8:0::1]:80-80")
    '[2001:db8::1]:80'
    """
    af, low, high, first, last = split_range(text)
    ends = [socket.inet_ntop(FAMILIES[af], raw) for raw in (low, high)]
    hosts = ends[0] if low == high else "-".join(ends)
    if not last:
        return hosts
    ports = str(first) if first == last else f"{first}-{last}"
    return f"[{hosts}]:{ports}" if af == 6 else f"{hosts}:{ports}"


def make_match(
    src_range: str = "", dst_range: str = "", iif: str = "", oif: str = "", af: int = 0
) -> ServiceMatch:
    """A match of what is given, ranges in any spelling; `af` 0: the ranges'. ValueError.

    >>> make_match("0.0.0.0", "10.0.0.0-10.0.0.0:53") == make_match("", "10.0.0.0:53")
    True
    """
    given = {name: text for name, text in (("src", src_range), ("dst", dst_range)) if text}
    families = {split_range(text)[0] for text in given.values()} | ({af} if af else set())
    if not families:
        raise ValueError("give a range or af")
    if len(families) > 1:
        raise ValueError("ranges and af are of two families")
    for name in (iif, oif):
        if len(name) > MAX_NAME:
            raise ValueError(f"'{name}' is longer than {MAX_NAME} characters")
    ranges = {name: range_text(text) for name, text in given.items() if not _is_any(text)}
    return ServiceMatch(
        af=6 if 6 in families else 4, src_range=ranges.get("src", ""),
        dst_range=ranges.get("dst", ""), iif=iif, oif=oif,
    )  # fmt: skip


def _is_any(text: str) -> bool:
    """Whether the range limits nothing: the unspecified address, any port."""
    _, _, last, _, last_port = split_range(text)
    return not any(last) and not last_port


def parse_match(text: str) -> ServiceKey:
    """The service that `-H KEY=VALUE,...` names; ValueError says what is wrong."""
    words: dict[str, str] = {}
    for part in text.split(","):
        key, _, value = part.partition("=")
        if key not in KEYS:
            raise ValueError(f"'{key}' is none of {', '.join(KEYS)}")
        if key in words:
            raise ValueError(f"{key} is given twice")
        if not value:
            raise ValueError(f"{key} without a value")
        words[key] = value
    proto = words.get("proto", "any")
    if "proto" in words and proto not in PROTOS:
        raise ValueError(f"proto is one of {', '.join(PROTOS)}")
    af = words.get("af", "")
    if af and af not in AF_WORDS:
        raise ValueError("af is ipv4 or ipv6")
    match = make_match(
        words.get("src-range", ""), words.get("dst-range", ""), words.get("iif", ""),
        words.get("oif", ""), AF_WORDS.get(af, 0),
    )  # fmt: skip
    return ServiceKey(proto=proto, addr="", port=0, match=match)  # type: ignore[arg-type]


def match_words(key: ServiceKey, match: ServiceMatch) -> str:
    """As -H takes it: parse_match of it is `key`."""
    af = "" if match.src_range or match.dst_range else f"ipv{match.af}"
    words = {
        "proto": "" if key.proto == "any" else key.proto, "af": af, "src-range": match.src_range,
        "dst-range": match.dst_range, "iif": match.iif, "oif": match.oif,
    }  # fmt: skip
    return ",".join(f"{name}={value}" for name, value in words.items() if value)


def match_title(key: ServiceKey, match: ServiceMatch) -> str:
    """As the listing shows it (I-074): `from` and `to` where they are limited."""
    words = [f"from={match.src_range}"] if match.src_range else []
    words += [f"to={match.dst_range}"] if match.dst_range else []
    words += [f"iif={match.iif}"] if match.iif else []
    words += [f"oif={match.oif}"] if match.oif else []
    if not match.src_range and not match.dst_range:
        words.insert(0, f"af=ipv{match.af}")
    return ",".join([key.proto, *words])


def _packed(af: int, host: str) -> bytes:
    try:
        return socket.inet_pton(FAMILIES[af], host)
    except (OSError, ValueError):
        raise ValueError(f"'{host}' is no IPv{af} address") from None


def _ports(text: str) -> tuple[int, int]:
    if not text:
        return 0, 0
    first, dash, last = text.partition("-")
    numbers = [_port(word) for word in ((first, last) if dash else (first, first))]
    if numbers[0] > numbers[1]:
        raise ValueError(f"'{text}' goes downwards")
    return numbers[0], numbers[1]


def _port(word: str) -> int:
    if not (word.isascii() and word.isdigit() and int(word) < 65536):
        raise ValueError(f"'{word}' is no port")
    return int(word)
