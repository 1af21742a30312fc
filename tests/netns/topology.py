"""Build a network from a plan, and remove it again.

    with Topology(ONE_ARM) as net:
        net["client"].run(["ping", "-c1", "192.168.100.2"])

Namespaces are called NAME-NODE, the switch with its bridges NAME-switch; NAME is a prefix and the
maker's pid. All files are below one folder, /var/tmp/NAME.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from tests.netns.ip import enter
from tests.netns.node import Node
from tests.netns.plan import Cable, NodePlan, Plan, Role
from tests.netns.processes import alive, end_marked

FOLDERS = Path("/var/tmp")
DEFAULT_BIN = Path(__file__).resolve().parents[2] / ".venv/bin"

# Frames of a director's ports are made and read by DPDK, which neither fills in a checksum that
# the kernel left to its card nor cuts a 64 KB segment: every host must do both itself.
OFFLOADS = ("tx", "off", "gso", "off", "tso", "off", "gro", "off")


class Topology:
    """The nodes of a plan. A context manager; `keep()` makes it outlive the block."""

    def __init__(self, plan: Plan, *, prefix: str = "nt", bin_folder: Path = DEFAULT_BIN) -> None:
        sweep(prefix)
        self.plan = plan
        self.name = f"{prefix}{os.getpid()}"
        self.folder = FOLDERS / self.name
        self.nodes = {
            node.name: Node(self.name, node, self.folder / node.name, bin_folder)
            for node in plan.nodes
        }
        self._kept = False

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def __enter__(self) -> "Topology":
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._kept:
            self.close()

    def keep(self) -> None:
        """Leave everything running at the end of the block; `remove(name)` ends it."""
        self._kept = True
        (self.folder / "kept").touch()

    def close(self) -> None:
        """End the programs started here, then remove namespaces and files."""
        with _uninterrupted():
            for node in self.nodes.values():
                node.end_programs()
            remove(self.name)

    @property
    def switch(self) -> str:
        """The namespace of the bridges."""
        return f"{self.name}-switch"

    def cut(self, node: str, cable: int = 0) -> None:
        """Nothing passes any more, while both ends of the cable keep their carrier."""
        _in(self.switch, "ip", "link", "set", self.port(node, cable), "nomaster")

    def heal(self, node: str, cable: int = 0) -> None:
        plan = self.nodes[node].plan.cables[cable]
        _in(self.switch, "ip", "link", "set", self.port(node, cable), "master", plan.bridge)

    def port(self, node: str, cable: int = 0) -> str:
        """The switch's end of a cable: what passes there passes the node."""
        return _port(self.nodes[node].plan, self.nodes[node].plan.cables[cable])

    def _build(self) -> None:
        switch = self.switch
        _add_namespace(switch)
        for bridge in self.plan.bridges():
            # Without snooping, multicast (VRRP) reaches all; without delay, at once.
            options = ["type", "bridge", "forward_delay", "0", "mcast_snooping", "0"]
            _in(switch, "ip", "link", "add", bridge, *options)
            _in(switch, "ip", "link", "set", bridge, "up")
        for plan in self.plan.nodes:
            self.nodes[plan.name].make_folders()
            namespace = self.nodes[plan.name].namespace
            _add_namespace(namespace)
            for cable in plan.cables:
                _plug(switch, namespace, plan, cable)


def _plug(switch: str, namespace: str, node: NodePlan, cable: Cable) -> None:
    far = _port(node, cable)
    ends = ["name", cable.device, "netns", namespace]
    _in(switch, "ip", "link", "add", far, "type", "veth", "peer", *ends)
    _in(switch, "ip", "link", "set", far, "master", cable.bridge, "up")
    if node.role is Role.DIRECTOR:
        _sysctl(namespace, f"net.ipv6.conf.{cable.device}.disable_ipv6=1")
    else:
        _in(namespace, "ethtool", "-K", cable.device, *OFFLOADS)
    if cable.address:
        _in(namespace, "ip", "address", "add", cable.address, "dev", cable.device)
    _in(namespace, "ip", "link", "set", cable.device, "up")


def _port(node: NodePlan, cable: Cable) -> str:
    """The switch's end of a cable."""
    return f"{node.name}-{cable.device}"[:15]


def _add_namespace(namespace: str) -> None:
    _ip("netns", "add", namespace)
    # No duplicate address detection: a node is there as soon as it is made.
    _sysctl(namespace, "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0")
    _in(namespace, "ip", "link", "set", "lo", "up")


def _sysctl(namespace: str, *settings: str) -> None:
    _in(namespace, "sysctl", "-qw", *settings)


def _in(namespace: str, *argv: str) -> None:
    _run(*enter(namespace), *argv)


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip()}")


def namespaces(name: str = "") -> list[str]:
    """The namespaces on this machine, of one topology or of all."""
    listing = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
    found = [line.split()[0] for line in listing.stdout.splitlines() if line]
    return [namespace for namespace in found if not name or namespace.startswith(f"{name}-")]


def remove(name: str) -> None:
    """Remove a topology by its name: its marked processes, its namespaces, its folder."""
    ours = namespaces(name)
    end_marked(name, ours)
    for namespace in ours:
        _ip("netns", "delete", namespace)
    shutil.rmtree(FOLDERS / name, ignore_errors=True)


def sweep(prefix: str) -> None:
    """Remove topologies whose maker was killed; those kept on purpose stay."""
    names = {namespace.rsplit("-", 1)[0] for namespace in namespaces()}
    for name in names:
        match = re.fullmatch(re.escape(prefix) + r"(\d+)", name)
        if match and not alive(int(match[1])) and not (FOLDERS / name / "kept").exists():
            remove(name)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C must not stop the tidying up of the first."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
