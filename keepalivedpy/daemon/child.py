"""A child process from inside: log, pid file, signals, then its runner."""

import asyncio
import gc
import signal
import socket

import msgspec

from keepalivedpy.daemon.channel import receive_parts
from keepalivedpy.daemon.children import Kind
from keepalivedpy.daemon.exit_codes import Exit
from keepalivedpy.daemon.log import ERR, Log, LogSettings, open_log
from keepalivedpy.daemon.options import Options
from keepalivedpy.daemon.pidfile import PidFile
from keepalivedpy.daemon.process import set_name
from keepalivedpy.status.listener import status_path
from keepalivedpy.status.server import StatusServer

NOT_YET = {
    signal.SIGHUP: "reload: send SIGHUP to the parent process",
    signal.SIGUSR1: "Printing data on SIGUSR1: not yet",
    signal.SIGUSR2: "Printing statistics on SIGUSR2: not yet",
}


def child_main(
    kind: Kind,
    part: msgspec.Struct,
    channel: socket.socket,
    options: Options,
    log_settings: LogSettings,
) -> int:
    """Runs in the new process until it is told to stop; its exit status."""
    set_name(kind.comm)
    gc.freeze()
    log = open_log(log_settings, kind.ident, kind.suffix)
    pid_file = PidFile(getattr(options, kind.pid_option))
    try:
        pid_file.take()
        pid_file.write()
        asyncio.run(_run(kind, part, channel, options, log))
        log("Stopped")
        return Exit.OK
    except PermissionError as error:
        log(f"{kind.title}: no permission: {error}", ERR)
        return Exit.PERMISSION
    except Exception as error:
        log(f"{kind.title} process: {type(error).__name__}: {error}", ERR)
        raise
    finally:
        pid_file.remove()
        log.close()


async def _run(
    kind: Kind, part: msgspec.Struct, channel: socket.socket, options: Options, log: Log
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    for signum, text in NOT_YET.items():
        loop.add_signal_handler(signum, log, text)
    status = StatusServer(status_path(getattr(options, kind.pid_option)), log)
    try:
        updates = receive_parts(channel, kind.part_type)
        await kind.main(part, updates, stop, log, options, status.show)
    finally:
        status.close()
