"""Routes: requests on a draft, and those that follow from addresses.

A route is named by prefix and device. Adding one that is there is no error, and changes nothing
(as in DPVS's transcripts), unless it leads elsewhere. What follows from an address (its host route,
its connected network) is not stored: `derived` makes it, and it goes with the address.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from msgspec.structs import replace as replace_spec

from dpvs_core.control.messages import (
    Code,
    Owner,
    RouteAdd,
    RouteDel,
    RouteFlush,
    RouteRow,
    RouteSet,
    RouteSpec,
)
from dpvs_core.master.errors import Refused
from dpvs_core.master.inet import (
    ANY,
    MAX_PLEN,
    Ip,
    is_link_local,
    network,
    parse_ip,
    parse_prefix,
)
from dpvs_core.master.state import OPERATORS, Address, AddrKey, Draft, Route, RouteKey

HOST_SCOPES = frozenset({"host", "kni_host"})


def add(draft: Draft, request: RouteAdd) -> bool:
    key, route = _parse(draft, request.route)
    existing = draft.routes.get(key)
    if existing is not None:
        if existing.gateway != route.gateway or existing.spec.scope != route.spec.scope:
            raise Refused(Code.EXIST, f"{key.dev} has another route there", request.route.prefix)
        return False
    draft.routes.put(key, route)
    return True


def edit(draft: Draft, request: RouteSet) -> bool:
    """Change gateway, mtu, source (D-031); add if absent, as `replace` does."""
    key, route = _parse(draft, request.route)
    existing = draft.routes.get(key)
    if existing is not None:
        route = replace(route, owner=existing.owner, client=existing.client)
    draft.routes.put(key, route)
    return route != existing


def delete(draft: Draft, request: RouteDel) -> bool:
    key, _route = _parse(draft, request.route)
    existing = draft.routes.get(key)
    if existing is None:
        for spec, _owner in derived(dict(draft.addresses.items())):
            if _key(spec) == key:
                raise Refused(
                    Code.BUSY,
                    f"it follows from an address of {key.dev}; delete that",
                    request.route.prefix,
                )
        return False
    if existing.owner != draft.by.owner and draft.by.owner not in OPERATORS:
        raise Refused(Code.NOTEXIST, f"{draft.by.owner} has no such route", request.route.prefix)
    draft.routes.put(key, None)
    return True


def flush(draft: Draft, request: RouteFlush) -> bool:
    """All added routes of a device, for an operator; its own for a program."""
    draft.state.device(request.dev)
    everything = draft.by.owner in OPERATORS
    mine = [
        key
        for key, route in draft.routes.items()
        if key.dev == request.dev and (everything or route.owner == draft.by.owner)
    ]
    for key in mine:
        draft.routes.put(key, None)
    return bool(mine)


def drop_client(draft: Draft, client: str) -> int:
    """Take away what this client added (its lease ran out); how many."""
    held = [key for key, route in draft.routes.items() if route.client == client]
    for key in held:
        draft.routes.put(key, None)
    return len(held)


def derived(addresses: Mapping[AddrKey, Address]) -> Iterator[tuple[RouteSpec, Owner]]:
    """The host route of each address in use and, for less than all bits, its connected network."""
    seen: set[RouteKey] = set()
    for key, address in addresses.items():
        if not address.active:
            continue
        owner: Owner = next(iter(address.all_owners), "conf")
        full = MAX_PLEN[key.ip.af]
        yield RouteSpec(prefix=f"{key.ip}/{full}", dev=key.dev, scope="host"), owner
        if address.plen < full:
            net = RouteKey(network(key.ip, address.plen), address.plen, key.dev)
            if net not in seen:
                seen.add(net)
                prefix = f"{net.prefix}/{net.plen}"
                spec = RouteSpec(prefix=prefix, dev=key.dev, scope="link", src=str(key.ip))
                yield spec, owner


def rows(
    addresses: Mapping[AddrKey, Address], routes: Iterable[Route], mtu_of: Mapping[str, int]
) -> list[RouteRow]:
    """As `dpip route show` prints them: host routes first, then the longest prefix first; IPv4
    before IPv6."""
    shown = {_key(route.spec): (route.spec, route.owner) for route in routes}
    for spec, owner in derived(addresses):
        shown.setdefault(_key(spec), (spec, owner))

    def place(item: tuple[RouteKey, tuple[RouteSpec, Owner]]) -> tuple[int, bool, int, bytes]:
        key, (spec, _owner) = item
        return key.prefix.af, spec.scope not in HOST_SCOPES, -key.plen, key.prefix.raw

    return [
        RouteRow(spec=replace_spec(spec, mtu=spec.mtu or mtu_of.get(spec.dev, 0)), owner=owner)
        for _key_, (spec, owner) in sorted(shown.items(), key=place)
    ]


def _parse(draft: Draft, spec: RouteSpec) -> tuple[RouteKey, Route]:
    """Complete and check a route: device, scope, host bits."""
    gateway, src = _optional(spec.via), _optional(spec.src)
    family = next((given.af for given in (gateway, src) if given), 4)
    ip, plen = (ANY[family], 0) if spec.prefix == "default" else parse_prefix(spec.prefix)
    for name, given in (("via", gateway), ("src", src)):
        if given and given.af != ip.af:
            raise Refused(Code.INVAL, f"{name} is not of the prefix's family", str(given))
    dev = spec.dev or _dev_towards(draft, gateway)
    try:
        draft.state.device(dev)
    except Refused as refused:
        raise Refused(Code.INVAL, refused.message, dev) from None
    scope = spec.scope or ("global" if gateway else "link")
    if scope in HOST_SCOPES and (plen != MAX_PLEN[ip.af] or gateway):
        raise Refused(Code.INVAL, f"scope {scope} is for one address, without via", spec.prefix)
    if spec.mtu < 0 or spec.mtu > 65535 or spec.metric < 0:
        raise Refused(Code.INVAL, "mtu is 0-65535 and metric not negative", spec.prefix)
    ip = network(ip, plen)
    via = str(gateway) if gateway else ""
    complete = replace_spec(spec, prefix=f"{ip}/{plen}", via=via, dev=dev, scope=scope)
    route = Route(complete, draft.by.owner, draft.by.client, gateway, src)
    return RouteKey(ip, plen, dev), route


def _optional(text: str) -> Ip | None:
    """An address, or None where it is not given or all zero."""
    ip = parse_ip(text) if text else None
    return ip if ip and any(ip.raw) else None


def _dev_towards(draft: Draft, gateway: Ip | None) -> str:
    """The device on whose network the gateway is."""
    if gateway is None:
        raise Refused(Code.INVAL, "a route needs a device or a gateway")
    if is_link_local(gateway):
        raise Refused(Code.INVAL, "a link-local gateway needs its device", str(gateway))
    on_link = [(key.plen, key) for key, route in draft.routes.items() if route.gateway is None]
    for key, address in draft.addresses.items():
        if address.active:
            net = RouteKey(network(key.ip, address.plen), address.plen, key.dev)
            on_link.append((address.plen, net))
    for plen, net in sorted(on_link, key=lambda item: -item[0]):
        if plen < MAX_PLEN[gateway.af] and network(gateway, plen) == net.prefix:
            return net.dev
    raise Refused(Code.INVAL, "the gateway is on no connected network", str(gateway))


def _key(spec: RouteSpec) -> RouteKey:
    ip, plen = parse_prefix(spec.prefix)
    return RouteKey(ip, plen, spec.dev)
