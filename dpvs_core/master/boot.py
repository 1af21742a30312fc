"""From dpvs.conf to a running core: environment layer, ports, workers, kernel ports, first routes.

Each step says in the log what it decided. What fails is a StartError; the caller ends what was
begun by `Director.stop`.
"""

import logging
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dpvs_core import __version__
from dpvs_core.config.dpvs_model import Device as DeviceConf
from dpvs_core.config.dpvs_model import DpvsConf, Worker
from dpvs_core.control.messages import AddrAdd, AddrSpec, RouteAdd, RouteSpec
from dpvs_core.master import (
    addresses,
    carried,
    eal_args,
    kernel_port,
    link_local,
    memory_need,
    native_life,
    port_map,
    queues,
    routes,
    settings,
    steering,
    wire,
)
from dpvs_core.master.control_service import ControlService
from dpvs_core.master.counters import Counting
from dpvs_core.master.errors import EngineError, Refused, StartError
from dpvs_core.master.handlers import Facts, Handlers
from dpvs_core.master.ids import IdPool, Ids
from dpvs_core.master.inet import Ip
from dpvs_core.master.kernel_net import KernelNet
from dpvs_core.master.listings import Worker as WorkerRow
from dpvs_core.master.machine import Machine, beside
from dpvs_core.master.native_engine import NativeEngine
from dpvs_core.master.publish import Publication
from dpvs_core.master.queues import Queues
from dpvs_core.master.state import By, Device, Draft, State

EQUAL_QUEUES = frozenset({"net_tap"})
"""Drivers that take as many receive as transmit queues."""

BY_CONF = By("conf", "dpvs.conf")


@dataclass(slots=True)
class Director:
    """What runs: filled step by step by `boot`, ended by `stop`."""

    conf: DpvsConf
    conf_file: str
    log: logging.Logger
    hugepages: bool = False
    core: Any = None
    eal_runs: bool = False
    devices: list[tuple[DeviceConf, Device, native_life.Port]] = field(default_factory=list)
    assigned: dict[str, Queues] = field(default_factory=dict)
    workers: list[WorkerRow] = field(default_factory=list)
    handlers: Handlers | None = None
    service: ControlService | None = None

    def stop(self) -> None:
        """Stop workers, core and environment layer; kernel ports stay."""
        if self.core is not None:
            native_life.stop(self.core)
            self.core = None
        if self.eal_runs:
            native_life.eal_stop()
            self.eal_runs = False

    def reload(self, conf: DpvsConf) -> list[str]:
        """Take over what may change; names of what would need a restart."""
        native_life.settings_set(self.core, settings.core_settings(conf))
        pending = settings.needs_restart(self.conf, conf)
        return pending


def boot(director: Director, eal_words: tuple[str, ...], machine: Machine) -> None:
    """Bring the core up; StartError. Clients may be served as soon as it returns."""
    conf, log = director.conf, director.log
    plan = eal_args.plan(conf, eal_words, machine)
    for line in plan.lines:
        log.info("%s", line)
    log.info("%s: %s", native_life.dpdk_version(), " ".join(plan.argv[1:]))
    native_life.eal_start(plan.argv)
    director.eal_runs = True
    director.hugepages = bool(plan.hugepages)
    _check_lcores(plan.worker_lcores)
    _keep_off(plan.worker_lcores, machine, log)
    workers = eal_args.forwarding_workers(conf)
    mapped = _ports(director)
    size = memory_need.sizes(conf, len(workers))
    director.core = native_life.create(size, plan.worker_lcores)
    _add_devices(director, mapped, workers)
    native_life.steer(director.core)
    _worker_rows(director, workers, plan.worker_lcores)
    if conf.global_defs.kni:
        _kernel_ports(director, machine)
    native_life.settings_set(director.core, settings.core_settings(conf))
    native_life.start(director.core)
    _assemble(director, size)
    _first_rows(director)


def _check_lcores(wanted: tuple[int, ...]) -> None:
    enabled = native_life.lcores()
    missing = [lcore for lcore in wanted if lcore not in enabled]
    if missing:
        raise StartError(
            f"dpvs.conf's workers want lcores {_list(wanted)}, the environment layer has "
            f"{_list(enabled)}: give -- -l with {_list(missing)} too, or change cpu_id"
        )


def _keep_off(worker_lcores: tuple[int, ...], machine: Machine, log: logging.Logger) -> None:
    """The environment layer pinned us to the main lcore's CPU: take all that no worker has."""
    cpus = beside(map(native_life.lcore_cpus, worker_lcores), machine.cpus)
    os.sched_setaffinity(0, cpus)
    log.info("The master runs on CPU %s", _list(cpus))


def _ports(director: Director) -> list[tuple[DeviceConf, native_life.Port]]:
    ports = {port.id: port for port in native_life.ports()}
    names = {id_: port.name for id_, port in ports.items()}
    mapped, warnings = port_map.map_ports(director.conf.netif_defs.devices, names)
    for line in warnings:
        director.log.warning("%s", line)
    return [(device, ports[id_]) for device, id_ in mapped]


