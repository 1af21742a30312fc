"""Thresholds with several workers: never passed, always given back, right when set later."""

import pytest

from tests.dpvs_core.lb.sched_scene import Balanced, balanced, end, establish
from tests.steps.core import Dest
from tests.steps.scene import LIP, RS, VIP, Flow

SCHEDS = pytest.mark.parametrize("sched", ["RR", "WRR", "WLC"])
WORKERS = pytest.mark.parametrize("n_workers", [1, 3])


def served(scene: Balanced, n: int) -> int:
    return sum(scene.connect() is not None for _ in range(n))


@SCHEDS
@WORKERS
def test_a_threshold_set_later_counts_what_every_worker_has(sched: str, n_workers: int) -> None:
    """Also of workers that make nothing from then on."""
    scene = balanced(sched, [1], n_workers)
    with scene.core:
        assert served(scene, 9) == 9
        makers = {w for w in range(n_workers) if scene.conns(w)[0][1]}
        assert makers == set(range(n_workers))
        scene.publish([1], [9])
        assert served(scene, 6) == 0
        scene.publish([1], [11])
        assert served(scene, 12) == 2
        scene.core.pass_time(5)
        assert scene.core.n_conns() == 0
        assert served(scene, 20) == 11


@SCHEDS
@WORKERS
def test_without_threshold_again_and_with_one_once_more(sched: str, n_workers: int) -> None:
    scene = balanced(sched, [1], n_workers, uppers=[2])
    with scene.core:
        assert served(scene, 4) == 2
        scene.publish([1])
        assert served(scene, 7) == 7
        scene.publish([1], [12])
        assert served(scene, 9) == 3
        scene.core.pass_time(5)
        assert served(scene, 20) == 12


@SCHEDS
@WORKERS
def test_a_lowered_threshold_closes_until_below_it(sched: str, n_workers: int) -> None:
    scene = balanced(sched, [1], n_workers, uppers=[4])
    with scene.core:
        flows = [scene.open()[0] for _ in range(4)]
        for flow in flows:
            establish(flow)
        scene.publish([1], [2])
        for flow, open_again in zip(flows[:3], (False, False, True), strict=True):
            assert scene.connect() is None
            end(flow)
            assert scene.n_conns() == [sum(f.state() is not None for f in flows)]
            if open_again:
                assert served(scene, 3) == 1


@SCHEDS
@WORKERS
def test_what_could_not_be_made_takes_no_place(sched: str, n_workers: int) -> None:
    """No connection is left in the pool, later no local port: the place is given back, and the
    dest has not closed (its lower threshold is far away)."""
    scene = balanced(sched, [1], n_workers, uppers=[3], lowers=[1], conn_pool=8)
    with scene.core:
        fill = [Flow(scene.core, cport=50000 + i, vport=81) for i in range(8 * n_workers + 20)]
        scene.core.service(VIP, 81, [Dest(RS, 81, id=500)])
        for flow in fill:
            flow.syn()
        assert scene.core.n_conns() == 8 * n_workers
        assert served(scene, 9) == 0
        assert scene.core.verdicts()["no-conn-memory"] >= 9
        scene.core.pass_time(5)
        assert served(scene, 9) == 3


@SCHEDS
def test_no_local_port_takes_no_place(sched: str) -> None:
    scene = balanced(sched, [1], uppers=[3], lowers=[1])
    with scene.core:
        assert served(scene, 2) == 2
        scene.publish([1], [3], lowers=[1], laddrs=[])
        assert served(scene, 9) == 0
        assert scene.core.verdicts()["no-local-port"] == 9
        scene.publish([1], [3], lowers=[1], laddrs=[LIP])
        assert served(scene, 9) == 1


@SCHEDS
def test_reaching_the_upper_threshold_closes_even_if_nobody_asks(sched: str) -> None:
    """LVS marks a dest when its last place is taken: from 3 to 2 it stays closed, at 1 it opens."""
    scene = balanced(sched, [1], uppers=[3], lowers=[2])
    with scene.core:
        flows = [scene.open()[0] for _ in range(3)]
        for flow in flows:
            establish(flow)
        end(flows[0])
        assert scene.connect() is None
        end(flows[1])
        assert served(scene, 4) == 2


@SCHEDS
def test_full_within_one_turn_is_full_for_all_its_packets_and_not_after(sched: str) -> None:
    scene = balanced(sched, [1, 1], uppers=[1, 1])
    with scene.core:
        flows = [scene.open()[0] for _ in range(2)]
        assert served(scene, 5) == 0
        assert scene.core.verdicts()["dest-overload"] == 5
        for flow in flows:
            establish(flow)
        end(flows[1])
        assert scene.connect() == flows[1].dport - 1000
