"""The kinds of child processes: one row each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from keepalivedpy.checkers import runner as checkers_runner
from keepalivedpy.checkers import status as checkers_status
from keepalivedpy.checkers.notify import Scripts
from keepalivedpy.daemon import priority as process_priority
from keepalivedpy.daemon.options import Options
from keepalivedpy.daemon.vrrp_scripts import scripts
from keepalivedpy.lvs.part import CheckerPart, checker_part
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.status import moment
from keepalivedpy.vrrp import runner as vrrp_runner
from keepalivedpy.vrrp import status as vrrp_status
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.part import VrrpPart, vrrp_part

LAST_SCRIPTS_S = 1.0

Show = Callable[[Callable[[], Awaitable[msgspec.Struct]]], None]
"""Takes what builds the status of the process: server.StatusServer.show."""

Main = Callable[
    [Any, AsyncIterator[Any], asyncio.Event, Callable[[str], None], Options, Show], Awaitable[None]
]


class Kind(NamedTuple):
    """`ident` names it in syslog, `comm` in ps; `excluded_by` is the option that leaves it out;
    `part_of(root, alone)` is its configuration, `alone` without the other kinds."""

    title: str
    ident: str
    comm: str
    suffix: str
    pid_option: str
    excluded_by: str
    part_type: type[msgspec.Struct]
    part_of: Callable[[Root, bool], msgspec.Struct]
    has_work: Callable[[Root], bool]
    main: Main


async def _check(
    part: CheckerPart,
    updates: AsyncIterator[CheckerPart],
    stop: asyncio.Event,
    log: Callable[[str], None],
    options: Options,
    show: Show,
) -> None:
    started_us = moment.now().monotonic_us

    def on_runner(runner: checkers_runner.Runner) -> None:
        show(lambda: checkers_status.status_of(runner, moment.now(), started_us))

    await checkers_runner.run(
        part, updates, stop, log, options.ipc, options.keep_services, on_runner
    )


async def _vrrp(
    part: VrrpPart,
    updates: AsyncIterator[VrrpPart],
    stop: asyncio.Event,
    log: Callable[[str], None],
    options: Options,
    show: Show,
) -> None:
    started_us = moment.now().monotonic_us
    running = Scripts(log)
    running.script_user = part.global_defs.script_user
    process_priority.apply(part.global_defs, log)

    def on_engine(engine: vrrp_runner.Engine) -> None:
        show(lambda: vrrp_status.status_of(engine, moment.now(), started_us))

    async def followed() -> AsyncIterator[VrrpPart]:
        async for newer in updates:
            running.script_user = newer.global_defs.script_user
            yield newer

    def on_transition(instance: VrrpInstance, _old: State, new: State, priority: int) -> None:
        for notify in scripts(instance, new, priority):
            running.start(notify)

    await vrrp_runner.run(
        part, followed(), stop, log, options.ipc, options.keep_vips, on_transition, on_engine
    )
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


def part_for(kind: Kind, root: Root, options: Options) -> msgspec.Struct:
    """What a child of this kind gets of the configuration."""
    return kind.part_of(root, options.only_vrrp or options.only_check)


def is_wanted(kind: Kind, root: Root, options: Options) -> bool:
    if getattr(options, kind.excluded_by):
        return False
    return options.all_children or kind.has_work(root)
