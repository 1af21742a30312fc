"""The packets' side of `control`: a real dpvs under traffic, told little. No time is judged."""

import importlib.util
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from dpvs_core.control.client import Client
from dpvs_core.control.messages import AddrDel, Info, InfoGet, Ok
from tests.bench import control_scenario, core_program
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.worker_cost import Reading, cycles_per_packet

LOAD = core_program.installed("dpvs-memif-load")
CPUS = sorted(os.sched_getaffinity(0))


TOLD = {
    "add_ms": 400.0,
    "weights_ms": 500.0,
    "longest_block_ms": 4.0,
    "addr_meanwhile": {"p50_ms": 2.0, "max_ms": 9.0},
}


def ask_once(
    socket_path: str, *, during_weights: Callable[[], AbstractContextManager[None]]
) -> dict[str, Any]:
    with during_weights(), Client("cli", "test", socket_path) as client:
        assert client.call(InfoGet(), Info).pid
    return TOLD


def ask_too_much(
    socket_path: str, *, during_weights: Callable[[], AbstractContextManager[None]]
) -> dict[str, Any]:
    with Client("cli", "test", socket_path) as client:
        client.call(AddrDel(prefix="192.0.2.1/32", dev="dpdk0"), Ok)
    return TOLD


def say_nothing(
    socket_path: str, *, during_weights: Callable[[], AbstractContextManager[None]]
) -> dict[str, Any]:
    return TOLD


@pytest.mark.skipif(not LOAD.exists(), reason=f"needs {LOAD.name}, which script/setup builds")
@pytest.mark.skipif(len(CPUS) < 2, reason="needs two processors")
@pytest.mark.skipif(
    importlib.util.find_spec("dpvs_core._native") is None,
    reason="needs the native module, which script/setup builds",
)
def test_cost_before_and_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_scenario, "BEFORE_S", 0.3)
    setting = Setting((CPUS[0], CPUS[1]), False, 1.0, Path("/nonexistent"), LOAD)
    made = control_scenario.beside_traffic(setting, Point(200, 64), ask_once)
    assert made["cycles_per_packet_before"] > 0
    assert made["cycles_per_packet"] > 0
    assert made["lost_packets"] >= 0
    assert (made["services_batch_s"], made["batch_s"]) == (0.4, 0.5)
    assert (made["address_p50_ms"], made["address_max_ms"]) == (2, 9)
    with pytest.raises(BenchError, match="were not read at that time"):
        control_scenario.beside_traffic(setting, Point(200, 64), say_nothing)
    with pytest.raises(BenchError, match=r"did not take the changes: .* no such address"):
        control_scenario.beside_traffic(setting, Point(200, 64), ask_too_much)


@pytest.mark.skipif(len(CPUS) < 2, reason="needs two processors")
def test_who_measures_keeps_off_the_worker_s_processor() -> None:
    with control_scenario.beside_worker((CPUS[0], CPUS[1])):
        assert os.sched_getaffinity(0) == set(CPUS) - {CPUS[1]}
    assert os.sched_getaffinity(0) == set(CPUS)


READINGS = [Reading(0, 0, 0), Reading(1, 5000, 50), Reading(2, 25000, 150), Reading(3, 25000, 150)]


def test_a_window_is_taken_wide() -> None:
    assert cycles_per_packet(READINGS, 0, 1) == 100
    assert cycles_per_packet(READINGS, 0.5, 1.5) == 166.7


@pytest.mark.parametrize(
    ("began_s", "ended_s", "why"),
    [
        (-1, 1, "were not read"),
        (1, 3.5, "were not read"),
        (2, 3, "no packet went through"),
    ],
)
def test_windows_without_a_figure(began_s: float, ended_s: float, why: str) -> None:
    with pytest.raises(BenchError, match=why):
        cycles_per_packet(READINGS, began_s, ended_s)
