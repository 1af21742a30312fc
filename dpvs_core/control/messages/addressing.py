"""The stack: addresses, routes, neighbours, multicast groups."""

from typing import Literal

from dpvs_core.control.messages.base import Owner, RequestBase, Value

Scope = Literal["host", "link", "global", "kni_host"]


class AddrSpec(Value, frozen=True):
    """An address of a device in the core; `prefix` is "A/plen", plen 32 (128) if absent.

    With `nodad` an IPv6 address is used at once, without asking whether another has it; so is
    one that owner `vrrp` holds. After `preferred_lft_s` it is shown as deprecated, no more.
    """

    prefix: str
    dev: str
    scope: Scope = "global"
    broadcast: str = ""
    sapool: bool = False
    valid_lft_s: int = 0  # 0: for ever
    preferred_lft_s: int = 0  # 0: as long as it is valid
    nodad: bool = False


AddrState = Literal["preferred", "deprecated", "tentative", "dadfailed"]
"""Of an IPv6 address; tentative and dadfailed (another station has it) are not used."""


class AddrRow(Value, frozen=True):
    """`active`: answered for now (False: a floating local address that nobody holds);
    `claimed_by`: the MAC of another station that was last heard to use it, "" if none."""

    spec: AddrSpec
    owners: tuple[Owner, ...]
    sa_used: int = 0
    sa_free: int = 0
    sa_miss: int = 0
    active: bool = True
    claimed_by: str = ""
    state: AddrState = "preferred"


class AddrAdd(RequestBase, frozen=True, tag="addr.add"):
    addr: AddrSpec


class AddrSet(RequestBase, frozen=True, tag="addr.set"):
    addr: AddrSpec


class AddrDel(RequestBase, frozen=True, tag="addr.del"):
    prefix: str
    dev: str


class AddrFlush(RequestBase, frozen=True, tag="addr.flush"):
    dev: str


class AddrList(RequestBase, frozen=True, tag="addr.list"):
    dev: str = ""


class AddrRows(Value, frozen=True, tag="addr.rows", tag_field="type"):
    rows: tuple[AddrRow, ...]


class RouteSpec(Value, frozen=True):
    """A route; `via` "" is on-link; mtu 0 is the device's; dev "" is found through `via`."""

    prefix: str
    via: str = ""
    dev: str = ""
    scope: Scope | Literal[""] = ""
    mtu: int = 0
    src: str = ""
    metric: int = 0
    tos: int = 0
    proto: Literal["auto", "boot", "static", "ra", "redirect"] = "auto"


class RouteRow(Value, frozen=True):
    spec: RouteSpec
    owner: Owner


class RouteAdd(RequestBase, frozen=True, tag="route.add"):
    route: RouteSpec


class RouteSet(RequestBase, frozen=True, tag="route.set"):
    route: RouteSpec


class RouteDel(RequestBase, frozen=True, tag="route.del"):
    route: RouteSpec


class RouteFlush(RequestBase, frozen=True, tag="route.flush"):
    dev: str


class RouteList(RequestBase, frozen=True, tag="route.list"):
    dev: str = ""


class RouteRows(Value, frozen=True, tag="route.rows", tag_field="type"):
    rows: tuple[RouteRow, ...]


class NeighAdd(RequestBase, frozen=True, tag="neigh.add"):
    """A static neighbour: never ages, not overwritten by ARP (D-041)."""

    addr: str
    lladdr: str
    dev: str


class NeighDel(RequestBase, frozen=True, tag="neigh.del"):
    addr: str
    dev: str


class NeighList(RequestBase, frozen=True, tag="neigh.list"):
    dev: str = ""


class NeighRow(Value, frozen=True):
    addr: str
    lladdr: str  # "" while unresolved
    state: str  # NONE SEND REACHABLE PROBE DELAY (F-207)
    dev: str
    static: bool = False


class NeighRows(Value, frozen=True, tag="neigh.rows", tag_field="type"):
    rows: tuple[NeighRow, ...]


class GroupList(RequestBase, frozen=True, tag="group.list"):
    """IPv6 multicast groups that the core listens to (dpip maddr show)."""

    dev: str = ""


class GroupRow(Value, frozen=True):
    """`n_addrs`: addresses of the device that want it; `reported`: told to others by MLD."""

    dev: str
    group: str
    mac: str
    n_addrs: int = 1
    reported: bool = True


class GroupRows(Value, frozen=True, tag="group.rows", tag_field="type"):
    rows: tuple[GroupRow, ...]
