"""dpvs: the program (P-001, P-002). Decides nothing: options, configuration, boot, serve, stop."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dpvs_core
from dpvs_core.config.dpvs_conf import load_dpvs_conf
from dpvs_core.config.dpvs_model import DpvsConf
from dpvs_core.control.client import socket_path
from dpvs_core.control.server import SocketBusyError, claim_path
from dpvs_core.master import daemon, logs, pidfile
from dpvs_core.master.errors import EngineError, StartError
from dpvs_core.master.machine import read_machine
from dpvs_core.master.options import Options, UsageError, parse, usage


def main() -> int:
    """The exit status: 0 after a clean stop, 1 for everything that keeps dpvs from running."""
    try:
        options = parse(sys.argv[1:], socket_path())
    except UsageError as error:
        print(f"dpvs: {error}\n{usage(sys.argv[0])}", file=sys.stderr, end="")
        return 1
    if options.version:
        print(version_line(), file=sys.stderr)
        return 0
    if options.help:
        print(usage(sys.argv[0]), end="")
        return 0
    conf = _configuration(options)
    if conf is None:
        return 1
    try:
        if options.remove_kernel_ports:
            return _remove_kernel_ports(conf)
        return _run(options, conf)
    except (StartError, EngineError, SocketBusyError, OSError) as error:
        logs.LOGGER.error("dpvs cannot run: %s", error)
        if not logs.LOGGER.handlers:
            print(f"dpvs: {error}", file=sys.stderr)
        return 1


def version_line() -> str:
    built_s = Path(dpvs_core.__file__).stat().st_mtime
    built = time.strftime("%Y.%m.%d.%H:%M:%S", time.localtime(built_s))
    return f"dpvs version: {dpvs_core.__version__}, build on {built}"


def _configuration(options: Options) -> DpvsConf | None:
    """dpvs.conf, with everything wrong in it said; None if it must not be used."""
    conf, diagnostics = load_dpvs_conf(options.conf)
    for diagnostic in diagnostics:
        print(f"dpvs: {diagnostic.place}: {diagnostic.severity}: {diagnostic.text}",
              file=sys.stderr)  # fmt: skip
    return None if diagnostics.errors else conf


def _remove_kernel_ports(conf: DpvsConf) -> int:
    from dpvs_core.master.kernel_net import KernelNet

    with KernelNet() as net:
        for device in conf.netif_defs.devices:
            done = "removed" if net.remove(device.kernel_port) else "not there"
            print(f"kernel port {device.kernel_port}: {done}")
    return 0


def _run(options: Options, conf: DpvsConf) -> int:
    from dpvs_core.master import boot, runner  # the native module: slow to load, needs DPDK

    pidfile.claim(Path(options.pid_file))
    claim_path(options.socket)
    if os.geteuid() != 0:
        raise StartError("dpvs needs root (ports, memory, kernel ports)")
    ready: Callable[[], None] = daemon.detach() if options.daemon else lambda: None
    logs.set_up(conf.global_defs, foreground=True)
    logs.LOGGER.info("%s, configuration %s", version_line(), options.conf)
    director = boot.Director(conf, options.conf, logs.LOGGER)

    def in_background() -> None:
        if options.daemon:
            logs.set_up(conf.global_defs, foreground=False)
        ready()

    try:
        boot.boot(director, options.eal, read_machine())
        asyncio.run(runner.serve(director, options, in_background))
    finally:
        for number in runner.STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # stopping already; supervisors send it twice
        director.stop()
    logs.LOGGER.info("dpvs has stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
