"""bfd_instance: bidirectional forwarding detection towards a neighbour (RFC 5880)."""

import msgspec


class BfdInstance(msgspec.Struct, frozen=True, kw_only=True):
    """vrrp, checker: who is told; neither written means both."""

    name: str
    neighbor_ip: str
    source_ip: str | None = None
    min_rx_us: int = 10_000
    min_tx_us: int = 10_000
    idle_tx_us: int = 1_000_000
    multiplier: int = 5
    passive: bool = False
    ttl: int | None = None  # 255 (IPv4), 64 (IPv6)
    max_hops: int = 0
    multihop: bool = False
    weight: int = 0
    reverse: bool = False
    vrrp: bool = False
    checker: bool = False
    place: str = ""
