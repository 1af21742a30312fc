"""The fake core, and the tools run against it in this process."""

import importlib.util
import io
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from keepalivedpy.cli.session import Session
from keepalivedpy.programs import dpip as dpip_program
from keepalivedpy.programs import ipvsadm as ipvsadm_program


def _sibling(name: str) -> Any:
    """A module beside this file: test folders are no packages and not in sys.path."""
    spec = importlib.util.spec_from_file_location(
        f"keepalivedpy_cli_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fake_core = _sibling("fake_core")
_sibling("transcripts")


class Result(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Any]:
    running = fake_core.FakeCore(tmp_path / "dpvs.ipc")
    yield running
    running.close()


@pytest.fixture
def ipvsadm(core: Any) -> Callable[..., Result]:
    def call(line: str, stdin: str = "") -> Result:
        out, err = io.StringIO(), io.StringIO()
        with Session("ipvsadm", core.path) as session:
            status = ipvsadm_program.run(shlex.split(line), session, io.StringIO(stdin), out, err)
        return Result(status, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def dpip(core: Any) -> Callable[..., Result]:
    def call(line: str, pause: Callable[[float], object] | None = None) -> Result:
        def never(seconds: float) -> None:
            raise AssertionError(f"unexpected pause of {seconds} s")

        out, err = io.StringIO(), io.StringIO()
        with Session("dpip", core.path) as session:
            status = dpip_program.run(shlex.split(line), session, out, err, pause or never)
        return Result(status, out.getvalue(), err.getvalue())

    return call
