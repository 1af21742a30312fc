"""The parent process: starts the children and the director, watches them, passes reloads on.

It runs no event loop, so that it can fork at any time; it waits for signals and deadlines.
"""

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from keepalivedpy.daemon.backoff import Backoff
from keepalivedpy.daemon.channel import send_part
from keepalivedpy.daemon.child import child_main
from keepalivedpy.daemon.children import KINDS, Kind, is_wanted, part_for
from keepalivedpy.daemon.director import Director
from keepalivedpy.daemon.exit_codes import PERMANENT, Exit
from keepalivedpy.daemon.life import Life, ending
from keepalivedpy.daemon.log import ERR, WARNING, Log, LogSettings
from keepalivedpy.daemon.options import Options
from keepalivedpy.daemon.parent_status import ParentStatusSocket
from keepalivedpy.daemon.pidfile import PidFile
from keepalivedpy.daemon.process import spawn
from keepalivedpy.daemon.wakeup import Wakeup
from keepalivedpy.model.root import Root

CHILD_WAIT_S = 5.0
DIRECTOR_POLL_S = 0.1
DIRECTOR_SLOW_S = 30.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD,
           signal.SIGUSR1, signal.SIGUSR2)  # fmt: skip
TO_STOP = {signal.SIGTERM, signal.SIGINT}


@dataclass(slots=True)
class _Child:
    kind: Kind
    pid: int = 0
    channel: socket.socket | None = None
    started_s: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)
    life: Life = field(init=False)

    def __post_init__(self) -> None:
        self.life = Life(self.kind.title)


