"""Port pools of local addresses in the core: made, opened to new connections, closed, given back.

A pool is there while its address is attached, asked for with `sapool`, or named by a dest of a
match service, and open while the address is in use as well: connections that have a port go on
when it closes. It is made closed, so that an address on standby gives no port for a moment. Its
id waits as trash until the core says that no connection has a port of it (ids.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dpvs_core.control.messages import Code
from dpvs_core.master.engine import Publisher
from dpvs_core.master.errors import EngineError, Refused
from dpvs_core.master.ids import NoIdLeft, Origin
from dpvs_core.master.inet import Ip
from dpvs_core.master.state import State


@dataclass(slots=True)
class Pools:
    state: State
    engine: Publisher
    _open: set[Ip] = field(default_factory=set)  # as the core has it

    def make(self, ips: Iterable[Ip]) -> None:
        """A closed pool for each that has none. Refused(NOROOM) or EngineError: what was made
        before is for `give_back`."""
        for ip in ips:
            if ip in self.state.laddr_ids.used:
                continue
            id_, origin = self._take_id(ip)
            if origin is not Origin.REVIVED:
                self._add(id_, ip)
            self.engine.laddr_active(id_, False)

    def close(self, ips: Iterable[Ip]) -> None:
        """Those that shall give no ports any more; before the addresses are withdrawn."""
        for ip in self._open.intersection(ips):
            if not self.state.gives_ports(ip):
                self.engine.laddr_active(self.state.laddr_ids.used[ip], False)
                self._open.discard(ip)

    def open(self, ips: Iterable[Ip]) -> None:
        """Those that shall give ports; after the core answers for the addresses."""
        for ip in set(ips) - self._open:
            if self.state.gives_ports(ip):
                self.engine.laddr_active(self.state.laddr_ids.used[ip], True)
                self._open.add(ip)

    def give_back(self, ips: Iterable[Ip]) -> None:
        """Ids of addresses that have no ports to give any more become trash."""
        for ip in ips:
            if not self.state.has_ports(ip):
                self.state.laddr_ids.retire(ip)

    def _add(self, id_: int, ip: Ip) -> None:
        try:
            self.engine.laddr_add(id_, ip)
        except EngineError:
            self.state.laddr_ids.forget(ip)
            raise

    def _take_id(self, ip: Ip) -> tuple[int, Origin]:
        try:
            return self.state.laddr_ids.take(ip)
        except NoIdLeft:
            limit = self.state.laddr_ids.limit
            message = f"all {limit} local addresses are in use"
            raise Refused(Code.NOROOM, message, str(ip)) from None
