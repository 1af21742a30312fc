"""Groups beside the services: who may come in, tunnels, TLS material (K-002, K-003)."""

from typing import Literal

import msgspec

from keepalivedpy.model.lvs import AddressRange


class ClientGroup(msgspec.Struct, frozen=True, kw_only=True):
    """deny_address_group or allow_address_group: addresses, or the name of an ipset."""

    name: str
    entries: tuple[AddressRange | str, ...]
    place: str = ""


class TunnelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A tunnel device of the core."""

    name: str
    kind: Literal["ipip", "gre"] | None = None
    remote: str | None = None
    local: str | None = None
    dev: str | None = None


class TunnelGroup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    entries: tuple[TunnelEntry, ...] = ()
    place: str = ""


class Ssl(msgspec.Struct, frozen=True, kw_only=True):
    """What SSL_GET shows of itself: files, and the password of the key."""

    password: str | None = None
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
