"""`script/bench config`: keepalived with many virtual servers, from the file to the core and again.

--flows is the number of virtual servers, each with two real servers and a TCP_CHECK for each, 22
lines together. The checks go to a listener here. Measured are `keepalived -t`, a start until all is
programmed in a dpvs that runs already, and a reload of the same file.
"""

import os
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.child import Child
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.memif_lab import READY, START_TIMEOUT_S, python
from tests.bench.scenario import Run, Sample

PROGRAMMED = "Programmed"
RELOADED = "Reload of services: "
NOTHING = f"{RELOADED}nothing to change in dpvs"
PATIENCE_S = 120.0
BOTH_OUTPUTS = ("sh", "-c", 'exec "$@" 2>&1', "sh")

SERVICE = """\
virtual_server {service} 80 {{
    delay_loop 60
    lb_algo wrr
    lb_kind FNAT
    protocol TCP
    laddr_group_name laddr_g1
    real_server {first} 80 {{
        weight 100
        TCP_CHECK {{
            connect_ip 127.0.0.1
            connect_port {port}
        }}
    }}
    real_server {second} 80 {{
        weight 100
        TCP_CHECK {{
            connect_ip 127.0.0.1
            connect_port {port}
        }}
    }}
}}
"""
LADDRS = """\
local_address_group laddr_g1 {
    10.1.0.200 dpdk0
}
"""
DPVS = """\
global_defs {{
    log_file /dev/stdout
    kni off
}}
netif_defs {{
    <init> pktpool_size 8191
    <init> device dpdk0 {{
        vdev net_ring0
    }}
}}
worker_defs {{
    <init> worker cpu0 {{
        type master
        cpu_id {master}
    }}
    <init> worker cpu1 {{
        type slave
        cpu_id {worker}
        port dpdk0 {{
            rx_queue_ids 0
            tx_queue_ids 0
        }}
    }}
}}
"""


def keepalived_conf(n_services: int, check_port: int) -> str:
    services = (
        SERVICE.format(service=_address(64, n), first=_address(128, n), second=_address(192, n),
                       port=check_port)
        for n in range(n_services)
    )  # fmt: skip
    return LADDRS + "".join(services)


def _address(block: int, n: int) -> str:
    """
    >>> _address(64, 0), _address(64, 250)
    ('10.64.0.1', '10.64.1.1')
    """
    return f"10.{block + n // 62500}.{n // 250 % 250}.{1 + n % 250}"


def sample(setting: Setting, _run: Run, point: Point, _rate_mpps: float | None) -> Sample:
    with tempfile.TemporaryDirectory(prefix="bench-config-") as name, listener() as check_port:
        folder = Path(name)
        conf = folder / "keepalived.conf"
        conf.write_text(keepalived_conf(point.flows, check_port))
        tested = config_test(conf)
        with _dpvs(setting, folder) as control:
            return {**tested, **start_and_reload(folder, conf, control)}


def config_test(conf: Path) -> Sample:
    """`keepalived -t`: its time, its processor time and what memory it had at most."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.monotonic()
    argv = [*python("keepalivedpy.programs.keepalived"), "-t", "-f", str(conf)]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode or said:
        raise BenchError(f"keepalived -t ended with {process.returncode}: {said[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "test_s": time.monotonic() - began_s,
        "test_cpu_s": cpu_s,
        "test_mb": usage.ru_maxrss / 1000,
    }


def start_and_reload(folder: Path, conf: Path, control: Path) -> Sample:
    pids = [f"-{option}{folder / option}.pid" for option in "prc"]
    words = ["-C", "-n", "-l", "-G", f"-f{conf}", f"--ipc={control}", *pids]
    began_s = time.monotonic()
    program = [*BOTH_OUTPUTS, *python("keepalivedpy.programs.keepalived"), *words]
    keepalived = Child("keepalived", program, folder)
    try:
        _line_with(keepalived, PROGRAMMED)
        started_s = time.monotonic() - began_s
        began_s = time.monotonic()
        os.kill(keepalived.pid, signal.SIGHUP)
        said = _line_with(keepalived, RELOADED)
        reloaded_s = time.monotonic() - began_s
        if NOTHING not in said:
            raise BenchError(f"a reload of the same file: {said}")
    finally:
        keepalived.end()
    return {"start_s": started_s, "reload_s": reloaded_s}


def _line_with(child: Child, words: str) -> str:
    while words not in (line := child.line(PATIENCE_S)):
        pass
    return line


@contextmanager
def _dpvs(setting: Setting, folder: Path) -> Iterator[Path]:
    conf, control = folder / "dpvs.conf", folder / "dpvs.ipc"
    conf.write_text(DPVS.format(master=setting.cpus[0], worker=setting.cpus[1]))
    words = ["-c", str(conf), "-p", str(folder / "dpvs.pid"), "-x", str(control)]
    eal = ["--", "--no-pci", "--log-level=error"]
    child = Child("dpvs", [*python("dpvs_core.master.main"), *words, *eal], folder)
    try:
        while READY not in child.line(START_TIMEOUT_S):
            pass
        yield control
    finally:
        child.end()


@contextmanager
def listener() -> Iterator[int]:
    """A port of 127.0.0.1 that takes connections and ends them."""

    def serve() -> None:
        while True:
            try:
                listening.accept()[0].close()
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
