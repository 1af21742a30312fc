"""dpip's objects by name. A module is loaded when its object is asked for: tools start fast."""

from importlib import import_module
from typing import cast

from keepalivedpy.cli.command import Object
from keepalivedpy.cli.errors import REFUSED, CommandError

CARRIED = ("link", "addr", "route", "neigh", "maddr", "flow", "ipv6", "drops", "capture")
NOT_CARRIED = (
    "vlan", "tunnel", "qsch", "cls", "iftraf", "eal-mem", "ipset", "lldp",
)  # fmt: skip


def load(name: str) -> Object:
    """The object of that name; CommandError where there is none. (capture: see dpip_capture.)"""
    if name in NOT_CARRIED:
        from keepalivedpy.cli.dpip_absent import absent_object

        return absent_object(name)
    if name not in CARRIED:
        raise CommandError(f"invalid object '{name}', use `-h' for help.", REFUSED)
    return cast(Object, import_module(f"keepalivedpy.cli.dpip_{name}").OBJECT)


def usage() -> str:
    from keepalivedpy.cli.dpip_options import options_help

    return "\n".join((
        "Usage:",
        "    dpip [OPTIONS] OBJECT { COMMAND | help }",
        "Parameters:",
        f"    OBJECT  := {{ {' | '.join(CARRIED)} }}",
        f"    not carried by this core yet: {' '.join(NOT_CARRIED)}",
        "    COMMAND := { add | del | set (change) | show (list) | replace | flush | help }",
        "Options:",
        options_help(),
    ))  # fmt: skip
