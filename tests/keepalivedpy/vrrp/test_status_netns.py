"""Two daemons on one link: each tells who is MASTER, why, and what is set."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from keepalivedpy.daemon.options import parse
from keepalivedpy.daemon.status_command import StatusExit, gather
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.status.model import InstanceStatus
from tests.keepalivedpy.daemon_process import LAUNCHER

if TYPE_CHECKING:
    from conftest import Lab

pytestmark = pytest.mark.netns

DEADLINE_S = 15.0


class Node:
    """The daemon of one node, and questions to it."""

    def __init__(self, lab: "Lab", folder: Path, name: str, priority: int) -> None:
        self.lab, self.name = lab, name
        instance = VrrpInstance(
            name="VI_1", interface="eth0", virtual_router_id=51, priority=priority, version=3,
            advert_int_us=100_000,
            virtual_ipaddress=(VirtualAddress(addr="10.99.0.100", prefixlen=32),),
        )  # fmt: skip
        config = folder / f"{name}.json"
        config.write_bytes(msgspec.json.encode(Root(vrrp_instances=(instance,))))
        self.pids = [f"-{letter}{folder}/{name}.{letter}.pid" for letter in "prc"]
        words = ["-n", "-l", "-G", "-P", f"-f{config}", *self.pids]
        self.daemon = lab.run(name, [sys.executable, str(LAUNCHER), *words])

    def instance(self) -> InstanceStatus:
        status, result = gather(parse(["keepalived", "--status", *self.pids]))
        assert (result, status.troubles) == (StatusExit.ANSWERS, ())
        assert status.vrrp is not None
        (instance,) = status.vrrp.instances
        return instance

    def until(self, state: str, addresses_set: bool = False) -> InstanceStatus:
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            instance = self.instance()
            if (instance.state, instance.addresses_set) == (state, addresses_set):
                return instance
            assert time.monotonic() < deadline_s, instance


def test_both_sides_of_a_pair(lab: "Lab", tmp_path: Path) -> None:
    a = Node(lab, tmp_path, "a", 150)
    a.daemon.until("Entering MASTER STATE")
    before_s = time.time()
    b = Node(lab, tmp_path, "b", 100)
    b.daemon.until("Entering BACKUP STATE")
    lab.capture_advert("b")

    here, there = a.until("MASTER", True), b.until("BACKUP")
    assert here.why == "Receive advertisement timeout"
    assert here.since <= before_s < there.since <= time.time()
    assert (here.master, here.statistics["become_master"]) == ("", 1)
    while not (there := b.instance()).master:
        pass
    assert (there.master, there.master_priority) == ("10.99.0.1", 150)
    assert lab.addresses("a") >= {"10.99.0.100/32"}

    lab.ip("s", "link set port-a down")
    a.daemon.until("Entering FAULT STATE")
    broken = a.until("FAULT")
    assert broken.faults == ("interface eth0 is down",)
    b.daemon.until("Entering MASTER STATE")
    assert b.until("MASTER", True).master == ""
