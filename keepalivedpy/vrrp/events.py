"""What can happen to a virtual router, and what it asks its surroundings to do."""

import msgspec

from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.packet import Advert

# --- events: what Router.handle takes -----------------------------------------------------------


class Received(msgspec.Struct, frozen=True, gc=False):
    """A packet of protocol 112 for this VRID arrived on the instance's interface."""

    datagram: Datagram


class Tick(msgspec.Struct, frozen=True, gc=False):
    """The time has come, or may have: see Router.next_deadline_us."""


class Faults(msgspec.Struct, frozen=True, gc=False):
    """All reasons why the instance cannot run now, in words; none: it can.

    `causes` are those of links; `source` is the address adverts are sent from, "" where there is
    none (then that is a cause); `core` is what is wrong with the core that holds the addresses.
    """

    causes: frozenset[str]
    source: str
    core: str = ""

    @property
    def all(self) -> frozenset[str]:
        return self.causes | {self.core} if self.core else self.causes


class GroupWants(msgspec.Struct, frozen=True, gc=False):
    """The sync group follows another member: be MASTER now, or be BACKUP now; `why` in words."""

    state: State
    why: str = ""


class Shutdown(msgspec.Struct, frozen=True, gc=False):
    """Leave politely: the program stops or the instance is no longer configured."""


Event = Received | Tick | Faults | GroupWants | Shutdown

# --- effects: what Router.handle returns, to be carried out in this order -----------------------


class SendAdvert(msgspec.Struct, frozen=True, gc=False):
    """Send to the multicast group, or to every unicast peer."""

    advert: Advert
    source: str


class AddVips(msgspec.Struct, frozen=True, gc=False):
    addresses: tuple[VirtualAddress, ...]
    routes: tuple[VirtualRoute, ...]


class DelVips(msgspec.Struct, frozen=True, gc=False):
    addresses: tuple[VirtualAddress, ...]
    routes: tuple[VirtualRoute, ...]


class Announce(msgspec.Struct, frozen=True, gc=False):
    """Tell the link that these addresses are here now, `n_repeat` times each."""

    addresses: tuple[VirtualAddress, ...]
    n_repeat: int


class StateChanged(msgspec.Struct, frozen=True, gc=False):
    """For notify scripts and for the sync group."""

    old: State
    new: State
    priority: int


class Log(msgspec.Struct, frozen=True, gc=False):
    """A line for the log, in keepalived's wording."""

    text: str


Effect = SendAdvert | AddVips | DelVips | Announce | StateChanged | Log
