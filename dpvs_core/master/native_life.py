"""Starting and stopping the environment layer and the core: the native calls of a start.

In this order: eal_start, ports, create, device_add and device_poll, steer, kernel ports,
settings_set, start; at the end stop, destroy, eal_stop. All in the one thread that calls the core
ever after.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dpvs_core.master import memory_need
from dpvs_core.master.errors import EngineError, StartError
from dpvs_core.master.memory_need import Sizes
from dpvs_core.master.native import checked, ffi, lib, new_err, text

MAX_CPUS = 1024  # of a cpu_set_t


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the environment layer."""

    id: int
    name: str
    driver: str
    mac: bytes
    max_rx_queues: int
    max_tx_queues: int


def dpdk_version() -> str:
    return text(lib.eal_version())


def eal_start(argv: Sequence[str]) -> None:
    """Start it; StartError with its sentence."""
    words = [ffi.new("char[]", word.encode()) for word in argv]
    array = ffi.new("char *[]", [*words, ffi.NULL])
    err = new_err()
    _started("eal_start", lib.eal_start(len(words), array, err), err)


def eal_stop() -> None:
    lib.eal_stop()


def ports() -> list[Port]:
    return [port(id_) for id_ in range(lib.eal_port_count())]


def port(id_: int) -> Port:
    row = ffi.new("struct eal_port *")
    _started("eal_port_get", lib.eal_port_get(id_, row), None)
    return Port(
        id_, text(row.name), text(row.driver), bytes(row.mac), row.max_rx_queues, row.max_tx_queues
    )


def lcores() -> list[int]:
    """Enabled lcores but the main one."""
    ids = ffi.new("uint32_t[]", 128)
    return list(ids[0 : checked("eal_lcores", lib.eal_lcores(ids, 128))])


def lcore_cpus(lcore: int) -> list[int]:
    """The processors that its thread may run on."""
    cpus = ffi.new("uint32_t[]", MAX_CPUS)
    return list(cpus[0 : checked("eal_lcore_cpus", lib.eal_lcore_cpus(lcore, cpus, MAX_CPUS))])


def vdev_add(name: str, args: str) -> int:
    """Make a port after the start; its id."""
    err = new_err()
    return _started("eal_vdev_add", lib.eal_vdev_add(name.encode(), args.encode(), err), err)


def create(size: Sizes, worker_lcores: Sequence[int]) -> Any:
    """The core; StartError where its memory is not there."""
    conf = ffi.new("struct core_conf *")
    conf.n_workers = size.n_workers
    conf.worker_lcore[0 : size.n_workers] = list(worker_lcores)
    conf.conn_pool = size.conns_per_worker
    conf.max_dests = memory_need.MAX_DESTS
    conf.max_laddrs = memory_need.MAX_LADDRS
    conf.max_nexthops = memory_need.MAX_NEXTHOPS
    conf.lport_pools = size.lport_pools
    conf.frag_sets, conf.frag_set_entries = size.frag_sets, size.frag_set_entries
    conf.n_mbufs = size.n_mbufs
    conf.mbuf_cache = size.mbuf_cache
    conf.hash_key = secrets.randbits(32)
    conf.isn_key = [secrets.randbits(32) for _ in range(4)]
    conf.isn_epoch_us = time.time_ns() // 1000  # give or take the second until the threads start
    err = new_err()
    core = lib.core_create(conf, err)
    if core == ffi.NULL:
        raise StartError(f"the core cannot be made: {text(err)}")
    return core


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConf:
    """struct core_device_conf."""

    name: str
    port_id: int
    n_rxq: int
    n_txq: int
    n_rxd: int
    n_txd: int
    mtu: int
    promisc: bool
    allmulticast: bool
    fast_free: bool


def device_add(core: Any, conf: DeviceConf) -> int:
    """Set a port up and start it; the device's number."""
    row = ffi.new("struct core_device_conf *")
    row.name = conf.name.encode()
    row.port_id, row.mtu = conf.port_id, conf.mtu
    row.n_rxq, row.n_txq, row.n_rxd, row.n_txd = conf.n_rxq, conf.n_txq, conf.n_rxd, conf.n_txd
    row.promisc, row.allmulticast = conf.promisc, conf.allmulticast
    row.fast_free = conf.fast_free
    err = new_err()
    return _started(f"device {conf.name}", lib.core_device_add(core, row, err), err)


def device_poll(core: Any, worker: int, dev: int, rxq: int, txq: int) -> None:
    _started("core_device_poll", lib.core_device_poll(core, worker, dev, rxq, txq), None)


def device_kernel(core: Any, dev: int, port_id: int) -> None:
    err = new_err()
    _started("core_device_kernel", lib.core_device_kernel(core, dev, port_id, err), err)


def steer(core: Any) -> None:
    """Choose how each device steers, once all its queues have their workers."""
    _started("core_steer", lib.core_steer(core), None)


def settings_set(core: Any, values: dict[str, int | list[int]]) -> None:
    """core_settings_set of the defaults with `values` over them."""
    row = ffi.new("struct core_settings *")
    lib.core_settings_default(row)
    for name, value in values.items():
        setattr(row, name, value)
    checked("core_settings_set", lib.core_settings_set(core, row))


def start(core: Any) -> None:
    _started("core_start", lib.core_start(core), None)


def stop(core: Any) -> None:
    lib.core_stop(core)
    lib.core_destroy(core)


def _started(call: str, result: int, err: Any) -> int:
    try:
        return checked(call, result, err)
    except EngineError as error:
        raise StartError(str(error)) from None
