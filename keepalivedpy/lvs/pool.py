"""Which servers of a virtual server are in use: a value, and what follows from it.

A dead server is removed, or kept with weight 0 where inhibit_on_failure says so. While the sorry
server stands in, the alive servers are out (removed or inhibited in the same way).
"""

import msgspec

from dpvs_core.control.messages import DestSpec, Forward
from keepalivedpy.lvs.names import RsKey, canonical, rs_key
from keepalivedpy.model.lvs import LbKind, RealServer, VirtualServer

FORWARD: dict[LbKind, Forward] = {
    "NAT": "masq",
    "DR": "route",
    "TUN": "tunnel",
    "FNAT": "fullnat",
    "SNAT": "snat",
}


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """`alive`: servers all of whose checks succeed; `sorry`: the sorry server stands in."""

    alive: frozenset[RsKey] = frozenset()
    quorum_up: bool = False
    sorry: bool = False


def servers(vs: VirtualServer) -> dict[RsKey, RealServer]:
    """The real servers by identity; of two with the same address and port the first counts."""
    found: dict[RsKey, RealServer] = {}
    for rs in vs.real_servers:
        found.setdefault(rs_key(rs), rs)
    return found


def alive_weight(vs: VirtualServer, pool: Pool) -> int:
    return sum(rs.weight for key, rs in servers(vs).items() if key in pool.alive)


def dest(rs: RealServer, vs: VirtualServer, inhibited: bool = False) -> DestSpec:
    return DestSpec(
        addr=canonical(rs.addr),
        port=rs.port,
        forward=FORWARD[rs.lb_kind or vs.lb_kind],
        weight=0 if inhibited else rs.weight,
        inhibited=inhibited,
        upper_threshold=rs.uthreshold,
        lower_threshold=rs.lthreshold,
    )


def members(vs: VirtualServer, pool: Pool) -> tuple[DestSpec, ...]:
    """The dests the core shall have for this virtual server."""
    found: dict[RsKey, DestSpec] = {}
    for key, rs in servers(vs).items():
        if key in pool.alive and not pool.sorry:
            found[key] = dest(rs, vs)
        elif rs.inhibit_on_failure:
            found[key] = dest(rs, vs, inhibited=True)
    if pool.sorry and vs.sorry_server is not None:
        found[rs_key(vs.sorry_server)] = dest(vs.sorry_server, vs)
    return tuple(found.values())


def dead(vs: VirtualServer, pool: Pool) -> frozenset[RsKey]:
    """Servers whose checks fail: they must get no connections, whoever set their weight."""
    standing_in = {rs_key(vs.sorry_server)} if pool.sorry and vs.sorry_server else set()
    return frozenset(servers(vs)) - pool.alive - standing_in
