"""The environment layer's arguments: from dpvs.conf, the command line and what is free. Pure.

What the command line says about a subject (memory, lcores, PCI, ...) is taken as it is; only the
subjects it leaves open are decided here. Each decision has a line for the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dpvs_core.config.dpvs_model import DpvsConf, Worker
from dpvs_core.master.errors import StartError
from dpvs_core.master.machine import Machine
from dpvs_core.master.memory_need import need_mib, sizes

MEMORY_OPTIONS = (
    "-m", "--in-memory", "--no-huge", "--socket-mem", "--legacy-mem", "--huge-dir",
    "--single-file-segments", "--huge-unlink",
)  # fmt: skip
LCORE_OPTIONS = ("-l", "-c", "--lcores", "-s", "-S")
MAIN_OPTIONS = ("--main-lcore",)
PCI_OPTIONS = ("-a", "--allow", "-b", "--block", "--no-pci")


@dataclass(frozen=True, slots=True)
class EalPlan:
    """`argv` for eal_start, what the log shall say, and what was decided."""

    argv: tuple[str, ...]
    lines: tuple[str, ...]
    hugepages: bool | None  # None: as the command line says
    main_lcore: int
    worker_lcores: tuple[int, ...]


def plan(conf: DpvsConf, user: Sequence[str], machine: Machine, program: str = "dpvs") -> EalPlan:
    """Decide; StartError with the remedy where the machine has too little."""
    workers = forwarding_workers(conf)
    if not workers:
        raise StartError("dpvs.conf has no worker of type slave: nothing would forward packets")
    argv: list[str] = [program]
    lines: list[str] = []
    hugepages = _memory(conf, user, machine, len(workers), argv, lines)
    main = next((row.cpu_id for row in conf.worker_defs.workers if row.type == "master"), 0)
    lcores = tuple(row.cpu_id for row in workers)
    _lcores(main, lcores, user, machine, argv, lines)
    _pci(conf, user, argv)
    if not gives(user, ("--no-telemetry", "--telemetry")):
        argv.append("--no-telemetry")
    if not gives(user, ("--iova-mode",)):
        argv.append("--iova-mode=va")
    for device in conf.netif_defs.devices:
        if device.vdev is not None:
            args = f",{device.vdev.args}" if device.vdev.args else ""
            argv.append(f"--vdev={device.vdev.driver}{args}")
    return EalPlan((*argv, *user), tuple(lines), hugepages, main, lcores)


def forwarding_workers(conf: DpvsConf) -> list[Worker]:
    """The workers that forward, in file order; worker 0 is the first."""
    return [row for row in conf.worker_defs.workers if row.type == "slave"]


def gives(user: Sequence[str], options: Sequence[str]) -> bool:
    """Whether one of these options is among the words: `-m 64`, `-m64`, `--a=b`, `--a b`."""
    for word in user:
        name = word.split("=", 1)[0]
        if name in options:
            return True
        short = word[:2]
        if not word.startswith("--") and len(word) > 2 and short in options:
            return True
    return False


def _memory(
    conf: DpvsConf, user: Sequence[str], machine: Machine, n_workers: int,
    argv: list[str], lines: list[str],
) -> bool | None:  # fmt: skip
    size = sizes(conf, n_workers)
    need = need_mib(size)
    what = f"{size.n_mbufs} packets, {n_workers} x {size.conns_per_worker} connections"
    if gives(user, MEMORY_OPTIONS):
        lines.append(f"Memory: as given on the command line (needs about {need} MB: {what})")
        return None
    if machine.hugepages_mib >= need:
        argv.append("--in-memory")
        lines.append(f"Memory: hugepages, {machine.hugepages_mib} MB free, needs {need} MB: {what}")
        return True
    if machine.memory_mib >= need:
        argv += ["--no-huge", "--no-shconf", "-m", str(need)]
        lines.append(
            f"Memory: ordinary pages, as {machine.hugepages_mib} MB of hugepages are free "
            f"and it needs {need} MB: {what}"
        )
        return False
    raise StartError(
        f"too little memory: needs {need} MB ({what}), has {machine.hugepages_mib} MB of free "
        f"hugepages and {machine.memory_mib} MB of other memory; make pktpool_size or "
        "conn_pool_size in dpvs.conf smaller, or give it more"
    )


def _lcores(
    main: int, lcores: tuple[int, ...], user: Sequence[str], machine: Machine,
    argv: list[str], lines: list[str],
) -> None:  # fmt: skip
    if gives(user, LCORE_OPTIONS):
        lines.append("Lcores: as given on the command line")
        if not gives(user, MAIN_OPTIONS):
            argv.append(f"--main-lcore={main}")
        return
    cpus = ",".join(map(str, machine.cpus))
    floating = ",".join(f"{lcore}@({cpus})" for lcore in (main, *lcores))
    argv += [f"--lcores={floating}", f"--main-lcore={main}"]
    lines.append(
        f"Lcores: {len(lcores) + 1} threads float over {len(machine.cpus)} CPUs "
        "(give -- -l LIST to pin them)"
    )


def _pci(conf: DpvsConf, user: Sequence[str], argv: list[str]) -> None:
    """Never probe PCI for nothing: the machine's own network card may be there."""
    from_pci = any(device.vdev is None for device in conf.netif_defs.devices)
    if not from_pci and not gives(user, PCI_OPTIONS):
        argv.append("--no-pci")
