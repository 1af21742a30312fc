"""Reading the configuration: at start, at reload, and for --config-test."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from keepalivedpy.config.load import load
from keepalivedpy.daemon.exit_codes import TestExit
from keepalivedpy.daemon.log import ERR, WARNING, Log
from keepalivedpy.daemon.options import Options
from keepalivedpy.model.root import Root


def read(path: str, log: Log) -> Root | None:
    """The configuration, its messages logged; None when it has errors or cannot be read."""
    log(f"Configuration file {path}")
    try:
        result = load(path)
    except OSError as error:
        log(f"Configuration file '{path}' cannot be read: {error.strerror}", ERR)
        return None
    for warning in result.warnings:
        log(str(warning), WARNING)
    for problem in result.errors:
        log(str(problem), ERR)
    return None if result.errors else result.root


def is_readable(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.R_OK)


def reload_reader(options: Options, log: Log) -> Callable[[], Root | None]:
    """What the parent calls on SIGHUP."""

    def read_again() -> Root | None:
        root = read(options.config, log)
        if root is None:
            log("New config failed validation, keeping the old configuration", ERR)
        return root

    return read_again


def config_test(options: Options) -> int:
    """-t: messages to stderr or the given file; the exit status says what was wrong."""
    if not os.path.exists(options.config):
        _say(options, [f"Config files missing '{options.config}'."])
        return TestExit.OK  # as keepalived has it
    try:
        result = load(options.config)
    except OSError as error:
        _say(options, [f"Configuration file '{options.config}': {error.strerror}"])
        return TestExit.CANNOT_RUN
    _say(options, [str(message) for message in (*result.errors, *result.warnings)])
    return TestExit.ERRORS if result.errors or result.warnings else TestExit.OK


def _say(options: Options, lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    if options.config_test in (None, "-"):
        sys.stderr.write(text)
    else:
        with Path(str(options.config_test)).open("a") as file:
            file.write(text)
