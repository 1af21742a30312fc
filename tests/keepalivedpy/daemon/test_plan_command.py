"""`--plan` against a running daemon, without one, and when something is in its way."""

import io
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from keepalivedpy.daemon.options import Options, UsageError, parse
from keepalivedpy.daemon.plan_command import PlanExit, show_plan
from keepalivedpy.plan.loaded import loaded_path
from tests.keepalivedpy.daemon_process import Daemon
from tests.keepalivedpy.fake_core import FakeCore

REAL = ("-m", "keepalivedpy.programs.keepalived")
CONFIG = """\
virtual_server 192.0.2.254 80 {
    lb_kind DR
    protocol TCP
    real_server 198.51.100.2 80 {
        weight WEIGHT
    }
}
"""


def write(folder: Path, name: str, weight: str) -> str:
    path = folder / name
    path.write_text(CONFIG.replace("WEIGHT", weight))
    return str(path)


def options(folder: Path, *words: str) -> Options:
    return parse(["keepalived", f"-p{folder}/ka.pid", *words])


def ask(given: Options) -> tuple[PlanExit, str, str]:
    out, errors = io.StringIO(), io.StringIO()
    return show_plan(given, out, errors), out.getvalue(), errors.getvalue()


def test_a_running_daemon(tmp_path: Path) -> None:
    config, other = write(tmp_path, "ka.conf", "1"), write(tmp_path, "other.conf", "2")
    words = (f"-f{config}", "-C", f"--ipc={tmp_path}/ipc")
    with (
        FakeCore(tmp_path / "ipc") as core,
        Daemon(tmp_path, *words, program=(sys.executable, *REAL)) as daemon,
    ):
        core.wait_for(lambda: len(core.summary()) == 1)
        status, out, _ = ask(options(tmp_path, f"-f{config}", "--plan"))
        assert status is PlanExit.HARMLESS
        assert f"A reload with {config} of pid {daemon.process.pid}, which has {config}" in out
        assert "Plan: nothing to do" in out
        status, out, _ = ask(options(tmp_path, "--plan", other))
        assert status is PlanExit.HARMLESS and "weight: 1 -> 2" in out
        empty = tmp_path / "empty.conf"
        empty.write_text("")
        status, out, _ = ask(options(tmp_path, f"--plan={empty}", "--json"))
        document = json.loads(out)
        assert status is PlanExit.DISRUPTS and document["disrupts"] is True
        assert [one["verb"] for one in document["changes"]] == ["remove"]
        assert loaded_path(f"{tmp_path}/ka.pid").stat().st_mode & 0o777 == 0o600
        write(tmp_path, "ka.conf", "2")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("Reload finished")
        status, out, _ = ask(options(tmp_path, "--plan", other))
        assert "Plan: nothing to do" in out
        assert daemon.stop() == 0
    assert not loaded_path(f"{tmp_path}/ka.pid").exists()


def test_no_daemon(tmp_path: Path) -> None:
    status, out, _ = ask(options(tmp_path, "--plan", write(tmp_path, "ka.conf", "1")))
    assert status is PlanExit.HARMLESS
    assert out.startswith("keepalived is not running; a start with")
    assert "  + virtual_server [192.0.2.254]:tcp:80\n" in out


def test_a_file_that_a_reload_would_refuse(tmp_path: Path) -> None:
    config = write(tmp_path, "ka.conf", "many")
    status, out, errors = ask(options(tmp_path, "--plan", config))
    assert (status, out) == (PlanExit.UNKNOWN, "")
    assert f"{config}:5:16: error: found 'many' after weight" in errors
    assert f"a reload would refuse {config} and keep what runs" in errors


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        (b"\xc1", "is not what"),
        (b"\x81\xa7version\xa30.0", "is of version"),
    ],
)
def test_what_runs_is_not_known(tmp_path: Path, content: bytes | None, words: str) -> None:
    (tmp_path / "ka.pid").write_text(f"{os.getppid()}\n")
    if content is not None:
        loaded_path(f"{tmp_path}/ka.pid").write_bytes(content)
    status, out, errors = ask(options(tmp_path, "--plan", write(tmp_path, "ka.conf", "1")))
    assert (status, out) == (PlanExit.UNKNOWN, "")
    assert f"what runs (pid {os.getppid()}) is not known" in errors and words in errors


def test_json_belongs_to_a_question() -> None:
    with pytest.raises(UsageError, match="--json needs --status or --plan"):
        parse(["keepalived", "--json"])
