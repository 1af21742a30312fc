"""The command line of dpvs (P-001): ours before `--`, the environment layer's (EAL) after it."""

import getopt
from dataclasses import dataclass

from dpvs_core.config.dpvs_conf import DEFAULT_PATH
from dpvs_core.control.messages import DEFAULT_SOCKET

DEFAULT_PID_FILE = "/var/run/dpvs.pid"

USAGE = """
Usage: {program} DPVS application options:
   -v, --version           display DPVS version info
   -c, --conf FILE         specify config file for DPVS
   -p, --pid-file FILE     specify pid file of DPVS process
   -x, --ipc-file FILE     specify unix socket file for ipc communication between DPVS and Tools
   -d, --daemon            run in the background, once started
       --remove-kernel-ports
                           remove the kernel ports that the config file names, and leave
   -h, --help              display DPVS help info

   Options of DPDK's EAL go after `--`, e.g. {program} -- -a 0000:02:00.0 -l 1-9
"""


class UsageError(Exception):
    """A command line that is not understood; the text says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    conf: str = DEFAULT_PATH
    pid_file: str = DEFAULT_PID_FILE
    socket: str = DEFAULT_SOCKET
    version: bool = False
    help: bool = False
    daemon: bool = False
    remove_kernel_ports: bool = False
    eal: tuple[str, ...] = ()


VALUES = {
    "-c": "conf", "--conf": "conf", "-p": "pid_file", "--pid-file": "pid_file",
    "-x": "socket", "--ipc-file": "socket",
}  # fmt: skip
FLAGS = {
    "-v": "version", "--version": "version", "-h": "help", "--help": "help",
    "-d": "daemon", "--daemon": "daemon", "--remove-kernel-ports": "remove_kernel_ports",
}  # fmt: skip


def parse(words: list[str], default_socket: str = DEFAULT_SOCKET) -> Options:
    """Words after the program's name -> Options; UsageError."""
    ours, eal = words, []
    if "--" in words:
        at = words.index("--")
        ours, eal = words[:at], words[at + 1 :]
    long_options = [name[2:] + "=" for name in VALUES if name.startswith("--")]
    long_options += [name[2:] for name in FLAGS if name.startswith("--")]
    try:
        given, rest = getopt.gnu_getopt(ours, "c:p:x:vhd", long_options)
    except getopt.GetoptError as error:
        raise UsageError(str(error)) from None
    if rest:
        raise UsageError(f"what is '{rest[0]}'? (EAL options go after --)")
    fields: dict[str, str | bool] = {"socket": default_socket}
    for name, value in given:
        if name in VALUES:
            if not value:
                raise UsageError(f"{name} needs a file name")
            fields[VALUES[name]] = value
        else:
            fields[FLAGS[name]] = True
    return Options(**fields, eal=tuple(eal))  # type: ignore[arg-type]


def usage(program: str) -> str:
    return USAGE.format(program=program)
