"""Addresses of devices: requests on a draft, references by owner, life times.

An address is held by each owner that added it, once, and by the services it is a local address
of; it goes with the last of them. It is in use while an owner holds it, or a service that did not
attach it as floating. An operator may take away what is not his (his word is the last); a program
only its own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import msgspec

from dpvs_core.control.messages import (
    AddrAdd,
    AddrDel,
    AddrFlush,
    AddrSet,
    AddrSpec,
    Code,
    Owner,
)
from dpvs_core.master.errors import Refused
from dpvs_core.master.inet import MAX_PLEN, is_unicast, parse_ip, parse_prefix
from dpvs_core.master.state import OPERATORS, Address, AddrKey, Draft, LaddrUse

K = TypeVar("K")
V = TypeVar("V")


def add(draft: Draft, request: AddrAdd) -> bool:
    """EXIST for an owner that has it; another owner's is shared, its settings stay."""
    key, plen = _parse(draft, request.addr)
    address = draft.addresses.get(key)
    if address is not None and draft.by.owner in address.owners:
        raise Refused(Code.EXIST, f"{draft.by.owner} has added this address", str(key.ip))
    if address is None or not address.owners:
        laddr_of = address.laddr_of if address else {}
        expires_at_s, deprecated_at_s = _expiry(request.addr, draft.now_s)
        address = Address(request.addr, plen, expires_at_s, {}, laddr_of, deprecated_at_s)
    owners = {**address.owners, draft.by.owner: draft.by.client}
    sapool = address.spec.sapool or request.addr.sapool
    spec = msgspec.structs.replace(address.spec, sapool=sapool)
    draft.addresses.put(key, replace(address, spec=spec, owners=owners))
    return True


def edit(draft: Draft, request: AddrSet) -> bool:
    """Change life time, scope and broadcast (D-022)."""
    key, plen = _parse(draft, request.addr)
    address = draft.addresses.get(key)
    if address is None:
        raise Refused(Code.NOTEXIST, "no such address on the device", str(key.ip))
    spec = msgspec.structs.replace(request.addr, sapool=address.spec.sapool or request.addr.sapool)
    expires_at_s, deprecated_at_s = _expiry(request.addr, draft.now_s)
    changed = replace(
        address, spec=spec, plen=plen, expires_at_s=expires_at_s,
        deprecated_at_s=deprecated_at_s, deprecated=False,
    )  # fmt: skip
    draft.addresses.put(key, changed)
    return changed != address


def delete(draft: Draft, request: AddrDel) -> bool:
    draft.state.device(request.dev)
    ip, _plen = parse_prefix(request.prefix)
    key = AddrKey(request.dev, ip)
    address = draft.addresses.get(key)
    owner = draft.by.owner
    if address is None or not (owner in address.owners or owner in OPERATORS):
        raise Refused(Code.NOTEXIST, f"{owner} has no such address on {request.dev}", str(ip))
    if owner in address.owners:
        owners = {other: who for other, who in address.owners.items() if other != owner}
    elif address.owners:
        owners = {}
    else:
        raise Refused(Code.BUSY, "a local address of a service; detach it there", str(ip))
    draft.addresses.put(key, _held_by(key, address, owners))
    return True


def flush(draft: Draft, request: AddrFlush) -> bool:
    """Everything of the device, for an operator; its own for a program. What services use as
    local addresses stays."""
    draft.state.device(request.dev)
    everything = draft.by.owner in OPERATORS
    mine = [
        (key, address)
        for key, address in draft.addresses.items()
        if key.dev == request.dev
        and address.owners
        and (everything or draft.by.owner in address.owners)
    ]
    for key, address in mine:
        owners = {} if everything else _without(address.owners, draft.by.owner)
        draft.addresses.put(key, _held_by(key, address, owners))
    return bool(mine)


def drop_client(draft: Draft, client: str) -> int:
    """Take away what this client added (its lease ran out); how many addresses it held."""
    held = [row for row in draft.addresses.items() if client in row[1].owners.values()]
    for key, address in held:
        owners = {owner: who for owner, who in address.owners.items() if who != client}
        draft.addresses.put(key, _held_by(key, address, owners))
    return len(held)


