"""What global_defs says about the processes, their scripts and pipes, and is read and kept."""

from collections.abc import Iterator
from functools import partial

from dpvs_core.config.keywords import Keyword
from dpvs_core.config.values import Bool, Flag, Int, Text, Timer
from keepalivedpy.config.lines import SCRIPT, Optional, Tested
from keepalivedpy.config.lines_global import CpuNumbers, FifoWords, Umask

_later = partial(Keyword, later=True)
_once = partial(_later, once=True)
RTTIME = Int(1, 2**31 - 1, "us")
SCRIPT_TIMEOUT = Tested(Timer(1_000_000, 1000_000_000, whole=True))
RCV_BUFS = Tested(Int(0, 2**31 - 1, "bytes"))
BUFFERS = (
    "vrrp_netlink_cmd_rcv_bufs",
    "vrrp_netlink_monitor_rcv_bufs",
    "lvs_netlink_cmd_rcv_bufs",
    "lvs_netlink_monitor_rcv_bufs",
    "process_monitor_rcv_bufs",
)


def _scheduling(kind: str) -> Iterator[Keyword]:
    """How one kind of child runs; VRRP's own has an effect and stands in table_global.py."""
    if kind != "vrrp":
        yield _later(f"{kind}_priority", Tested(Int(-20, 19)), f"{kind}_priority", "nice value")
        yield _later(f"{kind}_no_swap", Flag(), f"{kind}_no_swap", "its memory stays in memory")
        real_time = Tested(Int(1, 99))
        yield _later(f"{kind}_rt_priority", real_time, f"{kind}_rt_priority", "real-time priority")
        for word in ("rttime", "rtime"):
            field = f"{kind}_rlimit_rttime_us"
            yield _later(f"{kind}_rlimit_{word}", RTTIME, field, "without sleeping")
    cpus = Tested(CpuNumbers())
    yield _later(f"{kind}_cpu_affinity", cpus, f"{kind}_cpu_affinity", "the CPUs it may use")
    name = Text("a name")
    yield _later(f"{kind}_process_name", name, f"{kind}_process_name", "title of the process")


def _buffers(name: str) -> Iterator[Keyword]:
    yield _later(name, RCV_BUFS, f"{name}_bytes", "receive buffer of its socket")
    yield _later(f"{name}_force", Bool(), f"{name}_force", "beyond the system's limit")


def _fifo(prefix: str) -> Iterator[Keyword]:
    fifo, script = Tested(FifoWords()), Tested(SCRIPT)
    field = f"{prefix}notify_fifo"
    yield _once(field, fifo, field, "pipe for changes")
    yield _once(f"{field}_script", script, f"{field}_script", "reads that pipe")


PROCESSES = (
    _later("process_names", Flag(), "process_names", "titles of the processes"),
    _later("process_name", Text("a name"), "process_name", "title of the parent"),
    *(row for kind in ("vrrp", "checker", "bfd") for row in _scheduling(kind)),
    _later("lvs_process_name", Text("a name"), "checker_process_name", "old checker_process_name"),
    _later(
        "max_auto_priority",
        Optional(Int(-1, 99), -1),
        "max_auto_priority",
        "real-time priority that lateness may give",
    ),
    _later(
        "min_auto_priority_delay",
        Tested(Int(1, 10_000_000, "us")),
        "min_auto_priority_delay_us",
        "how late that is",
    ),
    *(row for name in BUFFERS for row in _buffers(name)),
    _later("random_seed", Int(), "random_seed", "of the random numbers"),
    _later("umask", Umask(), "umask", "of files it makes"),
)

NOTIFY = (
    _once("startup_script", Tested(SCRIPT), "startup_script", "run before the children"),
    _later(
        "startup_script_timeout", SCRIPT_TIMEOUT, "startup_script_timeout_us", "patience with it"
    ),
    _once("shutdown_script", Tested(SCRIPT), "shutdown_script", "run after the children"),
    _later(
        "shutdown_script_timeout", SCRIPT_TIMEOUT, "shutdown_script_timeout_us", "patience with it"
    ),
    _later("use_symlink_paths", Bool(), "use_symlink_paths", "of scripts", since="2.3.0"),
    *(row for prefix in ("", "vrrp_", "lvs_") for row in _fifo(prefix)),
    _later(
        "fifo_write_vrrp_states_on_reload",
        Flag(),
        "fifo_write_vrrp_states_on_reload",
        "the pipe gets all states at a reload",
    ),
)
