"""Where lines go: dpvs.conf's log_file with time stamps, else syslog, in the foreground stderr too.

A file is opened anew on reload, so that it can be rotated (C-014).
"""

import logging
import logging.handlers
import sys
from pathlib import Path

from dpvs_core.config.dpvs_model import GlobalDefs
from dpvs_core.master.errors import StartError

LOGGER = logging.getLogger("dpvs")

LEVELS = {
    "DEBUG": logging.DEBUG, "INFO": logging.INFO, "NOTICE": logging.INFO,
    "WARNING": logging.WARNING, "ERR": logging.ERROR, "CRIT": logging.CRITICAL,
    "ALERT": logging.CRITICAL, "EMERG": logging.CRITICAL,
}  # fmt: skip

STAMP = "%Y-%m-%d %H:%M:%S"
SYSLOG_SOCKET = "/dev/log"


def set_up(conf: GlobalDefs, foreground: bool) -> None:
    """Point the logger at what the configuration says, closing what it had."""
    for handler in list(LOGGER.handlers):
        LOGGER.removeHandler(handler)
        handler.close()
    LOGGER.setLevel(LEVELS[conf.log_level or "INFO"])
    LOGGER.propagate = False
    if foreground:
        _add(logging.StreamHandler(sys.stderr), stamp=True)
    if conf.log_file is not None:
        try:
            _add(logging.FileHandler(conf.log_file), stamp=True)
        except OSError as error:
            raise StartError(f"log_file {conf.log_file}: {error.strerror}") from None
    elif Path(SYSLOG_SOCKET).exists():
        facility = logging.handlers.SysLogHandler.LOG_DAEMON
        syslog = logging.handlers.SysLogHandler(SYSLOG_SOCKET, facility)
        syslog.ident = f"{LOGGER.name}: "
        _add(syslog, stamp=conf.log_with_timestamp)


def _add(handler: logging.Handler, *, stamp: bool) -> None:
    form = "%(asctime)s.%(msecs)03d %(message)s" if stamp else "%(message)s"
    handler.setFormatter(logging.Formatter(form, STAMP))
    LOGGER.addHandler(handler)
