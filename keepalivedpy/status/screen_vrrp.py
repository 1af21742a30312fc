"""An instance on the status screen. Pure."""

from collections.abc import Iterator, Sequence

from keepalivedpy.status.model import InstanceStatus
from keepalivedpy.status.paint import Paint, Tone
from keepalivedpy.status.when import since

STATE_WIDTH = 6  # of MASTER, the longest
INDENT = " " * (2 + STATE_WIDTH + 2)
MAX_SHOWN = 8  # addresses; --json has them all
TONES = {"MASTER": Tone.GOOD, "FAULT": Tone.BAD, "INIT": Tone.CARE}


def instance_lines(one: InstanceStatus, now: float, paint: Paint, name_width: int) -> Iterator[str]:
    state = f"{one.state:<{STATE_WIDTH}}"
    if one.state in TONES:
        state = paint(TONES[one.state], state)
    why = f": {one.why}" if one.why else ""
    yield f"  {state}  {one.name:<{name_width}}  {since(one.since, now)}{why}"
    group = f", sync group {one.sync_group}" if one.sync_group else ""
    yield (
        f"{INDENT}VRID {one.virtual_router_id} on {one.interface}, priority {one.priority}, "
        f"VRRPv{one.version}, an advert every {one.advert_int_s:g} s{group}"
    )
    if one.master:
        yield f"{INDENT}master {one.master}, priority {one.master_priority}"
    for fault in one.faults:
        if fault not in one.why:
            yield INDENT + paint(Tone.BAD, f"! {fault}")
    if one.addresses:
        yield f"{INDENT}addresses {_listed(one.addresses)}: {_place(one, paint)}"
    if one.local_addresses:
        active = one.state == "MASTER" and one.addresses_set
        state = paint(Tone.GOOD, "active") if active else "standby"
        yield f"{INDENT}local addresses {_listed(one.local_addresses)}: {state}"


def _place(one: InstanceStatus, paint: Paint) -> str:
    """Where the addresses are."""
    where = f"in dpvs on {one.dpdk_interface}" if one.dpdk_interface else f"on {one.interface}"
    if one.addresses_set:
        return paint(Tone.GOOD, f"set {where}")
    return paint(Tone.BAD, f"NOT SET {where}") if one.state == "MASTER" else "not here"


def _listed(addresses: Sequence[str]) -> str:
    shown = ", ".join(addresses[:MAX_SHOWN])
    n_more = len(addresses) - MAX_SHOWN
    return f"{shown} and {n_more} more" if n_more > 0 else shown
