"""One dpvs of this checkout on a veth in a network namespace, and a client in another."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from dpvs_core.control.client import Client
from tests.netns.ip import enter, ip

START_S = 20.0
STOP_S = 15.0

CONF = """
netif_defs {
    <init> pktpool_size 16383
    <init> device dpdk0 {
        vdev net_af_packet0,iface=lb0
        kni {
            address 192.168.50.2/24
            route 172.31.0.0/16 via 192.168.50.1
        }
    }
}
worker_defs {
    worker cpu0 {
        type master
        cpu_id 0
    }
    worker cpu1 {
        type slave
        cpu_id 1
        port dpdk0 {
            rx_queue_ids 0
            tx_queue_ids 0
        }
    }
}
ipvs_defs {
    conn {
        conn_pool_size 65536
    }
    tcp {
        timeout {
            established 90
        }
    }
}
"""


class Lab:
    """Two namespaces joined by a veth, and the dpvs that runs in one of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.core_ns, self.client_ns = f"dpvs-t{os.getpid()}", f"dpvs-c{os.getpid()}"
        self.conf = path / "dpvs.conf"
        self.conf.write_text(CONF)
        self.socket, self.pid_file = str(path / "ipc"), path / "pid"
        self.running: list[subprocess.Popen[str]] = []
        for name in (self.core_ns, self.client_ns):
            ip("", "netns", "add", name)
        ip(self.core_ns, "link", "add", "lb0", "type", "veth", "peer", "name", "c0",
           "netns", self.client_ns)  # fmt: skip
        ip(self.core_ns, "link", "set", "lb0", "up")
        ip(self.client_ns, "link", "set", "c0", "up")
        ip(self.client_ns, "addr", "add", "10.0.0.48/24", "dev", "c0")

    def start(self, *words: str, **kwargs: Any) -> subprocess.Popen[str]:
        """dpvs in the foreground; its output is in `log`."""
        command = [
            *enter(self.core_ns),
            sys.executable, "-P", "-m", "dpvs_core.master.main",
            "-c", str(self.conf), "-p", str(self.pid_file), "-x", self.socket, *words,
        ]  # fmt: skip
        with (self.path / "log").open("a") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, text=True, **kwargs)
        self.running.append(process)
        return process

    def log(self) -> str:
        return (self.path / "log").read_text()

    def wait_for(self, pattern: str, process: subprocess.Popen[str]) -> None:
        """Until the log has it since the last call of `forget`, with a deadline."""
        deadline = time.monotonic() + START_S
        while not re.search(pattern, self.log()):
            assert process.poll() is None, f"dpvs ended:\n{self.log()}"
            assert time.monotonic() < deadline, f"no {pattern!r} in:\n{self.log()}"
            time.sleep(0.02)

    def forget(self) -> None:
        (self.path / "log").write_text("")

    def ready(self, *words: str) -> subprocess.Popen[str]:
        self.forget()
        process = self.start(*words)
        self.wait_for(r"dpvs is ready \(process \d+\)", process)
        return process

    def stop(self, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
        process.send_signal(number)
        return process.wait(STOP_S)

    def client(self) -> Client:
        return Client("cli", "test", self.socket)

    def kernel_port(self) -> str:
        return ip(self.core_ns, "addr", "show", "dev", "dpdk0.kni")

    def ping(self, addr: str) -> subprocess.CompletedProcess[str]:
        ping = ["ping", "-c", "3", "-i", "0.2", "-W", "2", addr]
        return subprocess.run([*enter(self.client_ns), *ping], capture_output=True, text=True)

    def close(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.kill()
                process.wait()
        for name in (self.core_ns, self.client_ns):
            ip("", "netns", "del", name)
