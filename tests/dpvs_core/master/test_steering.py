"""How ports steer, in words: for dpip flow show and for the log."""

import logging

import pytest

from dpvs_core.master.engine import Steering, SteerKind
from dpvs_core.master.listings import flow_rows
from dpvs_core.master.steering import line, port
from dpvs_core.master.upkeep import Upkeep

SOFTWARE = Steering(SteerKind.SOFTWARE, why="RSS: no table; flow rules: not supported")
CASES = [
    (Steering(SteerKind.ONE), "one worker"),
    (Steering(SteerKind.RSS, 128), "rss: our hash key and 128 entries, for clients and servers"),
    (Steering(SteerKind.FLOW, 0, 1), "flow: rules for 1 local address, for servers"),
    (
        Steering(SteerKind.FLOW, 0, 12, 3, "table is full"),
        "flow: rules for 12 local addresses, for servers; "
        "software for 3 local addresses: table is full",
    ),
    (SOFTWARE, "software: RSS: no table; flow rules: not supported"),
    (Steering(SteerKind.UNDECIDED), "undecided"),
]


@pytest.mark.parametrize(("row", "words"), CASES)
def test_line(row: Steering, words: str) -> None:
    assert line(row) == words


def test_every_way_has_a_word() -> None:
    assert len({port("dpdk0", 1, Steering(kind)).steering for kind in SteerKind}) == len(SteerKind)


def test_flow_rows_ask_the_engine(bench):
    bench.engine.steerings[1] = SOFTWARE
    first, second = flow_rows(bench.state, bench.engine, 2).ports
    assert (first.dev, first.steering, first.n_rx_queues, first.detail) == (
        "dpdk0", "one worker", 1, "",
    )  # fmt: skip
    assert (second.dev, second.steering, second.detail) == ("dpdk1", "software", SOFTWARE.why)


def test_a_refusal_is_logged_once(bench, caplog):
    upkeep = Upkeep(bench.handlers, bench.service, logging.getLogger("steering"))
    with caplog.at_level(logging.WARNING):
        upkeep.watch_steering()
        bench.engine.steerings[0] = Steering(SteerKind.FLOW, 0, 2, 1, "full")
        upkeep.watch_steering()
        upkeep.watch_steering()
        bench.engine.steerings[0] = Steering(SteerKind.FLOW, 0, 2, 2, "full")
        upkeep.watch_steering()
    assert caplog.messages == [
        f"Port dpdk0: steering: software for {n}: full"
        for n in ("1 local address", "2 local addresses")
    ]
