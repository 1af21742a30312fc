"""The values of dpip's arguments: text in, value out, ValueError otherwise."""

import socket
from collections.abc import Callable

from dpvs_core.control.messages import Scope
from keepalivedpy.cli.endpoint import address_family

SCOPES: dict[str, Scope] = {
    "host": "host",
    "link": "link",
    "global": "global",
    "kni_host": "kni_host",
    "0": "global",
    "253": "link",
    "254": "host",
}
"""Names, and the numbers Linux gives them."""

ROUTE_PROTOS = ("auto", "boot", "static", "ra", "redirect")


def address(text: str) -> str:
    """An address in canonical digits."""
    try:
        family = address_family(text)
    except ValueError:
        raise ValueError(f"invalid ipaddress: {text}") from None
    af = socket.AF_INET if family == 4 else socket.AF_INET6
    return socket.inet_ntop(af, socket.inet_pton(af, text))


def prefix(text: str) -> str:
    """ADDR or ADDR/PLEN as "A/plen"; a lone address is /32 or /128. Host bits stay."""
    host, slash, digits = text.partition("/")
    canonical = address(host)
    longest = 128 if ":" in canonical else 32
    if slash and not (digits.isascii() and digits.isdigit() and int(digits) <= longest):
        raise ValueError(f"invalid prefix length '{digits}' of {text}: 0..{longest}")
    return f"{canonical}/{int(digits) if slash else longest}"


def route_prefix(text: str) -> str:
    """Like `prefix`; "default" stays, its family is known only with the gateway."""
    return text if text == "default" else prefix(text)


def family_of(text: str) -> int:
    return 6 if ":" in text else 4


def device(text: str) -> str:
    if not 0 < len(text) <= 31:
        raise ValueError(f"invalid device name '{text}'")
    return text


def lladdr(text: str) -> str:
    """Six hexadecimal bytes, in lower case."""
    parts = text.split(":")
    digits = "".join(parts)
    if len(parts) != 6 or any(not 0 < len(part) <= 2 for part in parts) or not _is_hex(digits):
        raise ValueError(f"invalid link layer addr '{text}': six bytes like 02:00:5e:00:00:01")
    return ":".join(f"{int(part, 16):02x}" for part in parts)


def _is_hex(digits: str) -> bool:
    return all(digit in "0123456789abcdefABCDEF" for digit in digits)


def scope(text: str) -> Scope:
    if text not in SCOPES:
        raise ValueError(f"invalid scope '{text}': host, link, global, kni_host, 0, 253 or 254")
    return SCOPES[text]


def lifetime_s(text: str) -> int:
    """Seconds; "forever" is 0."""
    return 0 if text == "forever" else number(1, 2**32 - 1)(text)


def number(low: int, high: int) -> Callable[[str], int]:
    """The parser of a whole number within limits."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"'{text}' is not within {low}..{high}")
        return int(text)

    return parse


def one_of(what: str, words: tuple[str, ...]) -> Callable[[str], str]:
    """The parser of a word out of a list."""

    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"invalid {what} '{text}': {', '.join(words)}")
        return text

    return parse
