"""The kinds of child processes: one row each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from keepalivedpy.checkers import runner as checkers_runner
from keepalivedpy.checkers.notify import Scripts
from keepalivedpy.daemon.options import Options
from keepalivedpy.daemon.vrrp_scripts import scripts
from keepalivedpy.lvs.part import CheckerPart, checker_part
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.vrrp import runner as vrrp_runner
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.part import VrrpPart, vrrp_part

LAST_SCRIPTS_S = 1.0

Main = Callable[
    [Any, AsyncIterator[Any], asyncio.Event, Callable[[str], None], Options], Awaitable[None]
]


class Kind(NamedTuple):
    """`ident` names it in syslog, `comm` in ps; `excluded_by` is the option that leaves it out."""

    title: str
    ident: str
    comm: str
    suffix: str
    pid_option: str
    excluded_by: str
    part_type: type[msgspec.Struct]
    part_of: Callable[[Root], msgspec.Struct]
    has_work: Callable[[Root], bool]
    main: Main


async def _check(
    part: CheckerPart,
    updates: AsyncIterator[CheckerPart],
    stop: asyncio.Event,
    log: Callable[[str], None],
    options: Options,
) -> None:
    await checkers_runner.run(part, updates, stop, log, options.ipc, options.keep_services)


async def _vrrp(
    part: VrrpPart,
    updates: AsyncIterator[VrrpPart],
    stop: asyncio.Event,
    log: Callable[[str], None],
    options: Options,
) -> None:
    running = Scripts(log)

    def on_transition(instance: VrrpInstance, _old: State, new: State, priority: int) -> None:
        for notify in scripts(instance, new, priority):
            running.start(notify)

    await vrrp_runner.run(part, updates, stop, log, options.ipc, options.keep_vips, on_transition)
    await running.finish(LAST_SCRIPTS_S)


KINDS = (
    Kind(
        title="Healthcheck",
        ident="Keepalived_healthcheckers",
        comm="keepalived_checkers",
        suffix="_healthcheckers",
        pid_option="checkers_pid_file",
        excluded_by="only_vrrp",
        part_type=CheckerPart,
        part_of=checker_part,
        has_work=lambda root: bool(root.virtual_servers),
        main=_check,
    ),
    Kind(
        title="VRRP",
        ident="Keepalived_vrrp",
        comm="keepalived_vrrp",
        suffix="_vrrp",
        pid_option="vrrp_pid_file",
        excluded_by="only_check",
        part_type=VrrpPart,
        part_of=vrrp_part,
        has_work=lambda root: bool(
            root.vrrp_instances or root.static_ipaddress or root.static_routes
        ),
        main=_vrrp,
    ),
)


def is_wanted(kind: Kind, root: Root, options: Options) -> bool:
    if getattr(options, kind.excluded_by):
        return False
    return options.all_children or kind.has_work(root)
