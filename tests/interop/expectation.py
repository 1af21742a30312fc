"""What every frame of a capture must say, in words that both decoders use."""

from collections.abc import Iterable
from typing import NamedTuple

from tests.interop.cases import Case
from tests.interop.configuration import ADDRESS, MULTICAST_GROUP, PEER, PRIORITY, VIP, VRID
from tests.interop.rows import INTERVAL_UNIT_NS

Fields = dict[str, str]
GOODBYE = "0"


class Decoded(NamedTuple):
    """A frame as a decoder sees it; numbers count from 1. `fields` is empty for an ARP frame.

    `remark`: what the decoder itself finds wrong with it, such as malformed.
    """

    number: int
    is_arp: bool
    source: str
    fields: Fields
    remark: str = ""


def expected(case: Case, role: str) -> Fields:
    """All fields but the priority, which may be the node's own or 0."""
    peer = ADDRESS[PEER[role]]
    units = case.interval_us * 1000 // INTERVAL_UNIT_NS[case.version]
    return {
        "destination": peer if case.unicast else MULTICAST_GROUP,
        "ttl": "255",
        "tos": "0xc0",
        "ip checksum": "good",
        "version": str(case.version),
        "type": "1",
        "vrid": str(VRID),
        "addresses": VIP,
        "interval": str(units),
        "authentication": f"1 {case.password}" if case.password else "none",
        "checksum": "good",
    }


def complaints(case: Case, frames: Iterable[Decoded], decoder: str) -> list[str]:
    """A sentence for each field that is not as configured; a capture without adverts is one too."""
    found, n_adverts = [], 0
    roles = {address: role for role, address in ADDRESS.items()}
    for frame in frames:
        where = f"{decoder}: frame {frame.number}"
        if frame.remark:
            found.append(f"{where}: {frame.remark}")
        if frame.is_arp:
            continue
        n_adverts += 1
        role = roles.get(frame.source)
        if role is None:
            found.append(f"{where}: from {frame.source or 'nobody'}: {frame.fields}")
            continue
        wanted = expected(case, role)
        if frame.fields.get("priority") not in (str(PRIORITY[role]), GOODBYE):
            found.append(f"{where}: priority {frame.fields.get('priority')}")
        for name, value in wanted.items():
            if frame.fields.get(name) != value:
                found.append(f"{where}: {name} {frame.fields.get(name)!r}, not {value!r}")
    if n_adverts == 0:
        found.append(f"{decoder}: no advert in the capture")
    return found
