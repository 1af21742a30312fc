"""The master's loop: the control socket, upkeep, signals; until told to stop."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

from dpvs_core.config.dpvs_conf import load_dpvs_conf
from dpvs_core.control.server import Server
from dpvs_core.master import logs, pidfile
from dpvs_core.master.boot import Director
from dpvs_core.master.errors import EngineError, StartError
from dpvs_core.master.options import Options
from dpvs_core.master.upkeep import Upkeep

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_TIMEOUT_S = 10
GC_THRESHOLDS = (100_000, 50, 1000)
"""Rows are trees, freed by their counts; full collections of 10,000 services took 0.2 s each."""


async def serve(director: Director, options: Options, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT. The core is still to be stopped afterwards."""
    assert director.handlers is not None and director.service is not None
    server = Server(director.service, options.socket)
    director.handlers.facts.n_clients = lambda: server.n_clients
    director.handlers.facts.protocol_errors = lambda: server.counters.protocol_errors
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    loop.add_signal_handler(signal.SIGHUP, reload, director, options)
    await server.start()
    gc.freeze()  # modules and configuration stay: never look at them again
    gc.set_threshold(*GC_THRESHOLDS)
    upkeep = asyncio.create_task(Upkeep(director.handlers, director.service, director.log).run())
    upkeep.add_done_callback(lambda _task: stopped.set())
    try:
        pidfile.write(Path(options.pid_file))
        director.log.info("Control socket %s", options.socket)
        director.log.info("dpvs is ready (process %d)", os.getpid())
        ready()
        await stopped.wait()
        if upkeep.done():
            upkeep.result()
        director.log.info("Stopping")
    finally:
        signal.alarm(STOP_TIMEOUT_S)  # its default action ends us if a thread hangs
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
        await server.stop()
        pidfile.remove(Path(options.pid_file))


def reload(director: Director, options: Options) -> None:
    """SIGHUP: read the file again, take over what may change, say what would need a restart."""
    conf, diagnostics = load_dpvs_conf(options.conf)
    for diagnostic in diagnostics:
        level = logging.ERROR if diagnostic.severity == "error" else logging.WARNING
        director.log.log(level, "%s: %s", diagnostic.place, diagnostic.text)
    if diagnostics.errors:
        director.log.error("%s has errors: nothing was changed", options.conf)
        return
    try:
        logs.set_up(conf.global_defs, foreground=not options.daemon)
        pending = director.reload(conf)
    except (StartError, EngineError) as error:
        director.log.error("reload: %s", error)
        return
    if pending:
        director.log.warning("Reload: changes of %s need a restart", ", ".join(pending))
    director.log.info("Reload: %s is in force", options.conf)
