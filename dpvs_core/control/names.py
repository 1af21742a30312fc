"""Addresses with ports, and services, in messages for people."""

from dpvs_core.control.match_text import match_words
from dpvs_core.control.messages import ServiceKey


def end_text(addr: str, port: int) -> str:
    """An address with its port.

    >>> end_text("192.0.2.1", 80), end_text("2001:db8::1", 80)
    ('192.0.2.1:80', '[2001:db8::1]:80')
    """
    return f"[{addr}]:{port}" if ":" in addr else f"{addr}:{port}"


def service_text(key: ServiceKey) -> str:
    """`tcp 192.0.2.1:80`, or `match` with what -H takes."""
    if key.match is not None:
        return f"match {match_words(key, key.match)}"
    return f"{key.proto} {end_text(key.addr, key.port)}"
