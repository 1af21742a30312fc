"""Quorum, sorry server and scripts: what is said and what is in use after each event."""

import pytest

from keepalivedpy.lvs import quorum, transition
from keepalivedpy.lvs.effects import Effect, Log, Notify
from keepalivedpy.lvs.names import RsKey
from keepalivedpy.lvs.pool import Pool, dead, members
from keepalivedpy.model.lvs import VirtualServer
from keepalivedpy.model.script import Script
from tests.keepalivedpy import lvs_models as models

A, B, SORRY = "10.0.0.1", "10.0.0.2", "10.0.0.9"
VS = "VS [192.0.2.254]:tcp:80"


def weights(vs: VirtualServer, pool: Pool) -> dict[str, int]:
    return {dest.addr: dest.weight for dest in members(vs, pool)}


def said(effects: list[Effect]) -> list[str]:
    return [e.text if isinstance(e, Log) else f"run {e.script.command}" for e in effects]


QUORUM = {  # quorum, hysteresis, was up, weight -> is up
    "gains at quorum": (2, 0, False, 2, True),
    "not below": (2, 0, False, 1, False),
    "keeps at quorum": (2, 0, True, 2, True),
    "loses below": (2, 0, True, 1, False),
    "hysteresis: gains above only": (3, 1, False, 3, False),
    "hysteresis: gains at the upper edge": (3, 1, False, 4, True),
    "hysteresis: keeps in between": (3, 1, True, 3, True),
    "hysteresis: keeps at the lower edge": (3, 1, True, 2, True),
    "hysteresis: loses below it": (3, 1, True, 1, False),
    "nothing alive is never quorum": (1, 5, True, 0, False),
}


@pytest.mark.parametrize("n, hysteresis, was, weight, expected", QUORUM.values(), ids=QUORUM)
def test_quorum(n: int, hysteresis: int, was: bool, weight: int, expected: bool) -> None:
    vs = models.virtual_server(quorum=n, hysteresis=hysteresis)
    assert quorum.judge(vs, was, weight) is expected


def test_the_sorry_server_stands_in_and_leaves() -> None:
    vs = models.virtual_server(
        models.server(A),
        models.server(B, inhibit_on_failure=True),
        quorum=200,
        sorry_server=models.server(SORRY, weight=1),
        quorum_up=Script("/up"),
        quorum_down=Script("/down"),
    )
    both = frozenset({RsKey(A, 80), RsKey(B, 80)})
    pool, effects = transition.start(vs, both)
    assert said(effects) == [f"Gained quorum 200+0=200 <= 200 for {VS}", "run /up"]
    pool, effects = transition.server_changed(vs, pool, RsKey(A, 80), False)
    assert said(effects) == [
        f"Removing service [{A}]:tcp:80 from {VS}",
        f"Lost quorum 200-0=200 > 100 for {VS}",
        f"Adding sorry server [{SORRY}]:tcp:80 to {VS}",
        f"Removing alive servers from the pool for {VS}",
        "run /down",
    ]
    assert weights(vs, pool) == {SORRY: 1, B: 0}
    pool, effects = transition.server_changed(vs, pool, RsKey(A, 80), True)
    assert said(effects) == [
        f"Adding service [{A}]:tcp:80 to {VS}",
        f"Gained quorum 200+0=200 <= 200 for {VS}",
        f"Removing sorry server [{SORRY}]:tcp:80 from {VS}",
        f"Adding alive servers to the pool for {VS}",
        "run /up",
    ]
    assert weights(vs, pool) == {A: 100, B: 100}


def test_without_a_sorry_server_lost_quorum_leaves_the_rest_in_use() -> None:
    vs = models.virtual_server(models.server(A), models.server(B), quorum=200)
    pool, _ = transition.start(vs, frozenset({RsKey(A, 80), RsKey(B, 80)}))
    pool, _ = transition.server_changed(vs, pool, RsKey(A, 80), False)
    assert (pool.quorum_up, weights(vs, pool)) == (False, {B: 100})


def test_the_same_state_again_says_nothing() -> None:
    vs = models.virtual_server(models.server(A, notify_down=Script("/gone")))
    pool, _ = transition.start(vs, frozenset({RsKey(A, 80)}))
    assert transition.server_changed(vs, pool, RsKey(A, 80), True) == (pool, [])
    pool, effects = transition.server_changed(vs, pool, RsKey(A, 80), False)
    assert Notify(Script("/gone"), "[192.0.2.254]:tcp:80") in effects


def test_a_reload_that_takes_the_sorry_server_away_puts_the_servers_back() -> None:
    plain = models.virtual_server(models.server(A), models.server(B), quorum=200)
    vs = models.virtual_server(models.server(A), models.server(B), quorum=200,
                               sorry_server=models.server(SORRY))  # fmt: skip
    pool, _ = transition.start(vs, frozenset({RsKey(A, 80)}))
    assert weights(vs, pool) == {SORRY: 100}
    pool, _ = transition.carry(plain, pool, pool.alive)
    assert weights(plain, pool) == {A: 100}
    pool, effects = transition.carry(vs, pool, pool.alive)
    assert said(effects)[0] == f"Adding sorry server [{SORRY}]:tcp:80 to {VS}"


def test_dead_servers_do_not_include_a_sorry_server_that_stands_in() -> None:
    vs = models.virtual_server(models.server(A), sorry_server=models.server(A, weight=1))
    pool, _ = transition.start(vs, frozenset())
    assert (weights(vs, pool), dead(vs, pool)) == ({A: 1}, frozenset())
