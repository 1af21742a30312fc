"""A configuration and the state of its servers -> the services the core shall have.

Pure. A virtual_server_group gives one service an address and port; local_address_group lines
expand to single addresses. Two blocks that name the same service are one service with the dests
and local addresses of both and the first one's settings, as the core would have it from keepalived.
"""

from collections.abc import Iterable, Mapping
from typing import cast

import msgspec

from dpvs_core.control.match_text import make_match
from dpvs_core.control.messages import DestSpec, LaddrSpec, Protocol, ServiceKey, ServiceSpec
from keepalivedpy.lvs.carried import reduced, takes_ops
from keepalivedpy.lvs.names import RsKey, VsId, blocks, canonical, vs_name
from keepalivedpy.lvs.part import CheckerPart
from keepalivedpy.lvs.pool import Pool, dead, members
from keepalivedpy.lvs.ranges import expand as expand
from keepalivedpy.model.lvs import GroupEntry, VirtualServer


class WantedService(msgspec.Struct, frozen=True, kw_only=True):
    """A service as it shall be. `dead`: servers that must not get connections (failed checks)."""

    key: ServiceKey
    spec: ServiceSpec = ServiceSpec()
    laddrs: tuple[LaddrSpec, ...] = ()
    dests: tuple[DestSpec, ...] = ()
    dead: frozenset[RsKey] = frozenset()


_Plans = dict[VsId, tuple[Pool, list[WantedService]]]


class Planner:
    """Plans one configuration; what did not change since the last plan is the same object, also
    where that was a plan of the configuration `before`."""

    def __init__(self, part: CheckerPart, before: "Planner | None" = None) -> None:
        self._part = part
        self._laddrs = local_addresses(part)
        self._blocks = blocks(part.virtual_servers)
        self._last: _Plans = before._still_true(self) if before else {}

    def plan(self, pools: Mapping[VsId, Pool]) -> dict[ServiceKey, WantedService]:
        """All services; a virtual server without an entry in `pools` has no dests yet."""
        wanted: dict[ServiceKey, WantedService] = {}
        for vs_id, vs in self._blocks.items():
            for service in self._services(vs_id, vs, pools.get(vs_id, Pool())):
                known = wanted.get(service.key)
                wanted[service.key] = _merged(known, service) if known else service
        return wanted

    def _still_true(self, now: "Planner") -> _Plans:
        """The plans of blocks that `now` has as they were, and the groups too."""
        groups = self._part.virtual_server_groups
        if (groups, self._laddrs) != (now._part.virtual_server_groups, now._laddrs):
            return {}
        return {
            vs_id: plan
            for vs_id, plan in self._last.items()
            if self._blocks[vs_id] == now._blocks.get(vs_id)
        }

    def _services(self, vs_id: VsId, vs: VirtualServer, pool: Pool) -> list[WantedService]:
        last = self._last.get(vs_id)
        if last is None or last[0] != pool:
            last = self._last[vs_id] = (pool, self._planned(vs, pool))
        return last[1]

    def _planned(self, vs: VirtualServer, pool: Pool) -> list[WantedService]:
        spec, laddrs = reduced(full_spec(vs)), self._laddrs.get(vs.laddr_group_name or "", ())
        dests, out = members(vs, pool), dead(vs, pool)
        return [
            WantedService(key=key, spec=spec, laddrs=laddrs, dests=dests, dead=out)
            for key in service_keys(self._part, vs)
        ]


def problems(part: CheckerPart) -> list[str]:
    """What is wrong with the part, one sentence each: what names something that is not there, for
    which nothing is programmed, and local addresses that follow no single instance."""
    groups = {group.name for group in part.virtual_server_groups}
    pools = {group.name for group in part.local_address_groups}
    found = [*part.left_out, *part.contested]
    for vs in part.virtual_servers:
        at = f"({vs.place}) " if vs.place else ""
        if vs.group is not None and vs.group not in groups:
            found.append(f"{at}virtual_server group {vs.group}: no such virtual_server_group")
        if vs.laddr_group_name is not None and vs.laddr_group_name not in pools:
            name = f"{at}VS {vs_name(vs)}: laddr_group_name {vs.laddr_group_name}"
            found.append(f"{name}: no such local_address_group")
        if vs.lb_kind == "FNAT" and vs.laddr_group_name is None:
            found.append(f"{at}VS {vs_name(vs)}: FNAT needs laddr_group_name, no local address")
    return found


def service_keys(part: CheckerPart, vs: VirtualServer) -> list[ServiceKey]:
    """The services of one virtual_server block."""
    proto = cast(Protocol, vs.protocol.lower())
    if vs.match is not None:
        match = make_match(vs.src_range, vs.dst_range, vs.iif, vs.oif)
        return [ServiceKey(proto=proto, addr="", port=0, match=match)]
    if vs.group is None:
        return [ServiceKey(proto=proto, addr=canonical(vs.addr or ""), port=vs.port)]
    return [
        ServiceKey(proto=proto, addr=addr, port=entry.port)
        for group in part.virtual_server_groups
        if group.name == vs.group
        for entry in group.entries
        if isinstance(entry, GroupEntry)
        for addr in expand(entry.addrs)
    ]


def local_addresses(part: CheckerPart) -> dict[str, tuple[LaddrSpec, ...]]:
    """The addresses of each local_address_group; groups of one name are joined."""
    found: dict[str, dict[str, LaddrSpec]] = {}
    for group in part.local_address_groups:
        into = found.setdefault(group.name, {})
        for line in group.addrs:
            for addr in expand(line.addrs):
                floating = addr in part.floating
                into.setdefault(addr, LaddrSpec(addr=addr, dev=line.dev, floating=floating))
    return {name: tuple(addrs.values()) for name, addrs in found.items()}


def full_spec(vs: VirtualServer) -> ServiceSpec:
    """The settings as configured, whether or not the core carries them (carried.py)."""
    return ServiceSpec(
        scheduler=vs.lb_algo,
        conn_timeout_s=vs.establish_timeout_s,
        persistent_s=vs.persistence_timeout_s,
        netmask=vs.persistence_granularity,
        ops=vs.ops and takes_ops(vs),
        synproxy=vs.syn_proxy,
        expire_quiescent=vs.expire_quiescent_conn,
        quic=vs.quic,
        hash_target=vs.hash_target,
        proxy_protocol=vs.proxy_protocol,
    )


def _merged(first: WantedService, second: WantedService) -> WantedService:
    dests = _by_key((d.addr, d.port, d) for d in (*first.dests, *second.dests))
    laddrs = {laddr.addr: laddr for laddr in (*second.laddrs, *first.laddrs)}
    in_use = {RsKey(d.addr, d.port) for d in dests if d.weight > 0}
    return WantedService(
        key=first.key,
        spec=first.spec,
        laddrs=tuple(laddrs.values()),
        dests=dests,
        dead=(first.dead | second.dead) - in_use,
    )


def _by_key(rows: Iterable[tuple[str, int, DestSpec]]) -> tuple[DestSpec, ...]:
    """Of several dests with one address and port the one in use, else the first."""
    found: dict[tuple[str, int], DestSpec] = {}
    for addr, port, spec in rows:
        if (addr, port) not in found or found[addr, port].weight == 0 < spec.weight:
            found[addr, port] = spec
    return tuple(found.values())
