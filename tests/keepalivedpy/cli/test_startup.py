"""The tools start fast: what they must not import, asked of the interpreter itself."""

import os
import subprocess
import sys

import pytest

FORBIDDEN = {
    "argparse", "asyncio", "ctypes", "dataclasses", "importlib.metadata", "json", "netaddr",
    "pyparsing", "pyroute2", "ipaddress", "subprocess", "logging",
}  # fmt: skip


TRACED = """
import atexit, sys
before = set(sys.modules)
atexit.register(lambda: print("modules", *set(sys.modules) - before, file=sys.stderr))
from keepalivedpy.programs.{program} import main
main()
"""


def imported(program, words, path):
    """The finished process, and the modules it loaded beyond a bare interpreter's."""
    done = subprocess.run(
        [sys.executable, "-c", TRACED.format(program=program), *words],
        env=os.environ | {"DPVS_IPC_FILE": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    err, _, names = done.stderr.rpartition("modules ")
    return done.returncode, done.stdout, err, set(names.split())


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("ipvsadm", ["-ln"]),
        ("ipvsadm", ["-A", "-t", "192.0.2.1:80"]),
        ("dpip", ["link", "show"]),
        ("dpip", ["addr", "add", "192.0.2.1/24", "dev", "dpdk0"]),
    ],
)
def test_light_imports(program, words, tmp_path):
    _, _, err, names = imported(program, words, str(tmp_path / "none"))
    assert "No such file or directory" in err
    assert "msgspec" in names, "the list of modules was not read"
    assert not names & FORBIDDEN
    assert not any(name.startswith("dpvs_core._native") for name in names)


def test_an_object_loads_only_itself(tmp_path):
    *_, names = imported("dpip", ["addr", "show"], str(tmp_path / "none"))
    own = {
        name.removeprefix("keepalivedpy.cli.")
        for name in names
        if name.startswith("keepalivedpy.cli.dpip_")
    }
    assert own == {"dpip_addr", "dpip_objects", "dpip_options", "dpip_values"}


@pytest.mark.parametrize(("program", "status"), [("ipvsadm", 2), ("dpip", 1)])
def test_no_core(program, status, tmp_path):
    words = ["-ln"] if program == "ipvsadm" else ["link", "show"]
    returncode, out, err, _ = imported(program, words, str(tmp_path / "none"))
    assert (returncode, out) == (status, "")
    assert (
        err
        == {
            "ipvsadm": "Can't initialize ipvs: No such file or directory\n"
            "Are you sure that dpvs is running?\n",
            "dpip": "dpip: no connection to dpvs: No such file or directory; is dpvs running?\n",
        }[program]
    )


def test_a_closed_pipe_is_no_traceback():
    done = subprocess.run(
        f"{sys.executable} -m keepalivedpy.programs.ipvsadm -h | true",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
