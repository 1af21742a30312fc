"""`keepalived --status` as typed: exit statuses, what it imports, a reader that leaves early."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.keepalivedpy import lvs_models as models
from tests.keepalivedpy.daemon_process import CHECKOUT, Daemon
from tests.keepalivedpy.fake_core import FakeCore

PROGRAM = (sys.executable, "-m", "keepalivedpy.programs.keepalived")
SLOW = {"asyncio", "pyroute2", "pyparsing", "cffi"}


def status(
    folder: Path, *words: str, python: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    pids = (f"-p{folder}/ka.pid", f"-r{folder}/vrrp.pid", f"-c{folder}/check.pid")
    interpreter, *rest = PROGRAM
    return subprocess.run(
        [interpreter, *python, *rest, "--status", *pids, *words],
        capture_output=True, text=True, timeout=20, cwd=CHECKOUT,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
    )  # fmt: skip


def test_no_daemon(tmp_path: Path) -> None:
    done = status(tmp_path)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == f"keepalived is not running ({tmp_path}/ka.pid)\n"
    done = status(tmp_path, "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["pid"] is None


def test_a_daemon(tmp_path: Path) -> None:
    vs = models.virtual_server(models.server("127.0.0.1"))
    config = models.write(tmp_path / "ka.json", models.root(vs))
    with FakeCore(tmp_path / "ipc") as core, \
            Daemon(tmp_path, f"-f{config}", "-C", f"--ipc={tmp_path}/ipc") as daemon:  # fmt: skip
        core.wait_for(lambda: len(core.summary()) == 1)
        done = status(tmp_path, f"-f{config}", python=("-X", "importtime"))
        assert done.returncode == 0
        assert f"pid {daemon.process.pid}, since" in done.stdout
        assert "192.0.2.254:80 tcp" in done.stdout
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "keepalivedpy.status.ask" in imported
        assert {name.partition(".")[0] for name in imported} & SLOW == set()
        shell = f"{' '.join(PROGRAM)} --status -p{tmp_path}/ka.pid -c{tmp_path}/check.pid"
        piped = subprocess.run(
            ["/bin/bash", "-o", "pipefail", "-c", f"{shell} | true"], capture_output=True,
            text=True, check=False, cwd=CHECKOUT)  # fmt: skip
        assert (piped.returncode, piped.stderr) == (0, "")


@pytest.mark.parametrize("word", ["--json", "--status=x"])
def test_wrong_words(word: str) -> None:
    done = subprocess.run(
        [*PROGRAM, word], capture_output=True, text=True, timeout=20, cwd=CHECKOUT, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
