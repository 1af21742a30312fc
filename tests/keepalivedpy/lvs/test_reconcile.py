"""reconcile: tables for its rules, and for any old and new the end is as a fresh start's."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpvs_core.control.messages import (
    Change,
    DestAdd,
    DestDel,
    DestEdit,
    DestSpec,
    LaddrAdd,
    LaddrDel,
    LaddrSpec,
    Owner,
    ServiceAdd,
    ServiceDel,
    ServiceEdit,
    ServiceKey,
    ServiceMatch,
    ServiceSpec,
)
from keepalivedpy.lvs.names import RsKey
from keepalivedpy.lvs.plan import WantedService
from keepalivedpy.lvs.reconcile import reconcile
from tests.keepalivedpy.core_model import CoreModel

KEY = ServiceKey(proto="tcp", addr="192.168.100.254", port=80)
OTHER = ServiceKey(proto="tcp", addr="192.168.100.254", port=443)
RR, WLC = ServiceSpec(scheduler="rr"), ServiceSpec(scheduler="wlc")
LIP = LaddrSpec(addr="192.168.100.200", dev="dpdk0")
A = DestSpec(addr="192.168.100.2", port=80, forward="fullnat", weight=100)
B = DestSpec(addr="192.168.100.3", port=80, forward="fullnat", weight=100)


def weighed(dest: DestSpec, weight: int) -> DestSpec:
    return DestSpec(addr=dest.addr, port=dest.port, forward=dest.forward, weight=weight)


def match_of(number: int) -> ServiceKey:
    match = ServiceMatch(src_range=f"192.0.2.{number}")
    return ServiceKey(proto="tcp", addr="", port=0, match=match)


def wanted(*dests: DestSpec, spec: ServiceSpec = RR, dead: tuple[DestSpec, ...] = (),
           laddrs: tuple[LaddrSpec, ...] = (LIP,)) -> WantedService:  # fmt: skip
    keys = frozenset(RsKey(dest.addr, dest.port) for dest in dead)
    return WantedService(key=KEY, spec=spec, laddrs=laddrs, dests=dests, dead=keys)


FULL: list[tuple[Change, Owner]] = [
    (ServiceAdd(key=KEY, spec=RR), "check"),
    (LaddrAdd(service=KEY, laddr=LIP), "check"),
    (DestAdd(service=KEY, dest=A), "check"),
    (DestAdd(service=KEY, dest=B), "check"),
]
A_DEL = DestDel(service=KEY, addr=A.addr, port=A.port)
MOVED = LaddrSpec(addr=LIP.addr, dev="dpdk1")
FLOATING = LaddrSpec(addr=LIP.addr, dev="dpdk0", floating=True)
DRAIN = DestEdit(service=KEY, dest=weighed(A, 0))

CASES: dict[str, tuple[list[tuple[Change, Owner]], list[WantedService], list[Change]]] = {
    "empty core": ([], [wanted(A, B)], [change for change, _ in FULL]),
    "equal": (FULL, [wanted(A, B)], []),
    "nothing wanted": (FULL, [], [LaddrDel(service=KEY, laddr=LIP), ServiceDel(key=KEY)]),
    "server failed": (FULL, [wanted(B, dead=(A,))], [A_DEL]),
    "server back": (FULL[:3], [wanted(A, B)], [FULL[3][0]]),
    "weight": (FULL, [wanted(weighed(A, 5), B)], [DestEdit(service=KEY, dest=weighed(A, 5))]),
    "scheduler": (FULL, [wanted(A, B, spec=WLC)], [ServiceEdit(key=KEY, spec=WLC)]),
    "server replaced: first the new one": (
        FULL[:3], [wanted(B)], [DestAdd(service=KEY, dest=B), A_DEL]),
    "forwarding changed: delete and add": (
        FULL, [wanted(DestSpec(addr=A.addr, port=80, forward="route", weight=100), B)],
        [A_DEL, DestAdd(service=KEY, dest=DestSpec(addr=A.addr, port=80, forward="route",
                                                   weight=100))]),
    "laddr on another device: room first": (
        FULL, [wanted(A, B, laddrs=(MOVED,))],
        [LaddrDel(service=KEY, laddr=LIP), LaddrAdd(service=KEY, laddr=MOVED)]),
    "laddr begins to float: in one breath": (
        FULL, [wanted(weighed(A, 5), B, laddrs=(FLOATING,))],
        [LaddrDel(service=KEY, laddr=LIP), LaddrAdd(service=KEY, laddr=FLOATING),
         DestEdit(service=KEY, dest=weighed(A, 5))]),
    "laddr ceases to float": (
        [FULL[0], (LaddrAdd(service=KEY, laddr=FLOATING), "check")], [wanted()],
        [LaddrDel(service=KEY, laddr=FLOATING), LaddrAdd(service=KEY, laddr=LIP)]),
    "operator's laddr stays as it is": (
        [FULL[0], (LaddrAdd(service=KEY, laddr=LIP), "cli")], [wanted(laddrs=(FLOATING,))], []),
    "operator's drain stays": ([*FULL, (DRAIN, "cli")], [wanted(A, B)], []),
    "operator's drain of a dead server stays": (
        [*FULL, (DRAIN, "cli")], [wanted(B, dead=(A,))], []),
    "operator's weight of a dead server does not": (
        [*FULL, (DestEdit(service=KEY, dest=weighed(A, 7)), "cli")], [wanted(B, dead=(A,))],
        [A_DEL]),
    "operator's service": ([(ServiceAdd(key=OTHER, spec=WLC), "cli")], [], []),
    "operator's server in our service": (
        [*FULL[:3], (DestAdd(service=KEY, dest=B), "cli")], [wanted(A)], []),
    "operator's scheduler": (
        [*FULL, (ServiceEdit(key=KEY, spec=WLC), "cli")], [wanted(A, B)], []),
    "our servers leave an operator's service": (
        [*FULL, (ServiceEdit(key=KEY, spec=WLC), "cli")], [],
        [LaddrDel(service=KEY, laddr=LIP), A_DEL,
         DestDel(service=KEY, addr=B.addr, port=B.port)]),
}  # fmt: skip


@pytest.mark.parametrize("before, goal, expected", CASES.values(), ids=CASES)
def test_requests(
    before: list[tuple[Change, Owner]], goal: list[WantedService], expected: list[Change]
) -> None:
    core = CoreModel()
    for change, owner in before:
        core.apply(change, owner)
    assert reconcile(goal, core.rows()) == expected


specs = st.builds(ServiceSpec, scheduler=st.sampled_from(["rr", "wlc"]))
dests = st.builds(
    DestSpec,
    addr=st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
    port=st.sampled_from([80, 81]),
    forward=st.sampled_from(["fullnat", "route"]),
    weight=st.integers(0, 2),
)
keys = st.builds(
    ServiceKey, proto=st.just("tcp"), addr=st.just("192.0.2.1"), port=st.integers(1, 4)
) | st.builds(match_of, st.integers(1, 4))


@st.composite
def goals(draw: st.DrawFn) -> list[WantedService]:
    """A configuration: each local address is on one device."""
    lips = [
        LaddrSpec(
            addr=f"10.9.0.{n}",
            dev=draw(st.sampled_from(["dpdk0", "dpdk1"])),
            floating=draw(st.booleans()),
        )
        for n in (1, 2, 3)
    ]
    return [
        WantedService(
            key=key,
            spec=draw(specs),
            laddrs=tuple(draw(st.lists(st.sampled_from(lips), unique=True))),
            dests=tuple(draw(st.lists(dests, max_size=4, unique_by=lambda d: (d.addr, d.port)))),
        )
        for key in draw(st.lists(keys, unique=True, max_size=4))
    ]


def programmed(goal: list[WantedService]) -> CoreModel:
    core = CoreModel()
    core.apply_all(reconcile(goal, core.rows()), "check")
    return core


def turns(core: CoreModel) -> list[ServiceKey]:
    """The last of them is asked first."""
    return [key for key in core.services if key.match is not None]


def test_a_match_that_comes_between_takes_its_turn() -> None:
    """F-021: those behind it are made anew, in one batch, unless an operator changed them."""
    snat = DestSpec(addr="192.0.2.9", port=0, forward="snat")
    one, two, three = (WantedService(key=match_of(n), spec=RR, dests=(snat,)) for n in (1, 2, 3))
    core = programmed([one, three])
    assert reconcile([one, two, three], core.rows()) == [
        ServiceDel(key=three.key),
        ServiceAdd(key=two.key, spec=RR), DestAdd(service=two.key, dest=snat),
        ServiceAdd(key=three.key, spec=RR), DestAdd(service=three.key, dest=snat),
    ]  # fmt: skip
    core.apply(DestEdit(service=three.key, dest=weighed(snat, 0)), "cli")
    assert reconcile([one, two, three], core.rows()) == [
        ServiceAdd(key=two.key, spec=RR), DestAdd(service=two.key, dest=snat),
    ]  # fmt: skip


@given(goals(), goals())
@settings(max_examples=300, deadline=None)
def test_any_reload_ends_as_a_fresh_start(
    old: list[WantedService], new: list[WantedService]
) -> None:
    core = programmed(old)
    core.apply_all(reconcile(new, core.rows()), "check")
    fresh = programmed(new)
    assert core.services == fresh.services
    assert turns(core) == turns(fresh)
    assert reconcile(new, core.rows()) == []


@given(goals(), goals(), st.data())
@settings(max_examples=300, deadline=None)
def test_what_an_operator_did_stays(
    old: list[WantedService], new: list[WantedService], data: st.DataObject
) -> None:
    core = programmed(old)
    for service in core.services.values():
        for key, (dest, _) in list(service.dests.items()):
            if data.draw(st.booleans()):
                service.dests[key] = weighed(dest, 0), "cli"
    foreign = [
        (service_key, key, dest)
        for service_key, service in core.services.items()
        for key, dest in service.dests.items()
        if dest[1] == "cli"
    ]
    core.apply_all(reconcile(new, core.rows()), "check")
    kept = {goal.key for goal in new}
    for service_key, dest_key, held in foreign:
        if service_key in kept:
            assert core.services[service_key].dests[dest_key] == held
    after = deepcopy(core.services)
    core.apply_all(reconcile(new, core.rows()), "check")
    assert core.services == after
