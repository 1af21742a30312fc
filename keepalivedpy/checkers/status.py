"""What the checker process tells about itself (`keepalived --status`). Pure, but for the engine's
present state, which it reads and does not change."""

import os

from dpvs_core.control.messages import ServiceKey
from dpvs_core.control.names import end_text, service_text
from keepalivedpy.checkers.checks import Check
from keepalivedpy.checkers.engine import Engine
from keepalivedpy.checkers.registry import KINDS
from keepalivedpy.checkers.runner import Runner
from keepalivedpy.lvs.names import RsKey, VsId, vs_name
from keepalivedpy.lvs.plan import service_keys
from keepalivedpy.lvs.pool import servers
from keepalivedpy.model.lvs import RealServer, VirtualServer
from keepalivedpy.status.model import CheckerStatus, CheckStatus, ServerStatus, ServiceStatus
from keepalivedpy.status.moment import Moment
from keepalivedpy.status.slices import in_slices


async def status_of(runner: Runner, moment: Moment, started_us: int) -> CheckerStatus:
    """`started_us`: when the process began, by the moment's clock."""
    engine = runner.engine

    def one(block: tuple[VsId, VirtualServer]) -> ServiceStatus | None:
        vs_id, vs = block
        is_gone = engine.blocks.get(vs_id) is not vs  # a reload came between two slices
        return None if is_gone else service_status(engine, vs_id, vs, moment)

    services = await in_slices(one, list(engine.blocks.items()))
    return CheckerStatus(
        pid=os.getpid(),
        since=moment.epoch_of(started_us),
        core=runner.backend.status(),
        services=tuple(service for service in services if service is not None),
    )


def service_status(engine: Engine, vs_id: VsId, vs: VirtualServer, moment: Moment) -> ServiceStatus:
    pool = engine.pools[vs_id]
    keys = service_keys(engine.part, vs)
    reals = [_server(engine, vs_id, key, rs, moment) for key, rs in servers(vs).items()]
    return ServiceStatus(
        name=vs_name(vs),
        names=tuple([_name(key) for key in keys]),
        quorum=vs.quorum,
        quorum_up=pool.quorum_up,
        since=moment.epoch_of(engine.since.quorum_us(vs_id)),
        servers=(*reals, *_sorry_server(engine, vs_id, vs, moment)),
    )


def _server(
    engine: Engine, vs_id: VsId, key: RsKey, rs: RealServer, moment: Moment
) -> ServerStatus:
    pool = engine.pools[vs_id]
    is_alive = key in pool.alive
    takes_part = is_alive and not pool.sorry
    return ServerStatus(
        addr=key.addr,
        port=key.port,
        weight=rs.weight,
        alive=is_alive,
        in_use=takes_part and rs.weight > 0,
        sorry=False,
        inhibited=rs.inhibit_on_failure and not takes_part,
        since=moment.epoch_of(engine.since.alive_us(vs_id, key)),
        checks=tuple([_check(check, moment) for check in engine.checks.of(vs_id, key)]),
    )


def _sorry_server(
    engine: Engine, vs_id: VsId, vs: VirtualServer, moment: Moment
) -> tuple[ServerStatus, ...]:
    """The sorry server, if there is one; nothing checks it."""
    if vs.sorry_server is None:
        return ()
    return (
        ServerStatus(
            addr=vs.sorry_server.addr,
            port=vs.sorry_server.port,
            weight=vs.sorry_server.weight,
            alive=True,
            in_use=engine.pools[vs_id].sorry,
            sorry=True,
            since=moment.epoch_of(engine.since.sorry_us(vs_id)),
        ),
    )


def _check(check: Check, moment: Moment) -> CheckStatus:
    target = check.key.target
    return CheckStatus(
        kind=KINDS[type(target)].keyword,
        target=end_text(target.addr, target.port),
        up=check.state.is_up,
        has_run=check.state.has_run,
        since=moment.epoch_of(check.changed_us),
        trouble=check.trouble,
    )


def _name(key: ServiceKey) -> str:
    """Address first, as --status lists them; a match has none."""
    return service_text(key) if key.match else f"{end_text(key.addr, key.port)} {key.proto}"
