"""Services, dests and the local addresses they use: requests on a draft.

Refused codes are those of DPVS's transcripts: an absent service is INVAL, except for local
addresses (NOSERV); an absent dest is NOTEXIST.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace as replace_row
from functools import lru_cache

from msgspec.structs import replace

from dpvs_core.control.messages import (
    Code,
    DestAdd,
    DestDel,
    DestEdit,
    DestSpec,
    LaddrAdd,
    LaddrDel,
    ServiceAdd,
    ServiceDel,
    ServiceEdit,
    ServiceFlush,
    ServiceKey,
)
from dpvs_core.control.names import end_text, service_text
from dpvs_core.master import addresses, carried, matches
from dpvs_core.master.engine import LbKey
from dpvs_core.master.errors import Refused
from dpvs_core.master.ids import HELD, NEW, NoIdLeft
from dpvs_core.master.inet import (
    CACHED_TEXTS,
    MAX_PLEN,
    Ip,
    is_link_local,
    is_unicast,
    parse_ip,
)
from dpvs_core.master.state import (
    PROTO_NAMES,
    PROTO_NUMBERS,
    AddrKey,
    AtHand,
    Dest,
    DestId,
    DestKey,
    Draft,
    Laddr,
    LaddrUse,
    MatchKey,
    RouteKey,
    Service,
    ServiceId,
)


@lru_cache(CACHED_TEXTS)
def service_id(key: ServiceKey) -> ServiceId:
    proto = PROTO_NUMBERS[key.proto]
    if key.match is None:
        return LbKey(proto, parse_ip(key.addr), key.port)
    if key.addr or key.port:
        raise Refused(Code.INVAL, "a match service has no address", end_text(key.addr, key.port))
    return matches.match_key(proto, key.match)


def service_key(key: ServiceId) -> ServiceKey:
    if isinstance(key, MatchKey):
        return ServiceKey(proto=PROTO_NAMES[key.proto], addr="", port=0, match=key.match)
    return ServiceKey(proto=PROTO_NAMES[key.proto], addr=str(key.ip), port=key.port)


@lru_cache(CACHED_TEXTS)
def dest_key(addr: str, port: int) -> tuple[DestKey, bool]:
    """The key, and whether it can be a dest's."""
    ip = parse_ip(addr)
    return DestKey(ip, port), is_unicast(ip) and not is_link_local(ip)


def add(draft: Draft, request: ServiceAdd) -> bool:
    key = service_id(request.key)
    carried.check_service(request.key, request.spec)
    if isinstance(key, MatchKey):
        matches.pack(key, draft.state.device)  # its devices are there
    elif not is_unicast(key.ip):
        raise Refused(Code.INVAL, "a service needs a unicast address", request.key.addr)
    elif is_link_local(key.ip):
        message = "packets to link-local addresses are Linux's: a service needs another address"
        raise Refused(Code.INVAL, message, request.key.addr)
    if draft.services.get(key) is not None:
        raise Refused(Code.EXIST, "the service exists", service_text(request.key))
    draft.state.last_service_id += 1
    id_ = draft.state.last_service_id
    draft.services.put(key, Service(id_, key, request.spec, draft.by.owner))
    return True


def edit(draft: Draft, request: ServiceEdit) -> bool:
    service = _existing(draft, request.key)
    carried.check_service(request.key, request.spec)
    draft.services.put(service.key, replace(service, spec=request.spec, owner=draft.by.owner))
    return service.spec != request.spec


def delete(draft: Draft, request: ServiceDel) -> bool:
    _remove(draft, _existing(draft, request.key))
    return True


def flush(draft: Draft, _request: ServiceFlush) -> Iterator[bool]:
    """Service by service: there may be thousands."""
    for _, service in draft.services.items():
        _remove(draft, service)
        yield True


def dest_add(draft: Draft, request: DestAdd) -> bool:
    at, spec = draft.at_hand, request.dest
    if at is None or at.named != request.service:
        at = _take_in_hand(draft, request.service)
    key, unicast = dest_key(spec.addr, spec.port)
    _check_dest(draft, at.key, key, spec)
    if key in at.dests:
        raise Refused(Code.EXIST, "the dest exists", end_text(spec.addr, spec.port))
    if not unicast:
        message = "a dest needs a unicast address, and not a link-local one: on which link is it?"
        raise Refused(Code.INVAL, message, spec.addr)
    if type(at.key) is MatchKey:
        _name_wan(draft, key.ip)
    at.dests[key] = Dest(_dest_id(draft, (at.key, key)), spec, draft.by.owner)
    return True


def _name_wan(draft: Draft, ip: Ip) -> None:
    """One more dest names it. Linux's connections have ports of their own choice."""
    for device in draft.state.devices:
        route = draft.routes.get(RouteKey(ip, MAX_PLEN[ip.af], device.name))
        is_ours = draft.addresses.get(AddrKey(device.name, ip)) is not None
        if route is not None and route.spec.scope == "kni_host" and not is_ours:
            message = f"an address of Linux ({device.kernel_port}): SNAT needs one of the core"
            raise Refused(Code.INVAL, f"{message}, dpip addr add", str(ip))
    draft.step_wan((ip,), 1)


def _check_dest(draft: Draft, service: ServiceId, key: DestKey, spec: DestSpec) -> None:
    matches.check_dest(type(service) is MatchKey, spec)
    carried.check_forward(draft.state.ways, spec.forward, service.af, key.ip.af)
    carried.check_dest(spec)


