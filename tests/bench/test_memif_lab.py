"""Real processes joined by memif: packets go through, nothing stays behind; no time is judged."""

import importlib.util
import os
from pathlib import Path

import pytest

from tests.bench import core_program, cpu_time, memif_lab, memif_scenario
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.memif_lab import Balancer, Lab
from tests.bench.scenario import Sample

LOAD = core_program.installed("dpvs-memif-load")
CPUS = sorted(os.sched_getaffinity(0))
POINT = Point(flows=300, packet_bytes=64)

pytestmark = [
    pytest.mark.skipif(not LOAD.exists(), reason=f"needs {LOAD.name}, which script/setup builds"),
    pytest.mark.skipif(len(CPUS) < 2, reason="needs two processors"),
]
NEEDS_CORE = pytest.mark.skipif(
    importlib.util.find_spec("dpvs_core._native") is None,
    reason="needs the native module, which script/setup builds",
)


def setting(balancer: str = "") -> Setting:
    cpus = (CPUS[0], CPUS[1])
    return Setting(cpus, False, 0.2, Path("/nonexistent"), LOAD, balancer)


def load(lab: Lab) -> list[Sample]:
    return [memif_scenario.measured(lab, 0.2)[1] for _ in range(2)]


@pytest.mark.parametrize(
    "balancer",
    [memif_lab.forwarder, pytest.param(memif_lab.dpvs, marks=NEEDS_CORE)],
    ids=["forwarder", "dpvs"],
)
@pytest.mark.parametrize("packet_bytes", [64, 1400])
def test_every_flow_is_answered(balancer: Balancer, packet_bytes: int) -> None:
    point = Point(POINT.flows, packet_bytes)
    with memif_lab.standing(setting(), point, balancer, "--seconds", "0.2") as lab:
        for sample in load(lab):
            assert sample["received"] > 0
            assert sample["wrong"] == 0
            assert sample["received"] <= sample["sent"]
        assert cpu_time.threads(lab.balancer.pid)
    for child in (lab.clients, lab.servers, lab.balancer):
        assert not child.running()
    assert not lab.control_socket.parent.exists()


def test_another_balancer_in_our_place() -> None:
    """The command is told where the sockets are; here it is the forwarder, by hand."""
    vdevs = " ".join(
        f"--vdev=net_memif{n},role=client,id=0,socket={{{name}}},socket-abstract=no"
        for n, name in enumerate(("clients", "servers"))
    )
    command = (
        f"{LOAD} --no-huge --no-shconf -m 128 --no-pci --no-telemetry --log-level=error -l {{cpu}} "
        f"{vdevs} -- forward --vip 10.1.0.100"
    )
    with memif_lab.standing(setting(command), POINT, memif_lab.other, "--seconds", "0.2") as lab:
        assert all(sample["received"] > 0 for sample in load(lab))


def test_a_balancer_that_does_not_start_is_said() -> None:
    missing = setting("/nonexistent/balancer {clients}")
    with (
        pytest.raises(BenchError, match="/nonexistent/balancer"),
        memif_lab.standing(missing, POINT, memif_lab.other),
    ):
        pass


def test_wrong_options_of_the_load_are_said() -> None:
    with (
        pytest.raises(BenchError, match="wrong option or value: --window many"),
        memif_lab.standing(setting(), POINT, memif_lab.forwarder, "--window", "many"),
    ):
        pass
