"""Many dests and workers, thresholds, connections that come and go: pick for pick as the slow
oracles of oracle/lvs.py have it."""

from collections.abc import Sequence
from random import Random

import pytest

from tests.dpvs_core.lb.sched_scene import Balanced, balanced, establish
from tests.oracle.lvs import LeastConnection, RoundRobin, Threshold, WeightedRoundRobin
from tests.oracle.wire import RST
from tests.steps.scene import Flow


class Campaign:
    """Random openings, changes and endings on one service, each pick foretold."""

    def __init__(self, scene: Balanced, uppers: Sequence[int], lowers: Sequence[int]) -> None:
        self.scene = scene
        self.limits = [Threshold(u, low) for u, low in zip(uppers, lowers, strict=True)]
        self.flows: list[Flow] = []
        self.views = [LeastConnection() for _ in range(scene.core.n_workers)]
        self.turns: dict[str, RoundRobin | WeightedRoundRobin] = {
            "RR": RoundRobin(len(uppers)),
            "WRR": WeightedRoundRobin(scene.weights),
        }

    def loads(self, worker: int) -> tuple[list[int], list[int]]:
        """Of the worker itself and of the others."""
        by_worker = [
            [256 * active + inactive for active, inactive in self.scene.conns(w)]
            for w in range(self.scene.core.n_workers)
        ]
        total = [sum(column) for column in zip(*by_worker, strict=True)]
        own = by_worker[worker]
        return own, [t - o for t, o in zip(total, own, strict=True)]

    def foretold(
        self, worker: int, was: list[int], loads: tuple[list[int], list[int]]
    ) -> int | None:
        weights = self.scene.weights

        def usable(i: int) -> bool:
            return weights[i] > 0 and self.limits[i].has_room(was[i])

        if self.scene.sched in self.turns:
            return self.turns[self.scene.sched].pick(usable)
        now_ms = self.scene.core.now_us // 1000
        return self.views[worker].pick(now_ms, weights, *loads, usable)

    def open(self, establishes: bool) -> None:
        was = self.scene.n_conns()
        loads = [self.loads(w) for w in range(self.scene.core.n_workers)]
        flow, got = self.scene.open()
        worker = self.scene.worker
        assert got == self.foretold(worker, was, loads[worker])
        if got is None:
            return
        self.limits[got].has_room(was[got] + 1)
        if establishes:
            establish(flow)
            self.flows.append(flow)

    def publish(self, weights: list[int], uppers: list[int]) -> None:
        self.limits = [Threshold(upper) for upper in uppers]
        self.scene.publish(weights, uppers)
        for view in self.views:
            view.published()

    def turn(self, kind: str, n: int, randomness: Random) -> None:
        if kind == "open":
            self.open(establishes=bool(n % 2))
        elif kind == "reset" and self.flows:
            self.flows.pop(n % len(self.flows)).client(RST)
        elif kind == "time":
            self.scene.core.pass_time(n % 4, slice_s=1)
        elif kind == "soon":
            self.scene.core.step(1000 * (n % 12))
        elif kind == "publish" and self.scene.sched == "WLC":
            n_dests = len(self.scene.weights)
            self.publish(
                [randomness.choice((0, 1, 1, 2, 5, 100)) for _ in range(n_dests)],
                [randomness.choice((0, 0, 1, 2, 4)) for _ in range(n_dests)],
            )


KINDS = (*["open"] * 8, "reset", "reset", "time", "soon", "soon", "publish")


@pytest.mark.parametrize("sched", ["RR", "WRR", "WLC"])
@pytest.mark.parametrize("seed", range(60))
def test_every_pick_is_the_oracles(sched: str, seed: int) -> None:
    randomness = Random(seed)
    n_dests = randomness.randrange(1, 12)
    weights = [randomness.randrange(10) for _ in range(n_dests)]
    uppers = [randomness.choice((0, 0, 1, 2, 3)) for _ in range(n_dests)]
    lowers = [min(randomness.randrange(4), upper) for upper in uppers]
    n_workers = randomness.randrange(1, 4)
    scene = balanced(sched, weights, n_workers, uppers=uppers, lowers=lowers)
    with scene.core:
        campaign = Campaign(scene, uppers, lowers)
        for _ in range(60):
            campaign.turn(randomness.choice(KINDS), randomness.randrange(100), randomness)


@pytest.mark.parametrize("n_dests", [63, 64, 65, 300])
@pytest.mark.parametrize("n_weights", [1, 3, 200])
def test_wrr_keeps_the_order_among_many(n_dests: int, n_weights: int) -> None:
    randomness = Random(n_dests * n_weights)
    weights = [randomness.randrange(n_weights + 1) for _ in range(n_dests)]
    oracle = WeightedRoundRobin(weights)
    scene = balanced("WRR", weights)
    with scene.core:
        for _ in range(900):
            assert scene.connect() == oracle.pick(lambda i: weights[i] > 0)


def test_wrr_is_exact_with_large_weights_and_no_common_divisor() -> None:
    weights = [65535, 3, 65521, 0, 65519]
    oracle = WeightedRoundRobin(weights)
    scene = balanced("WRR", weights)
    with scene.core:
        got = [scene.connect() for _ in range(60)]
    assert got == [oracle.pick(lambda i: weights[i] > 0) for _ in range(60)]
    assert set(got) == {0, 2, 4}


def test_wrr_skips_full_dests_over_a_long_stretch() -> None:
    """The dest with nearly all turns is full: the others have theirs in the order of LVS."""
    weights = [60000, 7, 5, 1]
    limits = [Threshold(2), Threshold(), Threshold(), Threshold()]
    oracle = WeightedRoundRobin(weights)
    scene = balanced("WRR", weights, uppers=[2, 0, 0, 0])
    with scene.core:
        for _ in range(40):
            was = scene.n_conns()

            def usable(i: int, was: list[int] = was) -> bool:
                return limits[i].has_room(was[i])

            assert scene.connect() == oracle.pick(usable)


@pytest.mark.parametrize("n_workers", [1, 2])
def test_wlc_among_a_thousand(n_workers: int) -> None:
    randomness = Random(n_workers)
    weights = [randomness.choice((0, 1, 2, 3, 50)) for _ in range(1000)]
    scene = balanced("WLC", weights, n_workers)
    with scene.core:
        campaign = Campaign(scene, [0] * 1000, [0] * 1000)
        for n in range(70):
            campaign.open(establishes=n % 3 == 0)
            if n % 7 == 0:
                campaign.turn("soon", n, randomness)
            if n % 25 == 0:
                campaign.publish(weights, [0] * 1000)
