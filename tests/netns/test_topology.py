"""The test networks themselves: they connect, and nothing of them is left."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.netns import topology
from tests.netns.plan import ONE_ARM, TWO_ARM
from tests.netns.processes import alive, marked_pids
from tests.netns.topology import FOLDERS, Topology
from tests.netns.webserver import WebServer

pytestmark = pytest.mark.netns

REACHED = "1 received"


def test_nodes_of_a_bridge_reach_each_other_and_no_others() -> None:
    with Topology(TWO_ARM) as net:
        server = net["rs2"].address
        assert REACHED in net["rs1"].run(["ping", "-c1", "-W2", server]).stdout
        assert net["client"].run(["ping", "-c1", "-W1", server], check=False).returncode != 0


def test_servers_answer_as_the_tutorial_says(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(range(256)) * 100)
    with Topology(ONE_ARM) as net:
        WebServer(net["rs1"], file).start()
        page = net["client"].run(["curl", "-s", "http://192.168.100.2/"]).stdout
        assert page.startswith("Your ip:port : 192.168.100.146:")
        assert page.endswith("server rs1\n")
        net["client"].run(["curl", "-sf", "-o", str(tmp_path / "got"), "http://192.168.100.2/file"])
        assert (tmp_path / "got").read_bytes() == file.read_bytes()


def test_a_server_can_be_stopped_and_started() -> None:
    with Topology(ONE_ARM) as net:
        server = WebServer(net["rs1"])
        server.start()
        server.stop()
        refused = net["client"].run(["curl", "-s", "http://192.168.100.2/"], check=False)
        assert refused.returncode == 7  # curl: could not connect
        server.start()


def test_nothing_is_left_after_a_failure() -> None:
    pids: list[int] = []
    net = Topology(ONE_ARM)
    with pytest.raises(ZeroDivisionError), net:
        net["rs1"].start(["sleep", "1000"], "sleep.log")
        net["rs1"].start(["setsid", "--fork", "sleep", "1000"], "daemon.log").wait(5)
        pids = marked_pids(net.name, [net["rs1"].namespace])
        _ = 1 / 0
    assert topology.namespaces(net.name) == []
    assert not net.folder.exists()
    assert len(pids) == 2
    assert [pid for pid in pids if alive(pid)] == []


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from tests.netns.plan import ONE_ARM
from tests.netns.topology import Topology
with Topology(ONE_ARM, prefix="ntkilled") as net:
    net["rs1"].start(["sleep", "1000"], "sleep.log")
    print(net.name, flush=True)
    os.kill(os.getpid(), int(sys.argv[2]))
"""


def _name_of_a_killed_run(number: int) -> str:
    argv = [sys.executable, "-P", "-c", KILLED, str(Path(__file__).parents[2]), str(number)]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def test_nothing_is_left_after_ctrl_c() -> None:
    name = _name_of_a_killed_run(2)
    assert name.startswith("ntkilled")
    assert topology.namespaces(name) == []


def test_the_next_run_removes_what_a_killed_one_left() -> None:
    name = _name_of_a_killed_run(9)
    assert topology.namespaces(name) != []
    topology.sweep("ntkilled")
    assert topology.namespaces(name) == []
    assert not (FOLDERS / name).exists()