def _add_devices(
    director: Director, mapped: list[tuple[DeviceConf, native_life.Port]], workers: list[Worker]
) -> None:
    for device, port in mapped:
        equal = port.driver in EQUAL_QUEUES
        chosen = queues.assign(device.name, workers, port.max_rx_queues, port.max_tx_queues, equal)
        number = native_life.device_add(director.core, native_life.DeviceConf(
            name=device.name, port_id=port.id, n_rxq=chosen.n_rxq, n_txq=chosen.n_txq,
            n_rxd=device.rx.descriptor_number, n_txd=device.tx.descriptor_number,
            mtu=device.mtu, promisc=device.promisc_mode, allmulticast=device.allmulticast,
            fast_free=device.tx.mbuf_fast_free,
        ))  # fmt: skip
        for worker, (rxq, txq) in enumerate(zip(chosen.rxq, chosen.txq, strict=True)):
            native_life.device_poll(director.core, worker, number, rxq, txq)
        kni = device.kernel_port if director.conf.global_defs.kni else ""
        row = Device(device.name, kni, device.mtu)
        director.devices.append((device, row, port))
        director.assigned[device.name] = chosen
        director.log.info(
            "Port %s: %s (%s), MAC %s, receive queues: %d",
            device.name, port.name, port.driver, port.mac.hex(":"), chosen.n_rxq,
        )  # fmt: skip


def _worker_rows(director: Director, workers: list[Worker], lcores: tuple[int, ...]) -> None:
    """The queues each worker really has, in file order of the devices."""
    for number, (worker, lcore) in enumerate(zip(workers, lcores, strict=True)):
        polled = tuple(
            f"{device}:{direction}{ids[number]}"
            for device, chosen in director.assigned.items()
            for direction, ids in (("rx", chosen.rxq), ("tx", chosen.txq))
            if ids[number] != queues.NONE
        )
        director.workers.append(WorkerRow(lcore, 0, polled))
        words = " ".join(polled) or "no queue of its own"
        director.log.info("Worker %s: lcore %d, %s", worker.name, lcore, words)


def _kernel_ports(director: Director, machine: Machine) -> None:
    with KernelNet() as net:
        for number, (device, row, port) in enumerate(director.devices):
            backend, why = kernel_port.choose_backend(device, machine)
            made = net.prepare(row.kernel_port)
            name, args = kernel_port.vdev(backend, number, row.kernel_port, port.mac)
            native_life.device_kernel(director.core, number, native_life.vdev_add(name, args))
            changes = net.configure(device, port.mac)
            _silence(director, wire.interface_of(device.vdev))
            director.log.info(
                "Kernel port %s: %s (%s), %s%s", row.kernel_port, backend, why,
                "made" if made else "taken over", "".join(f", {text}" for text in changes),
            )  # fmt: skip


def _silence(director: Director, interface: str) -> None:
    if not interface:
        return
    try:
        changed = wire.silence(interface)
    except OSError as error:
        director.log.warning(
            "Linux may answer on %s beside its kernel port: %s; set %s",
            interface, error, wire.remedy(interface),
        )  # fmt: skip
        return
    if changed:
        director.log.info("Linux is silent on %s: %s", interface, " ".join(changed))


def _assemble(director: Director, size: memory_need.Sizes) -> None:
    engine = NativeEngine(director.core)
    counting = Counting(engine, len(director.workers))
    state = State(
        tuple(row for _, row, _ in director.devices),
        Ids(memory_need.MAX_DESTS),
        IdPool(memory_need.MAX_LADDRS),
        carried.ways(engine.fwd_rows()),
    )
    started_s = time.monotonic()
    uptime_s: Callable[[], float] = lambda: time.monotonic() - started_s  # noqa: E731
    facts = Facts(
        dpvs_version=__version__, dpdk_version=native_life.dpdk_version(),
        instance=secrets.token_hex(8), pid=os.getpid(), hugepages=director.hugepages,
        conn_pool=size.conns_per_worker * size.n_workers, conf_file=director.conf_file,
        uptime_s=uptime_s,
    )  # fmt: skip
    publication = Publication(state, engine, counting)
    director.handlers = Handlers(
        state, engine, publication, counting, director.workers, facts, time.monotonic
    )
    director.service = ControlService(director.handlers, time.monotonic, director.log)
    for number, device in enumerate(state.devices):
        words = steering.line(engine.steering(number))
        director.log.info("Port %s: steering: %s", device.name, words)


def _first_rows(director: Director) -> None:
    """A link-local address for each device; and what Linux has on a kernel port goes there: a
    route of scope kni_host an address."""
    assert director.handlers is not None
    draft = director.handlers.draft(BY_CONF)
    defs = director.conf.ipv6_defs
    if link_local.mode_of(defs) != defs.addr_gen_mode:
        director.log.warning(
            "ipv6_defs: addr_gen_mode %s needs stable_secret; %s is used",
            defs.addr_gen_mode, link_local.mode_of(defs),
        )  # fmt: skip
    for device, row, port in director.devices:
        ip = link_local.link_local(defs, device.name, port.mac, secrets.token_bytes)
        if ip is not None:
            add_link_local(draft, device.name, ip)
        for text in device.kni.addresses if row.kernel_port else ():
            add_kernel_address(draft, device.name, text, director.log)
    try:
        director.handlers.publication.commit_stack(draft)
    except (Refused, EngineError) as error:
        raise StartError(f"the first addresses and routes: {error}") from None


def add_link_local(draft: Draft, dev: str, ip: Ip) -> None:
    spec = AddrSpec(prefix=f"{ip}/{link_local.PLEN}", dev=dev, scope="link")
    addresses.add(draft, AddrAdd(addr=spec))


def add_kernel_address(draft: Draft, dev: str, prefix: str, log: logging.Logger) -> None:
    addr = prefix.partition("/")[0]
    spec = RouteSpec(prefix=addr, dev=dev, scope="kni_host")
    try:
        routes.add(draft, RouteAdd(route=spec))
    except Refused as refused:
        log.warning("kernel port of %s: %s: %s", dev, prefix, refused.message)


def _list(numbers: tuple[int, ...] | list[int]) -> str:
    return ",".join(map(str, numbers)) or "none"
