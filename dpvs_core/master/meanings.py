"""What the specs of dests mean, found out once for each that is different.

Thousands of services have dests on the same servers, and a batch names each again. Whether a
service may have such a dest depends on the kind of service only, so there is one table for each
kind: a look-up is 0.2 us, a spec that was not seen before 3 us. 300 bytes each, forgotten all at
once when there are MAX_KNOWN.
"""

from collections.abc import Mapping
from functools import lru_cache

from dpvs_core.control.messages import DestSpec
from dpvs_core.master import carried, matches, told
from dpvs_core.master.inet import CACHED_TEXTS, is_link_local, is_unicast, parse_ip
from dpvs_core.master.state import DestKey, MatchKey, Meaning, ServiceId, State

MAX_KNOWN = 1 << 16


class Meanings(dict[DestSpec, Meaning]):
    """By spec, of the dests of services of one kind; Refused if such a service cannot have it."""

    def __init__(self, ways: frozenset[carried.Way], is_match: bool, client_af: int) -> None:
        super().__init__()
        self._ways, self._is_match, self._client_af = ways, is_match, client_af

    def __missing__(self, spec: DestSpec) -> Meaning:
        key, unicast = dest_key(spec.addr, spec.port)
        matches.check_dest(self._is_match, spec)
        carried.check_forward(self._ways, spec.forward, self._client_af, key.ip.af)
        carried.check_dest(spec)
        if len(self) >= MAX_KNOWN:
            self.clear()
        meaning = self[spec] = Meaning(key, unicast, spec, told.dest(key, spec))
        return meaning


def of_service(state: State, key: ServiceId) -> Mapping[DestSpec, Meaning]:
    """What its dests' specs mean."""
    is_match = type(key) is MatchKey
    kind = is_match, key.af
    known = state.meanings.get(kind)
    if known is None:
        known = state.meanings[kind] = Meanings(state.ways, *kind)
    return known


@lru_cache(CACHED_TEXTS)
def dest_key(addr: str, port: int) -> tuple[DestKey, bool]:
    """The key, and whether it can be a dest's."""
    ip = parse_ip(addr)
    return DestKey(ip, port), is_unicast(ip) and not is_link_local(ip)
