"""What to ask of the core so that it has the wanted services: the diff.

Pure; O(services + dests). Only objects of one owner are seen: what somebody else added or edited
(an operator's `ipvsadm -e -w 0`) is left as it is. One exception: a dest whose own check calls it
dead and that still has weight is taken out, whoever gave it that weight.

Order of the answer: what must make room first (a local address that moves to another device, a
dest that changes its forwarding method: K-037 delete and add), then what is added, edited,
removed. So a server is added before another goes, and a new service before an old one. A local
address that begins or ceases to float is detached and attached in one breath, so that in one
batch it never goes.

Of several match services that take a packet the one added last does. So that a reload leaves them
as a start would, those that come behind the first one out of turn are removed and added again, in
one batch: their connections stay. One that an operator has changed stays where it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dpvs_core.control.messages import (
    Change,
    DestAdd,
    DestDel,
    DestEdit,
    DestRow,
    DestsAdd,
    DestsEdit,
    LaddrAdd,
    LaddrDel,
    LaddrRow,
    LaddrSpec,
    Owner,
    ServiceAdd,
    ServiceDel,
    ServiceEdit,
    ServiceKey,
    ServiceRow,
)
from keepalivedpy.lvs.names import RsKey
from keepalivedpy.lvs.plan import WantedService


@dataclass(slots=True)
class _Steps:
    """The requests by phase; `device_of` is where each local address shall be."""

    device_of: Mapping[str, str]
    clear: list[Change] = field(default_factory=list)
    add: list[Change] = field(default_factory=list)
    edit: list[Change] = field(default_factory=list)
    remove: list[Change] = field(default_factory=list)

    def drop_laddr(self, service: ServiceKey, laddr: LaddrSpec) -> None:
        """Detach; early if the address comes up on another device, in whichever service."""
        moves = self.device_of.get(laddr.addr, laddr.dev) != laddr.dev
        (self.clear if moves else self.remove).append(LaddrDel(service=service, laddr=laddr))


def reconcile(
    wanted: Iterable[WantedService], actual: Iterable[ServiceRow], owner: Owner = "check"
) -> list[Change]:
    """The requests that bring `owner`'s objects from `actual` to `wanted`; none when equal."""
    wanted = list(wanted)
    rows = {row.key: row for row in actual}
    steps = _Steps({laddr.addr: laddr.dev for service in wanted for laddr in service.laddrs})
    for key in _out_of_turn(wanted, rows, owner):
        steps.clear.append(ServiceDel(key=key))
        del rows[key]
    for service in wanted:
        row = rows.pop(service.key, None)
        _service(service, row, owner, steps)
        _laddrs(service, row.laddrs if row else (), owner, steps)
        _dests(service, row.dests if row else (), owner, steps)
    for row in rows.values():
        _unwanted(row, owner, steps)
    return steps.clear + steps.add + steps.edit + steps.remove


def _out_of_turn(
    wanted: Iterable[WantedService], rows: Mapping[ServiceKey, ServiceRow], owner: Owner
) -> list[ServiceKey]:
    """Match services that were added before one that shall be before them."""

    def is_ours(row: ServiceRow) -> bool:
        return row.owner == owner and all(dest.owner == owner for dest in row.dests)

    foreign = {key for key, row in rows.items() if not is_ours(row)}
    turns = [one.key for one in wanted if one.key.match is not None and one.key not in foreign]
    wanted_keys = frozenset(turns)
    present = [key for key in rows if key in wanted_keys]
    n_right = next((n for n, key in enumerate(present) if key != turns[n]), len(present))
    return present[n_right:]


def service_of(change: Change) -> ServiceKey | None:
    """The service a request is about; None for requests about something else."""
    match change:
        case ServiceAdd() | ServiceEdit() | ServiceDel():
            return change.key
        case DestAdd() | DestEdit() | DestDel() | DestsAdd() | DestsEdit():
            return change.service
        case LaddrAdd() | LaddrDel():
            return change.service
    return None


def _service(want: WantedService, row: ServiceRow | None, owner: Owner, steps: _Steps) -> None:
    if row is None:
        steps.add.append(ServiceAdd(key=want.key, spec=want.spec))
    elif row.owner == owner and row.spec != want.spec:
        steps.edit.append(ServiceEdit(key=want.key, spec=want.spec))


def _laddrs(want: WantedService, rows: tuple[LaddrRow, ...], owner: Owner, steps: _Steps) -> None:
    present = {row.spec.addr: row for row in rows}
    for laddr in want.laddrs:
        row = present.pop(laddr.addr, None)
        attach = LaddrAdd(service=want.key, laddr=laddr)
        if row is None:
            steps.add.append(attach)
        elif row.owner != owner or row.spec == laddr:
            continue
        elif row.spec.dev != laddr.dev:
            steps.drop_laddr(want.key, row.spec)
            steps.add.append(attach)
        else:
            steps.edit += [LaddrDel(service=want.key, laddr=row.spec), attach]
    for row in present.values():
        if row.owner == owner:
            steps.drop_laddr(want.key, row.spec)


def _dests(want: WantedService, rows: tuple[DestRow, ...], owner: Owner, steps: _Steps) -> None:
    present = {RsKey(row.spec.addr, row.spec.port): row for row in rows}
    for dest in want.dests:
        key = RsKey(dest.addr, dest.port)
        row = present.pop(key, None)
        if row is None:
            steps.add.append(DestAdd(service=want.key, dest=dest))
        elif row.spec == dest or not _is_ours(row, want, owner):
            continue
        elif row.spec.forward != dest.forward:
            steps.clear.append(DestDel(service=want.key, addr=dest.addr, port=dest.port))
            steps.add.append(DestAdd(service=want.key, dest=dest))
        else:
            steps.edit.append(DestEdit(service=want.key, dest=dest))
    for key, row in present.items():
        if _is_ours(row, want, owner):
            steps.remove.append(DestDel(service=want.key, addr=key.addr, port=key.port))


def _is_ours(row: DestRow, want: WantedService, owner: Owner) -> bool:
    if row.owner == owner:
        return True
    return row.spec.weight > 0 and RsKey(row.spec.addr, row.spec.port) in want.dead


def _unwanted(row: ServiceRow, owner: Owner, steps: _Steps) -> None:
    """A service nobody wants any more; of a foreign one only our dests and local addresses go."""
    for laddr in row.laddrs:
        if laddr.owner == owner:
            steps.drop_laddr(row.key, laddr.spec)
    if row.owner == owner:
        steps.remove.append(ServiceDel(key=row.key))
        return
    for dest in row.dests:
        if dest.owner == owner:
            addr, port = dest.spec.addr, dest.spec.port
            steps.remove.append(DestDel(service=row.key, addr=addr, port=port))
