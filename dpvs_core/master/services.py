"""Services, dests and the local addresses they use: requests on a draft.

Refused codes are those of DPVS's transcripts: an absent service is INVAL, except for local
addresses (NOSERV); an absent dest is NOTEXIST.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace as replace_row
from typing import NoReturn

from msgspec.structs import replace

from dpvs_core.control.messages import (
    Code,
    DestAdd,
    DestDel,
    DestEdit,
    DestsAdd,
    DestsEdit,
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
from dpvs_core.master import addresses, carried, matches, told
from dpvs_core.master.engine import LbKey
from dpvs_core.master.errors import Refused
from dpvs_core.master.ids import NEW, NoIdLeft
from dpvs_core.master.inet import MAX_PLEN, Ip, is_link_local, is_unicast, parse_ip
from dpvs_core.master.layouts import DEST_ID
from dpvs_core.master.meanings import dest_key, of_service
from dpvs_core.master.state import (
    PROTO_NAMES,
    PROTO_NUMBERS,
    AddrKey,
    AtHand,
    Dest,
    DestKey,
    Draft,
    Laddr,
    LaddrUse,
    MatchKey,
    RouteKey,
    Service,
    ServiceId,
)

PACK_ID = DEST_ID.pack


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
    id_, spec, own = draft.state.last_service_id, request.spec, draft.own_dests
    packed = told.service(key, id_, spec)
    dests = own[id_] = {}
    draft.services.put(key, Service(id_, key, spec, draft.by.owner, packed, dests))
    draft.at_hand = _at_hand(draft, request.key, key, dests)
    return True


def edit(draft: Draft, request: ServiceEdit) -> bool:
    service = _existing(draft, request.key)
    carried.check_service(request.key, request.spec)
    packed = told.service(service.key, service.id, request.spec)
    edited = replace(service, spec=request.spec, owner=draft.by.owner, packed=packed)
    draft.services.put(service.key, edited)
    return service.spec != request.spec


def delete(draft: Draft, request: ServiceDel) -> bool:
    _remove(draft, _existing(draft, request.key))
    return True


def flush(draft: Draft, _request: ServiceFlush) -> Iterator[bool]:
    """Service by service: there may be thousands."""
    for _, service in draft.services.items():
        _remove(draft, service)
        yield True


def dest_add(draft: Draft, request: DestAdd) -> int:
    return _add_dests(draft, _in_hand(draft, request.service), (request.dest,))


def dests_add(draft: Draft, request: DestsAdd) -> int:
    return _add_dests(draft, _in_hand(draft, request.service), request.dests)


def dest_edit(draft: Draft, request: DestEdit) -> int:
    return _edit_dests(draft, _in_hand(draft, request.service), (request.dest,))


def dests_edit(draft: Draft, request: DestsEdit) -> int:
    return _edit_dests(draft, _in_hand(draft, request.service), request.dests)


NOT_A_DEST = "a dest needs a unicast address, and not a link-local one: on which link is it?"


def _add_dests(draft: Draft, at: AtHand, specs: Sequence[DestSpec]) -> int:
    """How many; what is refused says which it was."""
    service, dests, meanings, owner = at.key, at.dests, at.meanings, draft.by.owner
    done = 0
    try:
        for spec in specs:
            key, unicast, known, packed = meanings[spec]
            if key in dests:
                raise Refused(Code.EXIST, "the dest exists", end_text(spec.addr, spec.port))
            if not unicast:
                raise Refused(Code.INVAL, NOT_A_DEST, spec.addr)
            if at.is_match:
                _name_wan(draft, key.ip)
            id_ = _dest_id(draft, service, key)
            dests[key] = Dest(id_, known, owner, PACK_ID(id_) + packed)
            done += 1
    except Refused as refused:
        refused.n_before = done
        raise
    return done


def _edit_dests(draft: Draft, at: AtHand, specs: Sequence[DestSpec]) -> int:
    """How many are others than before; what is refused says which it was."""
    dests, meanings, owner = at.dests, at.meanings, draft.by.owner
    done = changed = 0
    try:
        for spec in specs:
            key, _, known, packed = meanings[spec]
            dest = dests.get(key) or _no_such_dest(spec.addr, spec.port)
            id_, before = dest.id, dest.packed
            packed = PACK_ID(id_) + packed
            dests[key] = Dest(id_, known, owner, packed)
            changed += packed != before
            done += 1
    except Refused as refused:
        refused.n_before = done
        raise
    return changed


def _name_wan(draft: Draft, ip: Ip) -> None:
    """One more dest names it. Linux's connections have ports of their own choice."""
    for device in draft.state.devices:
        route = draft.routes.get(RouteKey(ip, MAX_PLEN[ip.af], device.name))
        is_ours = draft.addresses.get(AddrKey(device.name, ip)) is not None
        if route is not None and route.spec.scope == "kni_host" and not is_ours:
            message = f"an address of Linux ({device.kernel_port}): SNAT needs one of the core"
            raise Refused(Code.INVAL, f"{message}, dpip addr add", str(ip))
    draft.step_wan((ip,), 1)


def dest_del(draft: Draft, request: DestDel) -> bool:
    at = _in_hand(draft, request.service)
    key, _ = dest_key(request.addr, request.port)
    dest = at.dests.pop(key, None) or _no_such_dest(request.addr, request.port)
    draft.gone_dests[at.key, key] = dest.id
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


def _no_such_dest(addr: str, port: int) -> NoReturn:
    raise Refused(Code.NOTEXIST, "no such dest", end_text(addr, port))


def _in_hand(draft: Draft, named: ServiceKey) -> AtHand:
    """The service with dests to be changed in place. They are copied once a draft, so that a batch
    about a service's dests costs what it has of them, not the square."""
    at = draft.at_hand
    if at is not None and at.named == named:
        return at
    service = _existing(draft, named)
    own = draft.own_dests.get(service.id)
    if own is None:
        own = draft.own_dests[service.id] = dict(service.dests)
        id_, key, spec, owner = service.id, service.key, service.spec, service.owner
        row = Service(id_, key, spec, owner, service.packed, own, service.laddrs)
        draft.services.put(key, row)
    at = draft.at_hand = _at_hand(draft, named, service.key, own)
    return at


def _at_hand(draft: Draft, named: ServiceKey, key: ServiceId, dests: dict[DestKey, Dest]) -> AtHand:
    return AtHand(named, key, dests, type(key) is MatchKey, of_service(draft.state, key))


def _dest_id(draft: Draft, service: ServiceId, key: DestKey) -> int:
    """The dest's id: its old one if it was here before and connections still count on it."""
    ids, gone = draft.state.dest_ids, draft.gone_dests
    try:
        id_ = None if gone else ids.take_new()  # of those thousands where there was nothing
        if id_ is not None:
            return id_
        id_ = gone.pop((service, key), None)  # deleted and added again within one batch
        if id_ is None:
            id_, origin = ids.take((service, key))
            if origin is NEW:
                return id_
    except NoIdLeft:
        message = f"all {ids.limit} dests are in use or wait for their connections"
        raise Refused(Code.NOROOM, message, str(key.ip)) from None
    draft.recycled_dest_ids.append(id_)  # counted for somebody before: from here on for this dest
    return id_


def _remove(draft: Draft, service: Service) -> None:
    for ip, laddr in service.laddrs.items():
        _release_laddr(draft, laddr, ip)
    draft.gone_dests.update({(service.key, key): dest.id for key, dest in service.dests.items()})
    if isinstance(service.key, MatchKey):
        draft.step_wan((key.ip for key in service.dests), -1)
    draft.own_dests.pop(service.id, None)
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
