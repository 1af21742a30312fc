"""Which rule carries out which change: the table behind single requests and batches."""

from collections.abc import Callable, Iterator
from typing import Any

from dpvs_core.control import messages as m
from dpvs_core.master import addresses, routes, services
from dpvs_core.master.state import Draft

Rule = Callable[[Draft, Any], int]
"""Apply a request to a draft; whether anything changed, or how many. Raises Refused."""

LongRule = Callable[[Draft, Any], Iterator[bool]]
"""The same piece by piece, for what may take long: others are served in between."""

BALANCING: dict[type[Any], Rule] = {
    m.ServiceAdd: services.add,
    m.ServiceEdit: services.edit,
    m.ServiceDel: services.delete,
    m.DestAdd: services.dest_add,
    m.DestEdit: services.dest_edit,
    m.DestDel: services.dest_del,
    m.DestsAdd: services.dests_add,
    m.DestsEdit: services.dests_edit,
    m.LaddrAdd: services.laddr_add,
    m.LaddrDel: services.laddr_del,
}
"""Change services: one draft at a time."""

LONG: dict[type[Any], LongRule] = {m.ServiceFlush: services.flush}
"""Of these, what goes piece by piece."""

SEVERAL = frozenset({m.DestsAdd, m.DestsEdit})
"""Requests that stand for as many as they have dests."""

STACK: dict[type[Any], Rule] = {
    m.AddrAdd: addresses.add,
    m.AddrSet: addresses.edit,
    m.AddrDel: addresses.delete,
    m.AddrFlush: addresses.flush,
    m.RouteAdd: routes.add,
    m.RouteSet: routes.edit,
    m.RouteDel: routes.delete,
    m.RouteFlush: routes.flush,
}
"""Change addresses and routes only: overtake batches."""

RULES: dict[type[Any], Rule] = BALANCING | STACK
