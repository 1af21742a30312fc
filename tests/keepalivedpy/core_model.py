"""What the core does with requests about services, as slow and plain as can be: an oracle."""

from copy import deepcopy
from dataclasses import dataclass, field

from dpvs_core.control.messages import (
    Change,
    Code,
    Counters,
    DestAdd,
    DestDel,
    DestEdit,
    DestRow,
    DestsAdd,
    DestsEdit,
    DestSpec,
    LaddrAdd,
    LaddrDel,
    LaddrRow,
    LaddrSpec,
    Owner,
    Rates,
    ServiceAdd,
    ServiceDel,
    ServiceEdit,
    ServiceFlush,
    ServiceKey,
    ServiceRow,
    ServiceSpec,
)


class RefusedError(Exception):
    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Service:
    spec: ServiceSpec
    owner: Owner
    dests: dict[tuple[str, int], tuple[DestSpec, Owner]] = field(default_factory=dict)
    laddrs: dict[str, tuple[LaddrSpec, Owner]] = field(default_factory=dict)


class CoreModel:
    """Who edits an object owns it. A scheduler the core does not know is refused."""

    schedulers = ("rr", "wrr", "wlc", "mh", "conhash", "fo")

    def __init__(self) -> None:
        self.services: dict[ServiceKey, Service] = {}

    def apply_all(self, changes: list[Change], owner: Owner) -> None:
        """All or nothing."""
        before = deepcopy(self.services)
        try:
            for change in changes:
                self.apply(change, owner)
        except RefusedError:
            self.services = before
            raise

    def apply(self, change: Change, owner: Owner) -> None:
        match change:
            case ServiceAdd(key=key, spec=spec):
                _absent(key in self.services, "service")
                self._known(spec)
                self.services[key] = Service(spec, owner)
            case ServiceEdit(key=key, spec=spec):
                self._known(spec)
                service = self._service(key)
                service.spec, service.owner = spec, owner
            case ServiceDel(key=key):
                self._service(key)
                del self.services[key]
            case ServiceFlush():
                self.services.clear()
            case DestAdd(service=key, dest=dest):
                dests = self._service(key).dests
                _absent((dest.addr, dest.port) in dests, "dest")
                dests[dest.addr, dest.port] = dest, owner
            case DestEdit(service=key, dest=dest):
                dests = self._service(key).dests
                old = dests.get((dest.addr, dest.port))
                _present(old is not None, "dest")
                assert old is not None
                if old[0].forward != dest.forward:
                    raise RefusedError(Code.INVAL, "the forwarding method cannot be edited")
                dests[dest.addr, dest.port] = dest, owner
            case DestsAdd(service=key, dests=specs):
                for spec in specs:
                    self.apply(DestAdd(service=key, dest=spec), owner)
            case DestsEdit(service=key, dests=specs):
                for spec in specs:
                    self.apply(DestEdit(service=key, dest=spec), owner)
            case DestDel(service=key, addr=addr, port=port):
                _present((addr, port) in self._service(key).dests, "dest")
                del self._service(key).dests[addr, port]
            case LaddrAdd(service=key, laddr=laddr):
                _absent(laddr.addr in self._service(key).laddrs, "laddr")
                for service in self.services.values():
                    other = service.laddrs.get(laddr.addr)
                    if other is not None and other[0].dev != laddr.dev:
                        raise RefusedError(Code.EXIST, "laddr on another device")
                self._service(key).laddrs[laddr.addr] = laddr, owner
            case LaddrDel(service=key, laddr=laddr):
                _present(laddr.addr in self._service(key).laddrs, "laddr")
                del self._service(key).laddrs[laddr.addr]
            case _:
                raise RefusedError(Code.NOTSUPP, f"{change} is not in this model")

    def rows(self) -> list[ServiceRow]:
        return [
            ServiceRow(
                key=key,
                spec=service.spec,
                owner=service.owner,
                dests=tuple(
                    DestRow(spec=spec, active=0, inactive=0, persistent=0, overload=False,
                            owner=owner, counters=Counters(), rates=Rates())
                    for spec, owner in service.dests.values()
                ),
                laddrs=tuple(
                    LaddrRow(spec=spec, conflicts=0, conns=0, owner=owner)
                    for spec, owner in service.laddrs.values()
                ),
                counters=Counters(),
                rates=Rates(),
            )
            for key, service in self.services.items()
        ]  # fmt: skip

    def _service(self, key: ServiceKey) -> Service:
        _present(key in self.services, "service")
        return self.services[key]

    def _known(self, spec: ServiceSpec) -> None:
        if spec.scheduler not in self.schedulers:
            raise RefusedError(Code.NOTSUPP, f"no scheduler {spec.scheduler}")


def _absent(exists: bool, what: str) -> None:
    if exists:
        raise RefusedError(Code.EXIST, f"{what} exists")


def _present(exists: bool, what: str) -> None:
    if not exists:
        raise RefusedError(Code.NOTEXIST, f"no such {what}")