def dest_edit(draft: Draft, request: DestEdit) -> bool:
    at, spec = draft.at_hand, request.dest
    if at is None or at.named != request.service:
        at = _take_in_hand(draft, request.service)
    key, dest = _existing_dest(at.dests, spec.addr, spec.port)
    _check_dest(draft, at.key, key, spec)
    at.dests[key] = Dest(dest.id, spec, draft.by.owner)
    return dest.spec != spec


def dest_del(draft: Draft, request: DestDel) -> bool:
    at = draft.at_hand
    if at is None or at.named != request.service:
        at = _take_in_hand(draft, request.service)
    key, _ = _existing_dest(at.dests, request.addr, request.port)
    del at.dests[key]
    draft.gone_dests.append((at.key, key))
    if type(at.key) is MatchKey:
        draft.step_wan((key.ip,), -1)
    return True


def laddr_add(draft: Draft, request: LaddrAdd) -> bool:
    """Attach, and make it a /32 of the device with ports to give (I-017); an address that is
    there already stays as it is and gets ports. A floating one is not in use by this alone."""
    service = _existing(draft, request.service, Code.NOSERV)
    if isinstance(service.key, MatchKey):
        message = "a match service has no local addresses: its dests are the WAN addresses"
        raise Refused(Code.INVAL, message, request.laddr.addr)
    draft.state.device(request.laddr.dev)
    ip = parse_ip(request.laddr.addr)
    if not is_unicast(ip):
        raise Refused(Code.INVAL, "a local address must be unicast", request.laddr.addr)
    carried.check_forward(draft.state.ways, "fullnat", service.key.af, ip.af)
    if ip in service.laddrs:
        raise Refused(Code.EXIST, "the service has this local address", request.laddr.addr)
    for device in draft.state.devices:
        other = draft.addresses.get(AddrKey(device.name, ip))
        if other is not None and device.name != request.laddr.dev:
            raise Refused(Code.EXIST, f"an address of {device.name}", request.laddr.addr)
    use = LaddrUse(draft.by.owner, request.laddr.floating)
    laddr = Laddr(request.laddr.dev, request.laddr.addr, use)
    draft.services.put(service.key, replace(service, laddrs={**service.laddrs, ip: laddr}))
    key = AddrKey(laddr.dev, ip)
    address = draft.addresses.get(key) or addresses.attached(key, {})
    uses = {**address.laddr_of, use: address.laddr_of.get(use, 0) + 1}
    draft.addresses.put(key, replace_row(address, laddr_of=uses))
    return True


def laddr_del(draft: Draft, request: LaddrDel) -> bool:
    """Detach; the address goes when nobody else holds it."""
    service = _existing(draft, request.service, Code.NOSERV)
    ip = parse_ip(request.laddr.addr)
    laddr = service.laddrs.get(ip)
    if laddr is None or laddr.dev != request.laddr.dev:
        raise Refused(Code.NOTEXIST, "the service has no such local address", request.laddr.addr)
    laddrs = {other: row for other, row in service.laddrs.items() if other != ip}
    draft.services.put(service.key, replace(service, laddrs=laddrs))
    _release_laddr(draft, laddr, ip)
    return True


def _existing(draft: Draft, key: ServiceKey, absent: Code = Code.INVAL) -> Service:
    service = draft.services.get(service_id(key))
    if service is None:
        raise Refused(absent, "no such service", service_text(key))
    return service


def _existing_dest(dests: Mapping[DestKey, Dest], addr: str, port: int) -> tuple[DestKey, Dest]:
    key, _ = dest_key(addr, port)
    dest = dests.get(key)
    if dest is None:
        raise Refused(Code.NOTEXIST, "no such dest", end_text(addr, port))
    return key, dest


def _take_in_hand(draft: Draft, named: ServiceKey) -> AtHand:
    """The service with dests to be changed in place. They are copied once a draft, so that a batch
    about a service's dests costs what it has of them, not the square."""
    service = _existing(draft, named)
    own = draft.own_dests.get(service.key)
    if own is None:
        own = draft.own_dests[service.key] = dict(service.dests)
        draft.services.put(service.key, replace(service, dests=own))
    at = draft.at_hand = AtHand(named, service.key, own)
    return at


def _dest_id(draft: Draft, owner: DestId) -> int:
    """The dest's id: its old one if it was here before and connections still count on it."""
    ids = draft.state.dest_ids
    try:
        id_, origin = ids.take(owner)
    except NoIdLeft:
        message = f"all {ids.limit} dests are in use or wait for their connections"
        raise Refused(Code.NOROOM, message, str(owner[1].ip)) from None
    if origin is not HELD:  # else deleted and added again within one batch
        draft.new_dests.append(owner)
    if origin is not NEW:  # counted for somebody before: from here on for this dest
        draft.recycled_dest_ids.append(id_)
    return id_


def _remove(draft: Draft, service: Service) -> None:
    for ip, laddr in service.laddrs.items():
        _release_laddr(draft, laddr, ip)
    draft.gone_dests += [(service.key, key) for key in service.dests]
    if isinstance(service.key, MatchKey):
        draft.step_wan((key.ip for key in service.dests), -1)
    draft.own_dests.pop(service.key, None)
    draft.at_hand = None
    draft.services.put(service.key, None)


def _release_laddr(draft: Draft, laddr: Laddr, ip: Ip) -> None:
    key = AddrKey(laddr.dev, ip)
    address = draft.addresses.get(key)
    if address is None:
        return
    uses = {**address.laddr_of, laddr.use: address.laddr_of[laddr.use] - 1}
    if not uses[laddr.use]:
        del uses[laddr.use]
    address = replace_row(address, laddr_of=uses)
    draft.addresses.put(key, address if address.held else None)
