"""The probe on real drivers: one that takes key and table, and some that do not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("steered_ports.py")
RSS, SOFTWARE = 2, 4


def steered(*devices: str) -> list[list[object]]:
    """Kind, numbers and reason of each device."""
    pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")
    done = subprocess.run(
        [sys.executable, "-P", str(PROGRAM), *devices],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]


def test_a_driver_that_keeps_key_and_table() -> None:
    """net_null stores both and gives them back, as the probe asks."""
    assert steered("net_null0") == [[RSS, 128, 0, 0, ""]]


def test_a_driver_without_any() -> None:
    ((kind, *numbers, why),) = steered("net_ring0")
    assert (kind, numbers) == (SOFTWARE, [0, 0, 0])
    assert str(why).startswith("RSS: the driver does not hash TCP and UDP of both families; flow ")
    assert "Function not implemented" in str(why)


def test_each_port_has_its_own_way() -> None:
    kinds = [row[0] for row in steered("net_ring0", "net_null0")]
    assert kinds == [SOFTWARE, RSS]
