"""Which device is which port, which worker polls which queue, how kernel ports are made."""

import pytest

from dpvs_core.config.dpvs_model import Device, Kni, Vdev, Worker, WorkerPort
from dpvs_core.master.errors import StartError
from dpvs_core.master.kernel_port import (
    Difference,
    FoundLink,
    choose_backend,
    difference,
    must_create,
    vdev,
)
from dpvs_core.master.machine import Machine
from dpvs_core.master.port_map import map_ports
from dpvs_core.master.queues import Queues, assign

A, B = Device(name="dpdk0"), Device(name="dpdk1")
V = Device(name="dpdk9", vdev=Vdev(driver="net_tap0"))

MAPS = {
    "in file order": ((A, B), {0: "02:00.0", 1: "02:00.1"}, {"dpdk0": 0, "dpdk1": 1}),
    "a vdev by its name": ((V, A), {0: "02:00.0", 1: "net_tap0"}, {"dpdk9": 1, "dpdk0": 0}),
    "a vdev between cards": (
        (A, V, B), {0: "02:00.0", 1: "02:00.1", 2: "net_tap0"},
        {"dpdk0": 0, "dpdk9": 2, "dpdk1": 1}),
    "fewer ports": ((A, B), {0: "02:00.0"}, {"dpdk0": 0}),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_ports_of_devices(name: str) -> None:
    devices, ports, expected = MAPS[name]
    mapped, warnings = map_ports(devices, ports)
    assert {device.name: port for device, port in mapped} == expected
    assert len(warnings) == len(devices) - len(expected)


BAD_MAPS = {
    "more ports": ((A,), {0: "a", 1: "b"}, r"ports in DPDK RTE \(2\) != ports in dpvs.conf \(1\)"),
    "no port": ((A,), {}, r"ports in DPDK RTE \(0\) != ports in dpvs.conf \(1\)"),
    "the vdev was not made": ((V, A), {0: "02:00.0"}, "DPDK made no port net_tap0"),
}


@pytest.mark.parametrize("name", BAD_MAPS)
def test_ports_that_do_not_fit(name: str) -> None:
    devices, ports, pattern = BAD_MAPS[name]
    with pytest.raises(StartError, match=pattern):
        map_ports(devices, ports)


def worker(*ids: tuple[int, ...]) -> Worker:
    rx, tx = ids if len(ids) == 2 else (ids[0], ids[0])
    return Worker(name="w", ports=(WorkerPort(device="dpdk0", rx_queue_ids=rx, tx_queue_ids=tx),))


THREE = [worker((0,)), worker((1,)), worker((2,))]
QUEUES = {
    "as many as wanted": ((THREE, 16, 16, False), (3, 3, (0, 1, 2), (0, 1, 2))),
    "one queue only": ((THREE, 1, 1, False), (1, 1, (0, -1, -1), (0, -1, -1))),
    "two to receive": ((THREE, 2, 16, False), (2, 3, (0, 1, -1), (0, 1, 2))),
    "equal numbers": ((THREE, 2, 16, True), (2, 2, (0, 1, -1), (0, 1, -1))),
    "sends only": (
        ([worker((0,)), worker((), (1,))], 4, 4, False), (1, 2, (0, -1), (0, 1))),
}  # fmt: skip


@pytest.mark.parametrize("name", QUEUES)
def test_queues_of_workers(name: str) -> None:
    (workers, max_rx, max_tx, equal), expected = QUEUES[name]
    made = assign("dpdk0", workers, max_rx, max_tx, equal)
    assert (made.n_rxq, made.n_txq, made.rxq, made.txq) == expected
    assert isinstance(made, Queues)


def test_queues_nobody_would_poll_are_refused() -> None:
    with pytest.raises(StartError, match="several rx_queue_ids"):
        assign("dpdk0", [worker((0, 1))], 4, 4, False)
    with pytest.raises(StartError, match="would be lost"):
        assign("dpdk0", [worker((0,)), worker((), (1,))], 4, 4, True)


OURS = FoundLink("tun", 2, True, True, 0)


def test_a_kernel_port_is_made_or_taken_over() -> None:
    assert must_create("dpdk0.kni", None) is True
    assert must_create("dpdk0.kni", OURS) is False


FOREIGN = {
    "a live process": (FoundLink("tun", 2, True, True, 2), "another process is attached"),
    "another kind": (FoundLink("veth"), "a veth interface"),
    "a tun": (FoundLink("tun", 1, True, True, 0), "a tun interface"),
    "not persistent": (FoundLink("tun", 2, True, False, 0), "not a persistent"),
    "one queue": (FoundLink("tun", 2, False, True, 0), "not a persistent"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_ours_is_left_alone(name: str) -> None:
    found, pattern = FOREIGN[name]
    with pytest.raises(StartError, match=pattern):
        must_create("dpdk0.kni", found)


def test_a_name_linux_would_cut() -> None:
    with pytest.raises(StartError, match="longer than 15"):
        must_create("very-long-device.kni", None)


@pytest.mark.parametrize(
    ("backend", "vhost", "expected"),
    [
        ("auto", True, "virtio_user"),
        ("auto", False, "net_tap"),
        ("net_tap", True, "net_tap"),
        ("virtio_user", True, "virtio_user"),
        ("virtio_user", False, None),
    ],
)
def test_the_backend(backend: str, vhost: bool, expected: str | None) -> None:
    device = Device(name="dpdk0", kni=Kni(backend=backend))  # type: ignore[arg-type]
    machine = Machine(cpus=(0,), hugepages_mib=0, memory_mib=0, has_vhost_net=vhost)
    if expected is None:
        with pytest.raises(StartError, match="/dev/vhost-net"):
            choose_backend(device, machine)
    else:
        assert choose_backend(device, machine)[0] == expected


def test_the_vdev_is_given_the_mac() -> None:
    mac = bytes.fromhex("020000000c00")
    assert vdev("net_tap", 1, "dpdk1.kni", mac) == (
        "net_tap_kni1", "iface=dpdk1.kni,persist,mac=02:00:00:00:0c:00")  # fmt: skip
    name, args = vdev("virtio_user", 0, "dpdk0.kni", mac)
    assert (
        name == "virtio_user_kni0" and "path=/dev/vhost-net" in args and "iface=dpdk0.kni" in args
    )


def test_only_what_dpvs_made_is_removed() -> None:
    present = ["10.0.0.1/24", "10.0.0.2/24", "7.7.7.7/32"]
    made = difference(["10.0.0.1/24", "10.0.0.3/24"], present, ours=present[:2])
    assert made == Difference(add=("10.0.0.3/24",), remove=("10.0.0.2/24",))
