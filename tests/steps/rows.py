"""The core's table of forwarding modes (lb/fwd.c), as tests choose from it."""

from typing import NamedTuple


class Mode(NamedTuple):
    fwd: str
    client_af: int
    server_af: int

    def __str__(self) -> str:
        return f"{self.fwd}{self.client_af}{self.server_af}"


MODES = [
    Mode("FNAT", 4, 4), Mode("FNAT", 6, 6), Mode("FNAT", 6, 4), Mode("FNAT", 4, 6),
    Mode("NAT", 4, 4), Mode("NAT", 6, 6),
    Mode("DR", 4, 4), Mode("DR", 6, 6),
    Mode("TUNNEL", 4, 4), Mode("TUNNEL", 4, 6), Mode("TUNNEL", 6, 4), Mode("TUNNEL", 6, 6),
    Mode("SNAT", 4, 4), Mode("SNAT", 6, 6),
]  # fmt: skip
REWRITING = [mode for mode in MODES if mode.fwd in ("FNAT", "NAT")]
ONE_WAY = [mode for mode in MODES if mode.fwd in ("DR", "TUNNEL")]
