"""What the environment layer is given, by configuration, command line and what is free."""

import msgspec
import pytest

from dpvs_core.config.dpvs_model import (
    ConnDefs,
    Device,
    DpvsConf,
    IpvsDefs,
    NetifDefs,
    SaPool,
    Vdev,
    Worker,
    WorkerDefs,
)
from dpvs_core.master.eal_args import gives, plan
from dpvs_core.master.errors import StartError
from dpvs_core.master.machine import Machine, meminfo_kib
from dpvs_core.master.memory_need import need_mib, sizes

VETH = Device(name="dpdk0", vdev=Vdev(driver="net_af_packet0", args="iface=veth0"))
NULL = Device(name="dpdk0", vdev=Vdev(driver="net_null0"))
NIC = Device(name="dpdk0")


def conf(*devices: Device, workers: int = 1, cpu_ids: tuple[int, ...] = ()) -> DpvsConf:
    rows = [Worker(name="cpu0", type="master", cpu_id=0)]
    for n in range(workers):
        cpu_id = cpu_ids[n] if cpu_ids else n + 1
        rows.append(Worker(name=f"cpu{n + 1}", type="slave", cpu_id=cpu_id))
    return DpvsConf(
        netif_defs=NetifDefs(pktpool_size=16383, devices=devices),
        worker_defs=WorkerDefs(workers=tuple(rows)),
        ipvs_defs=IpvsDefs(conn=ConnDefs(conn_pool_size=65536)),
    )


PLAIN = Machine(cpus=(0, 1), hugepages_mib=0, memory_mib=8000, has_vhost_net=False)
HUGE = Machine(cpus=(0, 1), hugepages_mib=4000, memory_mib=8000, has_vhost_net=False)
MANY = Machine(cpus=tuple(range(16)), hugepages_mib=0, memory_mib=8000, has_vhost_net=False)
NEED = need_mib(sizes(conf(VETH), 1))

CASES = {
    "ordinary memory": (
        conf(VETH), "", PLAIN,
        f"--no-huge --no-shconf -m {NEED} --lcores=0@(0,1),1@(0,1) --main-lcore=0 --no-pci "
        "--no-telemetry --iova-mode=va --vdev=net_af_packet0,iface=veth0"),
    "hugepages": (
        conf(NULL), "", HUGE,
        "--in-memory --lcores=0@(0,1),1@(0,1) --main-lcore=0 --no-pci --no-telemetry "
        "--iova-mode=va --vdev=net_null0"),
    "a network card": (
        conf(NIC), "-a 0000:02:00.0 -l 0-1", HUGE,
        "--in-memory --main-lcore=0 --no-telemetry --iova-mode=va -a 0000:02:00.0 -l 0-1"),
    "a device that must be PCI": (
        conf(NIC), "-l0,1", HUGE,
        "--in-memory --main-lcore=0 --no-telemetry --iova-mode=va -l0,1"),
    "a card beside a vdev": (
        conf(VETH), "--allow=0000:02:00.0", HUGE,
        "--in-memory --lcores=0@(0,1),1@(0,1) --main-lcore=0 --no-telemetry --iova-mode=va "
        "--vdev=net_af_packet0,iface=veth0 --allow=0000:02:00.0"),
    "everything given": (
        conf(NULL), "-m 64 --no-huge --lcores 0@0 --main-lcore 0 --telemetry --iova-mode=pa", HUGE,
        "--no-pci --vdev=net_null0 -m 64 --no-huge --lcores 0@0 --main-lcore 0 --telemetry "
        "--iova-mode=pa"),
    "lcores by cpu_id": (
        conf(NULL, workers=2, cpu_ids=(4, 7)), "--in-memory", MANY,
        "--lcores=0@({0}),4@({0}),7@({0}) --main-lcore=0 --no-pci --no-telemetry --iova-mode=va "
        "--vdev=net_null0 --in-memory".replace("{0}", ",".join(map(str, range(16))))),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_arguments(name: str) -> None:
    configuration, user, machine, expected = CASES[name]
    made = plan(configuration, user.split(), machine)
    assert " ".join(made.argv) == f"dpvs {expected}"


def test_the_decision_about_memory_is_said() -> None:
    assert plan(conf(VETH), [], PLAIN).lines[0] == (
        f"Memory: ordinary pages, as 0 MB of hugepages are free and it needs {NEED} MB: "
        "16383 packets, 1 x 65536 connections"
    )
    assert plan(conf(VETH), [], PLAIN).hugepages is False
    assert plan(conf(VETH), [], HUGE).hugepages is True
    assert plan(conf(VETH), ["-m", "900"], HUGE).hugepages is None


def test_too_little_memory_names_need_and_remedy() -> None:
    tiny = Machine(cpus=(0,), hugepages_mib=10, memory_mib=20, has_vhost_net=False)
    with pytest.raises(StartError) as error:
        plan(conf(VETH), [], tiny)
    text = str(error.value)
    assert f"needs {NEED} MB" in text and "has 10 MB of free hugepages and 20 MB" in text
    assert "pktpool_size" in text


def test_a_file_without_forwarding_workers() -> None:
    with pytest.raises(StartError, match="no worker of type slave"):
        plan(conf(VETH, workers=0), [], HUGE)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_need_counts_packets_and_connections(workers: int) -> None:
    """Every worker has its part of the connections, and the packets are there once."""
    size = sizes(conf(VETH), workers)
    assert size.conns_per_worker * workers >= 65536
    assert need_mib(size) * 2**20 > size.n_mbufs * 2304 + workers * size.conns_per_worker * 128


def test_gives() -> None:
    assert gives(["-a0000:02:00.0"], ("-a",))
    assert gives(["--socket-mem=64"], ("--socket-mem",))
    assert not gives(["--allowed", "x-a"], ("-a", "--allow"))


def test_meminfo() -> None:
    text = "MemAvailable:   24256 kB\nHugePages_Free:    12\nHugepagesize:  2048 kB\nX:\n"
    assert meminfo_kib(text) == {"MemAvailable": 24256, "HugePages_Free": 12, "Hugepagesize": 2048}


def test_local_ports_need_none_of_it() -> None:
    """They are ordinary memory, taken when used: no pages for addresses that may never come."""
    many = msgspec.structs.replace(conf(VETH), sa_pool=SaPool(pool_hash_size=128))
    assert need_mib(sizes(many, 1)) == NEED
