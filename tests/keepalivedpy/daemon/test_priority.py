"""The VRRP process's scheduling, seen from a child of the test that sets it for itself."""

import json
import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from keepalivedpy.config.load import load
from keepalivedpy.daemon.priority import DEFAULT_RTTIME_US, MIN_RTTIME_US, apply
from keepalivedpy.model.root import GlobalDefs, Root
from keepalivedpy.model.vrrp import VrrpInstance
from tests.keepalivedpy import lvs_models as models
from tests.keepalivedpy.daemon_process import Daemon

ORDINARY, REAL_TIME = os.SCHED_OTHER, os.SCHED_RR
NOBODY = 65534


def seen_in_a_child(global_defs: GlobalDefs, before: Callable[[], None]) -> dict[str, Any]:
    ours, theirs = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=_child, args=(global_defs, before, theirs))
    child.start()
    assert ours.poll(10), "the child says nothing"
    found: dict[str, Any] = ours.recv()
    child.join(10)
    return found


def _child(global_defs: GlobalDefs, before: Callable[[], None], out: Connection) -> None:
    said: list[str] = []
    done = threading.Event()
    helper = threading.Thread(target=done.wait, daemon=True)
    helper.start()
    before()
    apply(global_defs, said.append)
    script = scheduling_of_a_fork()
    locked = [x for x in Path("/proc/self/status").read_text().splitlines() if "VmLck" in x]
    out.send({
        "said": said,
        "policy": os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK,
        "priority": os.sched_getparam(0).sched_priority,
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "rttime_us": resource.getrlimit(resource.RLIMIT_RTTIME)[0],
        "helper": os.sched_getscheduler(helper.native_id or 0) & ~os.SCHED_RESET_ON_FORK,
        "script": script,
        "locked_kb": int(locked[0].split()[1]),
    })  # fmt: skip
    done.set()


def scheduling_of_a_fork() -> list[int]:
    """Policy, priority, nice value: what a script would start with."""
    readable, writable = os.pipe()
    if (pid := os.fork()) == 0:
        priority = os.sched_getparam(0).sched_priority
        os.write(writable, json.dumps([os.sched_getscheduler(0), priority, os.nice(0)]).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    found: list[int] = json.loads(os.read(readable, 100))
    return found


def as_root(**keywords: Any) -> dict[str, Any]:
    if os.geteuid() != 0:
        pytest.skip("needs root: real-time priorities (run it as root)")
    return seen_in_a_child(GlobalDefs(**keywords), lambda: None)


def test_by_default_the_lowest_real_time_priority() -> None:
    """A script, and what it starts, is an ordinary process."""
    found = as_root()
    assert (found["policy"], found["priority"], found["nice"]) == (REAL_TIME, 1, 0)
    assert found["rttime_us"] == DEFAULT_RTTIME_US
    assert found["helper"] == REAL_TIME
    assert found["script"] == [ORDINARY, 0, 0]
    assert found["locked_kb"] == 0
    assert found["said"] == []


def test_as_configured() -> None:
    found = as_root(vrrp_rt_priority=7, vrrp_rlimit_rttime_us=300_000, vrrp_no_swap=True)
    assert (found["policy"], found["priority"], found["rttime_us"]) == (REAL_TIME, 7, 300_000)
    assert found["locked_kb"] > 0
    assert found["said"] == []


def test_a_nice_value_alone_is_no_real_time_priority() -> None:
    found = as_root(vrrp_priority=-5)
    assert (found["policy"], found["nice"]) == (ORDINARY, -5)
    assert found["rttime_us"] == resource.RLIM_INFINITY
    assert found["script"] == [ORDINARY, 0, 0]


def test_a_limit_too_short_for_a_reload_is_raised_and_said() -> None:
    found = as_root(vrrp_rt_priority=1, vrrp_rlimit_rttime_us=10_000)
    assert found["rttime_us"] == MIN_RTTIME_US
    assert found["said"] == ["vrrp_rlimit_rttime 10000 is too short for a reload, 200000 is used"]


def test_running_without_a_pause_costs_the_priority_not_the_process() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: real-time priorities (run it as root)")
    ours, theirs = multiprocessing.Pipe()
    asked = GlobalDefs(vrrp_rlimit_rttime_us=MIN_RTTIME_US, vrrp_rt_priority=1)
    child = multiprocessing.get_context("fork").Process(target=_run_on, args=(asked, theirs))
    child.start()
    assert ours.poll(10), "the child says nothing"
    said, policies = ours.recv()
    child.join(10)
    assert child.exitcode == 0
    assert said == [
        f"ran for {MIN_RTTIME_US} us without a pause: real-time priority is given up (too many "
        "adverts for one processor? vrrp_rlimit_rttime sets the limit)"
    ]
    assert policies == [ORDINARY, ORDINARY]


def _run_on(global_defs: GlobalDefs, out: Connection) -> None:
    said: list[str] = []
    helper = threading.Thread(target=threading.Event().wait, daemon=True)
    helper.start()
    apply(global_defs, said.append)
    deadline_s = time.monotonic() + 8
    while not said and time.monotonic() < deadline_s:
        pass
    tasks = (0, helper.native_id or 0)
    out.send((said, [os.sched_getscheduler(task) & ~os.SCHED_RESET_ON_FORK for task in tasks]))


def test_what_is_not_allowed_is_a_line_each() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: to become a user that is not allowed to (run it as root)")

    def drop() -> None:
        resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
        resource.setrlimit(resource.RLIMIT_NICE, (0, 0))
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
        os.setresuid(NOBODY, NOBODY, NOBODY)

    asked = GlobalDefs(vrrp_priority=-5, vrrp_rt_priority=3, vrrp_no_swap=True)
    found = seen_in_a_child(asked, drop)
    assert found["said"] == [
        "cannot set priority -5: Permission denied",
        "cannot set real-time priority 3: Operation not permitted",
        "cannot lock memory: Operation not permitted",
    ]
    assert found["policy"] == ORDINARY


def test_the_keywords(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(
        "global_defs {\n vrrp_priority -20\n vrrp_rt_priority 50\n vrrp_rlimit_rtime 400000\n"
        " vrrp_no_swap\n}\n"
    )
    result = load(path)
    assert (result.errors, result.warnings) == ((), ())
    found = result.root.global_defs
    assert (found.vrrp_priority, found.vrrp_rt_priority) == (-20, 50)
    assert (found.vrrp_rlimit_rttime_us, found.vrrp_no_swap) == (400_000, True)
    path.write_text("global_defs {\n vrrp_rt_priority 100\n}\n")
    assert load(path).root.global_defs.vrrp_rt_priority is None


def test_the_vrrp_process_has_it_and_its_parent_has_not(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: real-time priorities (run it as root)")
    absent = VrrpInstance(name="VI_1", interface="absent0", virtual_router_id=51)
    config = models.write(tmp_path / "ka.json", Root(vrrp_instances=(absent,)))
    with Daemon(tmp_path, "-P", f"-f{config}") as daemon:
        daemon.wait_for("Entering FAULT STATE")
        vrrp = int((tmp_path / "vrrp.pid").read_text())
        assert os.sched_getscheduler(vrrp) == REAL_TIME | os.SCHED_RESET_ON_FORK
        assert os.sched_getscheduler(daemon.process.pid) == ORDINARY
        assert daemon.stop() == 0
