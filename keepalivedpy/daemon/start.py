"""From the command line to the running daemon."""

import os
import shlex
import time
from collections.abc import Iterable

from dpvs_core import __version__
from keepalivedpy.daemon.children import KINDS
from keepalivedpy.daemon.dump import dump
from keepalivedpy.daemon.exit_codes import Exit
from keepalivedpy.daemon.facility import facility
from keepalivedpy.daemon.log import ERR, WARNING, Log, LogSettings, open_log
from keepalivedpy.daemon.options import Options
from keepalivedpy.daemon.parent import Parent
from keepalivedpy.daemon.pidfile import AlreadyRunningError, PidFile, live_pid
from keepalivedpy.daemon.process import daemonise, set_name
from keepalivedpy.daemon.read_config import (
    ConfigUnusableError,
    note_loaded,
    read_at_start,
    reload_reader,
)
from keepalivedpy.plan.loaded import forget, loaded_path

IDENT = "Keepalived"
LEFTOVER_WAIT_S = 5.0
POLL_S = 0.05
NOT_CARRIED = {
    "release_vips": "Option -X is not carried yet, it is ignored",
}


def version_text() -> str:
    return f"Keepalived v{__version__} (keepalivedpy)"


def log_settings(options: Options) -> LogSettings:
    return LogSettings(
        console=options.log_console,
        syslog=not options.no_syslog,
        facility=facility(options.log_facility) or LogSettings().facility,
        file=options.log_file,
    )


def start(options: Options) -> int:
    """Run the daemon; the exit status."""
    settings = log_settings(options)
    log = open_log(settings, IDENT)
    try:
        _greet(options, log)
        pid_file = PidFile(options.pid_file)
        try:
            _wait_for_leftovers(
                getattr(options, kind.pid_option)
                for kind in KINDS
                if not getattr(options, kind.excluded_by)
            )
            pid_file.claim(log)
        except AlreadyRunningError:
            log("daemon is already running")
            return Exit.OK
        except OSError as error:
            log(f"Cannot write pid file {options.pid_file}: {error.strerror}", ERR)
            return Exit.PERMISSION if isinstance(error, PermissionError) else Exit.FATAL
        if not options.foreground:
            log.close()
            daemonise(keep_output=options.log_console)
            log = open_log(settings, IDENT)
        return _run(options, log, settings, pid_file)
    finally:
        log.close()


def _run(options: Options, log: Log, settings: LogSettings, pid_file: PidFile) -> int:
    set_name("keepalived")
    pid_file.write()
    try:
        root = read_at_start(options, log)
        if options.dump_config:
            for line in dump(root):
                log(line)
        parent = Parent(options, root, log, settings, pid_file, reload_reader(options, log))
        note_loaded(options, root, log)
        return parent.run()
    except ConfigUnusableError as error:
        return error.status
    finally:
        pid_file.remove()
        forget(loaded_path(options.pid_file))
        log(f"Stopped {version_text()}")


def _greet(options: Options, log: Log) -> None:
    log(f"Starting {version_text()}")
    system = os.uname()
    log(f"Running on {system.sysname} {system.release} {system.version}")
    log(f"Command line: {shlex.join(options.words)}")
    if options.surplus:
        log(f"Unexpected argument(s): {' '.join(options.surplus)}")
    if facility(options.log_facility) is None:
        log(f"Invalid log facility '{options.log_facility}'", ERR)
    for field, text in NOT_CARRIED.items():
        if getattr(options, field):
            log(text, WARNING)


def _wait_for_leftovers(paths: Iterable[str]) -> None:
    """Children of a killed parent end by themselves; give them as long as a stop would."""
    deadline_s = time.monotonic() + LEFTOVER_WAIT_S
    for path in paths:
        while live_pid(path) is not None:
            if time.monotonic() > deadline_s:
                raise AlreadyRunningError(path)
            time.sleep(POLL_S)
