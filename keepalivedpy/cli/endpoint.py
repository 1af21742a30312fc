"""HOST[:PORT] as ipvsadm takes it (I-006): IPv6 in brackets when a port follows.

Names are resolved only where no address is written: hosts by A record, ports by /etc/services.
"""

import socket
from functools import lru_cache

from dpvs_core.control.messages import Protocol


def address_family(text: str) -> int:
    """4 or 6 for an address in digits; ValueError for anything else."""
    try:
        socket.inet_pton(socket.AF_INET, text)
        return 4
    except OSError:
        pass
    try:
        socket.inet_pton(socket.AF_INET6, text)
        return 6
    except OSError:
        raise ValueError(f"'{text}' is no address") from None


def address_bytes(text: str) -> bytes:
    """4 or 16 bytes in network order, for sorting; ValueError if `text` is no address."""
    family = socket.AF_INET if address_family(text) == 4 else socket.AF_INET6
    return socket.inet_pton(family, text)


def parse_host(text: str) -> str:
    """An address in canonical digits, or the A record of a name; ValueError otherwise."""
    try:
        family = socket.AF_INET if address_family(text) == 4 else socket.AF_INET6
        return socket.inet_ntop(family, socket.inet_pton(family, text))
    except ValueError:
        if not text or text.strip("0123456789.") == "" or ":" in text:
            raise
    try:
        return socket.gethostbyname(text)
    except OSError as error:
        raise ValueError(f"host '{text}' not found: {error}") from None


def parse_port(text: str, proto: Protocol) -> int:
    """0..65535 from digits or a service name of that protocol; ValueError otherwise."""
    if text.isascii() and text.isdigit():
        port = int(text)
        if port > 65535:
            raise ValueError(f"port {text} is above 65535")
        return port
    try:
        return socket.getservbyname(text, proto)
    except OSError:
        raise ValueError(f"no {proto} service is named '{text}'") from None


def parse_endpoint(text: str, proto: Protocol) -> tuple[str, int]:
    """(address, port); the port is 0 where none is written. ValueError says what is wrong."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")) or rest == ":":
            raise ValueError("write IPv6 as [ADDRESS]:PORT")
        if address_family(host) != 6:
            raise ValueError(f"'{host}' in brackets is no IPv6 address")
        return parse_host(host), parse_port(rest[1:], proto) if rest else 0
    if text.count(":") > 1:
        return parse_host(text), 0
    host, colon, port = text.partition(":")
    return parse_host(host), parse_port(port, proto) if colon else 0


@lru_cache(maxsize=4096)
def _host_name(addr: str) -> str:
    """Asked once an address: a listing of connections repeats them."""
    try:
        return socket.gethostbyaddr(addr)[0]
    except OSError:
        return f"[{addr}]" if ":" in addr else addr


@lru_cache(maxsize=4096)
def _port_name(port: int, proto: str) -> str:
    try:
        return socket.getservbyport(port, proto) if port else "0"
    except OSError:
        return str(port)


def named(addr: str, port: int, proto: str) -> str:
    """Like end_text with the host's and the service's name where there are such (no -n)."""
    return f"{_host_name(addr)}:{_port_name(port, proto)}"