def drop_expired(draft: Draft) -> int:
    """Take away what has outlived its valid_lft; how many."""
    dead = [
        (key, address)
        for key, address in draft.addresses.items()
        if address.expires_at_s is not None and address.expires_at_s <= draft.now_s
    ]
    for key, address in dead:
        draft.addresses.put(key, _held_by(key, address, {}))
    return len(dead)


def deprecate(draft: Draft) -> int:
    """Mark what has outlived its preferred_lft; how many."""
    due = [
        (key, address)
        for key, address in draft.addresses.items()
        if not address.deprecated
        and address.deprecated_at_s is not None
        and address.deprecated_at_s <= draft.now_s
    ]
    for key, address in due:
        draft.addresses.put(key, replace(address, deprecated=True))
    return len(due)


def merge(then: Address | None, now: Address | None, mine: Address | None) -> Address | None:
    """A draft's address, when a request that overtook it changed the same: holders by holder.
    Drafts with services go one after the other: only one changes `laddr_of`."""
    if now == then:
        return mine
    respecified = mine is not None and (then is None or mine.spec != then.spec)
    row = mine if respecified or now is None else now
    if row is None:
        return None
    nobody = Address(row.spec, row.plen)
    before, current, wanted = then or nobody, now or nobody, mine or nobody
    merged = replace(
        row,
        owners=_merge(before.owners, current.owners, wanted.owners),
        laddr_of=_merge(before.laddr_of, current.laddr_of, wanted.laddr_of),
    )
    return merged if merged.held else None


def attached(key: AddrKey, laddr_of: Mapping[LaddrUse, int]) -> Address:
    """An address that is there for services alone: all bits, nothing follows from it (I-017)."""
    plen = MAX_PLEN[key.ip.af]
    spec = AddrSpec(prefix=f"{key.ip}/{plen}", dev=key.dev)
    return Address(spec, plen, laddr_of=laddr_of)


def _held_by(key: AddrKey, address: Address, owners: Mapping[Owner, str]) -> Address | None:
    """The address with these owners only; None where nobody is left. What its owners asked for
    (network, life time) goes with the last of them."""
    if owners:
        return replace(address, owners=owners)
    return attached(key, address.laddr_of) if address.laddr_of else None


def _merge(before: Mapping[K, V], now: Mapping[K, V], wanted: Mapping[K, V]) -> dict[K, V]:
    """What `wanted` changed since `before`, applied to `now`."""
    merged = dict(now)
    for key in before.keys() | wanted.keys():
        if before.get(key) == wanted.get(key):
            continue
        if key in wanted:
            merged[key] = wanted[key]
        else:
            merged.pop(key, None)
    return merged


def _parse(draft: Draft, spec: AddrSpec) -> tuple[AddrKey, int]:
    draft.state.device(spec.dev)
    ip, plen = parse_prefix(spec.prefix)
    if not is_unicast(ip):
        raise Refused(Code.INVAL, "not a unicast address", str(ip))
    if spec.broadcast and parse_ip(spec.broadcast).af != 4:
        raise Refused(Code.INVAL, "a broadcast address is IPv4's", spec.broadcast)
    if spec.broadcast and ip.af != 4:
        raise Refused(Code.INVAL, "IPv6 has no broadcast address", spec.broadcast)
    for name, lft_s in (("valid_lft", spec.valid_lft_s), ("preferred_lft", spec.preferred_lft_s)):
        if lft_s < 0:
            raise Refused(Code.INVAL, f"{name} is negative", str(lft_s))
    if 0 < spec.valid_lft_s < spec.preferred_lft_s:
        message = "preferred_lft is longer than valid_lft"
        raise Refused(Code.INVAL, message, str(spec.preferred_lft_s))
    if spec.scope == "kni_host":
        raise Refused(Code.INVAL, "an address of Linux is a route of scope kni_host", str(ip))
    return AddrKey(spec.dev, ip), plen


def _expiry(spec: AddrSpec, now_s: float) -> tuple[float | None, float | None]:
    """When it goes, and when it is deprecated before that."""
    ends = (spec.valid_lft_s, spec.preferred_lft_s)
    expires_at_s, deprecated_at_s = (now_s + lft_s if lft_s else None for lft_s in ends)
    return expires_at_s, deprecated_at_s


def _without(owners: Mapping[K, V], gone: K) -> dict[K, V]:
    return {owner: who for owner, who in owners.items() if owner != gone}
