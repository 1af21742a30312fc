"""What keeps the VRRP process punctual on a busy machine (vrrp_priority, vrrp_rt_priority,
vrrp_no_swap, vrrp_rlimit_rttime), and what keeps it from freezing one.

Without any of the keywords it runs as SCHED_RR 1, the lowest real-time priority: with two busy
loops on two processors adverts of 0.1 s were 20 ms late in one case of a hundred as an ordinary
process, 16 ms with nice -20, 0.2 ms so. `vrrp_priority 0` makes an ordinary process of it.

A process that runs vrrp_rlimit_rttime without sleeping gives its priority up and goes on as an
ordinary one: too many instances must make it slow, not end it. If it cannot even do that, the
kernel ends it KILL_AFTER_US later and the parent starts another.

Scripts do not inherit it (SCHED_RESET_ON_FORK, sched(7); a positive nice value they do, and
memory locks end with exec). See sched(7), mlockall(2), setrlimit(2).
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from keepalivedpy.model.root import GlobalDefs

DEFAULT_RT_PRIORITY = 1
DEFAULT_RTTIME_US = 1_000_000
MIN_RTTIME_US = 200_000  # a reload of a thousand instances takes that long without sleeping
KILL_AFTER_US = 5_000_000
SWITCH_INTERVAL_S = 0.001  # how long another thread may keep the interpreter from an advert

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4

_libc = ctypes.CDLL(None, use_errno=True)


def apply(global_defs: GlobalDefs, log: Callable[[str], None]) -> None:
    """Set it for this process and its present threads; what is not allowed is one line each."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    rt_priority, nice = global_defs.vrrp_rt_priority, global_defs.vrrp_priority
    if nice is not None:
        _try(f"set priority {nice}", lambda: _set_nice(nice), log)
    if rt_priority is None and nice is None:
        rt_priority = DEFAULT_RT_PRIORITY
    if rt_priority is not None:
        rttime_us = _rttime_us(global_defs, log)
        signal.signal(signal.SIGXCPU, lambda *_: _give_up(rttime_us, log))
        _try(f"limit real-time running to {rttime_us} us", lambda: _set_rttime(rttime_us), log)
        _try(f"set real-time priority {rt_priority}", lambda: _set_rt(rt_priority), log)
    if global_defs.vrrp_no_swap:
        _try("lock memory", _lock_memory, log)


def _rttime_us(global_defs: GlobalDefs, log: Callable[[str], None]) -> int:
    wanted_us = global_defs.vrrp_rlimit_rttime_us
    if wanted_us is None:
        return DEFAULT_RTTIME_US
    if wanted_us < MIN_RTTIME_US:
        log(f"vrrp_rlimit_rttime {wanted_us} is too short for a reload, {MIN_RTTIME_US} is used")
    return max(wanted_us, MIN_RTTIME_US)


def _set_nice(nice: int) -> None:
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    policy = os.SCHED_OTHER | os.SCHED_RESET_ON_FORK
    os.sched_setscheduler(0, policy, os.sched_param(0))


def _set_rt(priority: int) -> None:
    _schedule(os.SCHED_RR, priority)


def _schedule(policy: int, priority: int) -> None:
    """For every thread there is: one without it could lose its processor while it holds the
    interpreter, and the adverts would wait with it."""
    for task in Path("/proc/self/task").iterdir():
        param = os.sched_param(priority)
        os.sched_setscheduler(int(task.name), policy | os.SCHED_RESET_ON_FORK, param)


def _give_up(rttime_us: int, log: Callable[[str], None]) -> None:
    _schedule(os.SCHED_OTHER, 0)
    log(
        f"ran for {rttime_us} us without a pause: real-time priority is given up "
        f"(too many adverts for one processor? vrrp_rlimit_rttime sets the limit)"
    )


def _set_rttime(rttime_us: int) -> None:
    """SIGXCPU after that long without sleeping, SIGKILL after KILL_AFTER_US more."""
    _soft, hard_us = resource.getrlimit(resource.RLIMIT_RTTIME)
    kill_us = rttime_us + KILL_AFTER_US
    if hard_us != resource.RLIM_INFINITY:
        rttime_us, kill_us = min(rttime_us, hard_us), min(kill_us, hard_us)
    resource.setrlimit(resource.RLIMIT_RTTIME, (rttime_us, kill_us))


def _lock_memory() -> None:
    """Pages are locked as they are used: a thread's stack would else count whole."""
    if _libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _try(what: str, action: Callable[[], None], log: Callable[[str], None]) -> None:
    try:
        action()
    except OSError as error:
        log(f"cannot {what}: {error.strerror}")
