"""Clients, a balancer and servers, each a process, joined by memif sockets in a folder of its own.

What stands in the balancer's place is a `Balancer`: dpvs, the load program's `forward`, or any
command. The load listens first, on fresh sockets: memif does not start on a stale one.
"""

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import memif_plan, pages
from tests.bench.child import Child
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.memif_plan import CHECK_SEQUENCE_BYTES, Sockets

LOAD_MIB = 128
START_TIMEOUT_S = 60.0
READY = "dpvs is ready"


@dataclass(frozen=True, slots=True)
class Lab:
    """What is there while the lab stands."""

    clients: Child
    servers: Child
    balancer: Child
    control_socket: Path  # of dpvs


Balancer = Callable[[Setting, Point, Sockets, Path], Child]


@contextlib.contextmanager
def standing(
    setting: Setting, point: Point, balancer: Balancer, *load_options: str
) -> Iterator[Lab]:
    """From the first process to the end of the last, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="bench-memif-") as name, contextlib.ExitStack() as ends:
        folder = Path(name)
        sockets = Sockets(folder / "clients.sock", folder / "servers.sock")

        def load(mode: str, socket: Path, *options: str) -> Child:
            words = load_argv(setting, mode, (memif_plan.vdev(0, "server", socket),), options)
            child = Child(mode, words, folder)
            ends.callback(child.end)
            opened = child.line(START_TIMEOUT_S)
            if opened != "open":
                raise BenchError(f"{mode} said: {opened}")
            return child

        servers = load("answer", sockets.servers)
        frame_bytes = point.packet_bytes - CHECK_SEQUENCE_BYTES
        clients = load("generate", sockets.clients, "--flows", str(point.flows),
                       "--packet-bytes", str(frame_bytes), *load_options)  # fmt: skip
        middle = balancer(setting, point, sockets, folder)
        ends.callback(middle.end)
        yield Lab(clients, servers, middle, folder / "dpvs.ipc")


def load_argv(
    setting: Setting, mode: str, vdevs: tuple[str, ...], options: tuple[str, ...]
) -> list[str]:
    cpu = processor(setting.cpus, mode)
    memory = pages.eal_words(setting.huge and mode == "forward", LOAD_MIB)
    return [
        str(setting.load_program), *memory, "--no-pci", "--no-telemetry", "--log-level=error",
        "-l", str(cpu), *(f"--vdev={vdev}" for vdev in vdevs), "--", mode,
        *memif_plan.addresses(), *options,
    ]  # fmt: skip


def processor(cpus: tuple[int, ...], mode: str) -> int:
    """The load's processes share the first one if there are only two.

    >>> processor((4, 5), "answer"), processor((4, 5, 6), "answer"), processor((4, 5), "forward")
    (4, 6, 5)
    """
    place = {"generate": 0, "forward": 1, "answer": 2 if len(cpus) > 2 else 0}
    return cpus[place[mode]]


def forwarder(setting: Setting, _point: Point, sockets: Sockets, folder: Path) -> Child:
    vdevs = (
        memif_plan.vdev(0, "client", sockets.clients),
        memif_plan.vdev(1, "client", sockets.servers),
    )
    return Child("forward", load_argv(setting, "forward", vdevs, ()), folder)


def other(setting: Setting, point: Point, sockets: Sockets, folder: Path) -> Child:
    """The command of --balancer, told where the sockets are and how many flows will come."""
    words = [
        word.format(clients=sockets.clients, servers=sockets.servers, flows=point.flows,
                    cpu=setting.cpus[1], folder=folder)
        for word in shlex.split(setting.balancer)
    ]  # fmt: skip
    return Child("balancer", words, folder)


def dpvs(setting: Setting, point: Point, sockets: Sockets, folder: Path) -> Child:
    """The program as it is installed, with a dpvs.conf, told about its service by the tools."""
    conf, control = folder / "dpvs.conf", folder / "dpvs.ipc"
    log = Path("/dev/stdout")
    conf.write_text(memif_plan.dpvs_conf(sockets, point.flows, setting.cpus, log))
    lcores = ",".join(str(cpu) for cpu in setting.cpus[:2])
    child = Child("dpvs", [
        *python("dpvs_core.master.main"), "-c", str(conf), "-p", str(folder / "dpvs.pid"),
        "-x", str(control), "--", "-l", lcores, "--log-level=error",
    ], folder)  # fmt: skip
    try:
        while READY not in child.line(START_TIMEOUT_S):
            pass
        program(point, {**os.environ, "DPVS_IPC_FILE": str(control)})
    except BaseException:
        child.end()
        raise
    return child


def program(point: Point, env: dict[str, str]) -> None:
    for words in memif_plan.dpip_commands():
        tool("dpip", words.split(), env)
    tool("ipvsadm", ["-R"], env, memif_plan.ipvsadm_rules(point.flows))


def tool(name: str, words: list[str], env: dict[str, str], text: str = "") -> None:
    argv = [*python(f"keepalivedpy.programs.{name}"), *words]
    done = subprocess.run(argv, env=env, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{name} {' '.join(words)}: {done.stderr.strip()}")


def python(module: str) -> list[str]:
    return [sys.executable, "-P", "-m", module]