class Parent:
    """`read` re-reads the configuration: the new root, or None (having said why) to keep the old.

    Times are of time.monotonic.
    """

    def __init__(
        self,
        options: Options,
        root: Root,
        log: Log,
        log_settings: LogSettings,
        pid_file: PidFile,
        read: Callable[[], Root | None],
    ) -> None:
        self._options, self._root, self._read = options, root, read
        self._log, self._log_settings, self._pid_file = log, log_settings, pid_file
        self._wakeup = Wakeup(SIGNALS)
        self._children = [_Child(kind) for kind in KINDS]
        self._director = Director(options, log) if options.dpvs_config is not None else None
        self._status = ParentStatusSocket(options, self._lives, log)
        self._timers: list[tuple[float, Callable[[], None]]] = []
        self._exit: int | None = None

    def run(self) -> int:
        """Until told to stop, or until a child says that it cannot run; the exit status."""
        if self._director is None:
            self._start_children()
        else:
            self._start_director()
        while self._exit is None:
            self._handle(self._wakeup.wait(self._until_next_timer_s(), *self._status.readable()))
            self._status.answer()
        self._log("Stopping")
        self._status.close()
        self._stop()
        return self._exit

    def _lives(self) -> list[Life]:
        """Of the processes that the configuration asks for, or that still run."""
        director = [self._director.life] if self._director is not None else []
        return director + [
            child.life
            for child in self._children
            if child.pid or is_wanted(child.kind, self._root, self._options)
        ]

    # --- waiting ---

    def _until_next_timer_s(self) -> float | None:
        if not self._timers:
            return None
        return max(min(when_s for when_s, _ in self._timers) - time.monotonic(), 0.0)

    def _after(self, delay_s: float, action: Callable[[], None]) -> None:
        self._timers.append((time.monotonic() + delay_s, action))

    def _handle(self, signals: set[signal.Signals]) -> None:
        if signals & TO_STOP:
            self._exit = Exit.OK
            return
        if signal.SIGCHLD in signals:
            self._reap()
        if signal.SIGHUP in signals:
            self._reload()
        for signum in signals & {signal.SIGUSR1, signal.SIGUSR2}:
            self._log(f"Printing parent data for process({os.getpid()}) on signal: not yet")
            self._signal_children(signum)
        now_s = time.monotonic()
        due = [action for when_s, action in self._timers if when_s <= now_s]
        self._timers = [timer for timer in self._timers if timer[0] > now_s]
        for action in due:
            if self._exit is None:
                action()

    # --- the director ---

    def _start_director(self) -> None:
        assert self._director is not None
        try:
            self._director.start()
        except OSError as error:
            self._log(str(error), ERR)
            self._exit = Exit.FATAL
            return
        self._after(DIRECTOR_POLL_S, self._poll_director)
        self._after(DIRECTOR_SLOW_S, self._say_slow_director)

    def _poll_director(self) -> None:
        """Children start once it answers for the first time; they find a restarted one alone."""
        assert self._director is not None
        if not self._director.pid or self._director.answered:
            return
        if not self._director.is_answering():
            self._after(DIRECTOR_POLL_S, self._poll_director)
        elif not any(child.pid for child in self._children):
            self._start_children()

    def _say_slow_director(self) -> None:
        assert self._director is not None
        if self._director.pid and not self._director.answered:
            self._log(f"dpvs has not answered for {DIRECTOR_SLOW_S:g} s, waiting", WARNING)

    def _director_died(self, status: int) -> None:
        assert self._director is not None
        has_worked = self._director.answered or any(child.pid for child in self._children)
        delay_s = self._director.died(status)
        if not has_worked or self._options.dont_respawn:
            self._exit = Exit.FATAL
        else:
            self._after(delay_s, self._start_director)

    # --- the children ---

    def _start_children(self) -> None:
        for child in self._children:
            if child.pid == 0 and is_wanted(child.kind, self._root, self._options):
                self._start(child)
        if not any(child.pid for child in self._children):
            self._log("Warning - keepalived has no configuration to run", WARNING)
        self._log("Startup complete")

    def _start(self, child: _Child) -> None:
        ours, theirs = socket.socketpair()
        part = part_for(child.kind, self._root, self._options)

        def entry() -> int:
            ours.close()
            self._forget_everything()
            return child_main(child.kind, part, theirs, self._options, self._log_settings)

        child.pid, child.channel, child.started_s = spawn(entry), ours, time.monotonic()
        child.life.began(child.pid)
        theirs.close()
        self._log(f"Starting {child.kind.title} child process, pid={child.pid}")

    def _forget_everything(self) -> None:
        """In a child: close what is the parent's."""
        self._wakeup.close()
        self._status.forget()
        self._pid_file.forget()
        for child in self._children:
            if child.channel is not None:
                child.channel.close()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self._director is not None and pid == self._director.pid:
                self._director_died(status)
            for child in self._children:
                if child.pid == pid:
                    self._child_died(child, status)

    def _child_died(self, child: _Child, status: int) -> None:
        pid, code = child.pid, os.waitstatus_to_exitcode(status)
        child.life.ended(ending(status))
        self._forget_child(child)
        if code in PERMANENT:
            name = Exit(code).name
            self._log(f"{child.kind.ident} exited with permanent error {name}. Terminating", ERR)
            self._exit = code
        elif self._options.dont_respawn:
            self._log(f"{child.kind.title} child process({pid}) {ending(status)}: Exiting", ERR)
            self._exit = Exit.FATAL
        else:
            self._log(
                f"{child.kind.title} child process({pid}) died: Respawning ({ending(status)})", ERR
            )
            delay_s = child.backoff.delay_s(time.monotonic() - child.started_s)
            self._after(delay_s, lambda: self._start(child))

    def _forget_child(self, child: _Child) -> None:
        child.pid = 0
        if child.channel is not None:
            child.channel.close()
            child.channel = None

    def _signal_children(self, signum: int) -> None:
        for child in self._children:
            if child.pid:
                os.kill(child.pid, signum)

    # --- reload ---

    def _reload(self) -> None:
        """Read again; each child gets its new part, one that has work for the first time starts."""
        self._log("Reloading ...")
        root = self._read()
        if root is None:
            return
        self._root = root
        for child in self._children:
            if child.channel is not None:
                self._send(child, child.channel)
            elif child.pid == 0 and is_wanted(child.kind, root, self._options):
                self._start_unless_waiting(child)
        self._log("Reload finished")

    def _start_unless_waiting(self, child: _Child) -> None:
        """A child that waits for its respawn, or for the director, gets the new part then."""
        if self._director is not None and not self._director.answered:
            return
        if child.started_s == 0.0:
            self._start(child)

    def _send(self, child: _Child, channel: socket.socket) -> None:
        try:
            send_part(channel, part_for(child.kind, self._root, self._options))
        except OSError as error:
            self._log(f"{child.kind.title} process does not take its configuration: {error}", ERR)
            os.kill(child.pid, signal.SIGKILL)  # its successor starts with the new part

    # --- the end ---

    def _stop(self) -> None:
        """Children first: they still need the director to clean up."""
        pids = {child.pid: child.kind.title for child in self._children if child.pid}
        self._end(pids)
        if self._director is not None and self._director.pid:
            self._end({self._director.pid: "dpvs"})

    def _end(self, titles: dict[int, str]) -> None:
        """TERM, CHILD_WAIT_S, KILL."""
        for pid in titles:
            os.kill(pid, signal.SIGTERM)
        deadline_s = time.monotonic() + CHILD_WAIT_S
        while titles and (left_s := deadline_s - time.monotonic()) > 0:
            for pid in [pid for pid in titles if os.waitpid(pid, os.WNOHANG)[0]]:
                del titles[pid]
            if titles:
                self._wakeup.wait(left_s)
        for pid, title in titles.items():
            self._log(f"{title} process({pid}) did not end within {CHILD_WAIT_S:g} s, killing it")
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
