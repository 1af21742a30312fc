"""Reading the configuration: at start, at reload, and for --config-test.

At the start the daemon runs with what it understood, as keepalived does, unless the file is not
usable (an argument is missing). At reload any error refuses the file: what runs is better than
half of something new.
"""

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from keepalivedpy.config.load import LoadResult, load
from keepalivedpy.config.render import log_line, render_all, render_compat, render_json
from keepalivedpy.daemon.exit_codes import Exit
from keepalivedpy.daemon.log import ERR, WARNING, Log
from keepalivedpy.daemon.options import Options
from keepalivedpy.model.root import Root
from keepalivedpy.plan.loaded import Loaded, loaded_path, save

SEVERITIES = {"error": ERR, "warning": WARNING}


class ConfigUnusableError(Exception):
    """There is nothing to run with; `status` is the daemon's exit status."""

    def __init__(self, status: Exit) -> None:
        super().__init__(status.name)
        self.status = status


def read_at_start(options: Options, log: Log) -> Root:
    """What the file means as far as it was understood. Raises ConfigUnusableError."""
    if not is_readable(options.config):
        log(f"Unable to find configuration file {options.config}", ERR)
        raise ConfigUnusableError(Exit.NO_CONFIG)
    result = _read(options, log)
    if not result.usable:
        raise ConfigUnusableError(Exit(result.status))
    return result.root


def reload_reader(options: Options, log: Log) -> Callable[[], Root | None]:
    """What the parent calls on SIGHUP: the new configuration, or None to keep the old one."""

    def read_again() -> Root | None:
        if not is_readable(options.config):
            log(f"Unable to find configuration file {options.config}", ERR)
        else:
            result = _read(options, log)
            if not result.errors:
                note_loaded(options, result.root, log)
                return result.root
        log("New config failed validation, keeping the old configuration", ERR)
        return None

    return read_again


def note_loaded(options: Options, root: Root, log: Log) -> None:
    """Leave what runs for --plan; without it the daemon works as well."""
    loaded = Loaded(config=os.path.abspath(options.config), read_at=time.time(), root=root)
    try:
        save(loaded_path(options.pid_file), loaded)
    except OSError as error:
        log(f"No --plan: cannot write {error.filename}: {error.strerror}", WARNING)


def is_readable(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.R_OK)


def config_test(options: Options) -> int:
    """-t: messages to stderr or to the end of a file; the exit status says what is wrong."""
    result = _load(options)
    if options.format == "json":
        _say(options, render_json(result.diagnostics, result.status))
    elif options.compat:
        _say(options, render_compat(result.diagnostics, result.blocks))
    else:
        _say(options, render_all(result.diagnostics))
    return result.status


def _load(options: Options) -> LoadResult:
    return load(
        options.config,
        config_id=options.config_id,
        all_includes=options.all_includes,
        interfaces=frozenset(name for _, name in socket.if_nameindex()),
    )


def _read(options: Options, log: Log) -> LoadResult:
    log(f"Configuration file {options.config}")
    result = _load(options)
    files = [diagnostic.place.file for diagnostic in result.diagnostics]
    for diagnostic in result.diagnostics:
        log(log_line(diagnostic, files), SEVERITIES[diagnostic.severity])
    return result


def _say(options: Options, text: str) -> None:
    if options.config_test in (None, "-"):
        sys.stderr.write(text)
    else:
        with Path(str(options.config_test)).open("a") as file:
            file.write(text)
