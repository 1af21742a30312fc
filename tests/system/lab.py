"""A director with its servers for the system tests, and what the tests do to it."""

import hashlib
import json
import random
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.netns import udp_echo, udp_load
from tests.netns.director import Director, parse_connections, sample
from tests.netns.dpvs_conf import ONE_ARM as ONE_ARM_DEVICES
from tests.netns.dpvs_conf import dpvs_conf
from tests.netns.node import Node, module_command
from tests.netns.plan import ONE_ARM
from tests.netns.topology import Topology
from tests.netns.wait import until
from tests.netns.webserver import WebServer

VIP = "192.168.100.254"
URL = f"http://{VIP}/"
UDP_PORT = 7
SERVERS = ("192.168.100.2", "192.168.100.3")
MEGABYTE = 1_000_000

UDP_SERVICE = f"""
virtual_server {VIP} {UDP_PORT} {{
    lb_algo rr
    lb_kind FNAT
    protocol UDP
    laddr_group_name laddr_g1
    real_server {SERVERS[0]} {UDP_PORT} {{
        weight 1
    }}
    real_server {SERVERS[1]} {UDP_PORT} {{
        weight 1
    }}
}}
"""


def keepalived_conf() -> str:
    """The tutorial's file, with a UDP service, and a prefix length for the VIP.

    The length gives the core its route to the network, also after a restart; the tutorial adds
    that route by hand.
    """
    text = sample("keepalived.conf.fnat-onearm.sample")
    return re.sub(rf"^(\s*{re.escape(VIP)})$", r"\1/24", text, flags=re.MULTILINE) + UDP_SERVICE


@dataclass(frozen=True, slots=True)
class Served:
    """What `ab` says."""

    complete: int
    failed: int


def tcp_opens(node: Node) -> int:
    """Connections that the node's kernel has opened (RFC 4022 tcpActiveOpens)."""
    snmp = node.run(["cat", "/proc/net/snmp"]).stdout
    names, values = (line.split() for line in snmp.splitlines() if line.startswith("Tcp:"))
    return int(values[names.index("ActiveOpens")])


@dataclass(frozen=True, slots=True)
class Echoed:
    """What udp_load.py says."""

    sent: int
    received: int
    lost: int
    doubled: int
    foreign: int


def start_servers(net: Topology, file: Path) -> None:
    """Both real servers: nginx with the file, and the UDP echo."""
    for name in ("rs1", "rs2"):
        node = net[name]
        WebServer(node, file).start()
        echo = node.start_module(udp_echo, node.address, str(UDP_PORT))
        echo.wait_for_log("ready\n", 5)


class Lab:
    def __init__(self, net: Topology, n_workers: int, file_bytes: int) -> None:
        self.net = net
        self.client = net["client"]
        self.file = net.folder / "file"
        self.file_bytes = file_bytes
        log = str(net["director"].folder / "dpvs.log")
        conf = dpvs_conf(ONE_ARM_DEVICES, n_workers, log)
        self.director = Director(net["director"], keepalived_conf(), conf)

    def start(self) -> None:
        """Returns when every server is in and the VIP is answered for."""
        self.file.write_bytes(random.Random(1).randbytes(self.file_bytes))
        start_servers(self.net, self.file)
        self.director.start()
        self.wait_until_programmed()

    def director_log(self) -> str:
        return self.director.log

    def wait_until_programmed(self, timeout_s: float = 30.0) -> None:
        for server in SERVERS:
            self.director.wait_for_dest(f"{server}:80", 100, timeout_s)
            self.director.wait_for_dest(f"{server}:{UDP_PORT}", 1, timeout_s)
        self.director.wait_for_address(VIP, timeout_s)

    def connections(self) -> dict[str, int]:
        return parse_connections(self.director.tool("ipvsadm", "-ln", "--stats", "--exact"))

    def ab(self, n_requests: int, concurrency: int) -> Served:
        """One connection for each request, as `ab` without -k does."""
        argv = ["ab", "-l", "-n", str(n_requests), "-c", str(concurrency), "-s", "10", URL]
        text = self.client.run(argv, timeout_s=300).stdout
        complete = re.search(r"Complete requests:\s+(\d+)", text)
        failed = re.search(r"Failed requests:\s+(\d+)", text)
        not_ok = re.search(r"Non-2xx responses:\s+(\d+)", text)
        assert complete and failed, text
        return Served(int(complete[1]), int(failed[1]) + int(not_ok[1] if not_ok else 0))

    def udp(self, rate_pps: int, seconds: float, n_flows: int) -> Echoed:
        words = (VIP, str(UDP_PORT), str(rate_pps), str(seconds), str(n_flows))
        argv = module_command(udp_load, *words)
        return Echoed(**json.loads(self.client.run(argv, timeout_s=seconds + 30).stdout))

    def download(self) -> tuple[str, str]:
        """SHA-256 of the file as it is, and as it came through the VIP."""
        got = self.net.folder / "got"
        self.client.run(["curl", "-sf", "-m", "280", "-o", str(got), f"{URL}file"], timeout_s=300)
        return _sha256(self.file), _sha256(got)

    def kill_core(self) -> float:
        """kill -9 of dpvs; returns when another one answers: how many seconds that took."""
        old_pid = self.director.dpvs_pid()
        assert old_pid, "dpvs has no pid file"
        start_s = time.monotonic()
        self.director.kill_dpvs(signal.SIGKILL)
        self.director.wait_for_another_dpvs(old_pid)
        return time.monotonic() - start_s


class Programmed:
    """What of a full director is there; seconds count from the construction."""

    PARTS = ("services", "laddrs", "kernel port", "VIP")

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._start_s = time.monotonic()

    def seconds(self, part: str, timeout_s: float = 10.0) -> float:
        """How long until it is there; TimeoutError if it is not."""
        there = {
            "services": self._services,
            "laddrs": lambda: self._tool("ipvsadm", "-G").count("192.168.100.20") >= 2 * 2,
            "kernel port": self._kernel_port,
            "VIP": lambda: f"inet {VIP}/" in self._tool("dpip", "addr", "show"),
        }[part]
        until(part, there, timeout_s, every_s=0.02)
        return time.monotonic() - self._start_s

    def _tool(self, *argv: str) -> str:
        return self._lab.director.tool(*argv, check=False)

    def _services(self) -> bool:
        weights = {dest.server: dest.weight for dest in self._lab.director.dests()}
        wanted = {f"{server}:80": 100 for server in SERVERS}
        return weights == wanted | {f"{server}:{UDP_PORT}": 1 for server in SERVERS}

    def _kernel_port(self) -> bool:
        listing = self._lab.net["director"].run(["ip", "-br", "address", "show", "dpdk0.kni"])
        return "192.168.100.28/24" in listing.stdout


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def running_lab(n_workers: int, file_bytes: int) -> Iterator[Lab]:
    with Topology(ONE_ARM) as net:
        lab = Lab(net, n_workers, file_bytes)
        try:
            lab.start()
        except (TimeoutError, RuntimeError) as error:
            error.add_note(lab.director_log())
            raise
        yield lab
