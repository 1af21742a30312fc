"""script/demo: it happens as told, and nothing is left, also after Ctrl-C."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.fnat_one_arm.scenes import SCENES
from tests.netns import topology
from tests.netns.wait import until

pytestmark = pytest.mark.netns

ROOT = Path(__file__).resolve().parents[2]
DEMO_TIMEOUT_S = 120


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """The demo as script/demo starts it (after its set-up), and the file it prints to."""
    output = tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "examples.fnat_one_arm.demo"],
            cwd=ROOT,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield process, output
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def left_by(process: "subprocess.Popen[bytes]") -> list[str]:
    return topology.namespaces(f"demo{process.pid}")


def test_everything_is_shown(demo: tuple["subprocess.Popen[bytes]", Path]) -> None:
    process, output = demo
    status = process.wait(DEMO_TIMEOUT_S)
    text = output.read_text()
    assert status == 0, text
    titles = [scene.__doc__ for scene in SCENES]
    assert re.findall(r"^\d+\. (.*)$", text, re.MULTILINE)[: len(titles)] == titles
    assert left_by(process) == []


def test_ctrl_c_removes_everything(demo: tuple["subprocess.Popen[bytes]", Path]) -> None:
    process, output = demo
    until("the load balancer starts", lambda: "$ keepalived" in output.read_text(), 30)
    assert left_by(process) != []
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130, output.read_text()
    assert left_by(process) == []
