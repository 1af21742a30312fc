"""What can happen to a virtual router, and what it asks its surroundings to do."""

from dataclasses import dataclass

from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.packet import Advert

# --- events: what Router.handle takes -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """A packet of protocol 112 for this VRID arrived on the instance's interface."""

    datagram: Datagram


@dataclass(frozen=True, slots=True)
class Tick:
    """The time has come, or may have: see Router.next_deadline_us."""


@dataclass(frozen=True, slots=True)
class Faults:
    """All reasons why the instance cannot run now, in words; none: it can.

    `source` is the address adverts are sent from; "" where there is none (then that is a fault).
    """

    causes: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class GroupWants:
    """The sync group follows another member: be MASTER now, or be BACKUP now."""

    state: State


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Leave politely: the program stops or the instance is no longer configured."""


Event = Received | Tick | Faults | GroupWants | Shutdown

# --- effects: what Router.handle returns, to be carried out in this order -----------------------


@dataclass(frozen=True, slots=True)
class SendAdvert:
    """Send to the multicast group, or to every unicast peer."""

    advert: Advert
    source: str


@dataclass(frozen=True, slots=True)
class AddVips:
    addresses: tuple[VirtualAddress, ...]
    routes: tuple[VirtualRoute, ...]


@dataclass(frozen=True, slots=True)
class DelVips:
    addresses: tuple[VirtualAddress, ...]
    routes: tuple[VirtualRoute, ...]


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the link that these addresses are here now, `n_repeat` times each."""

    addresses: tuple[VirtualAddress, ...]
    n_repeat: int


@dataclass(frozen=True, slots=True)
class StateChanged:
    """For notify scripts and for the sync group."""

    old: State
    new: State
    priority: int


@dataclass(frozen=True, slots=True)
class Log:
    """A line for the log, in keepalived's wording."""

    text: str


Effect = SendAdvert | AddVips | DelVips | Announce | StateChanged | Log
