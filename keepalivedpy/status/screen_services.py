"""A virtual server with its servers on the status screen. Pure."""

from collections.abc import Iterator, Sequence

from keepalivedpy.status.model import CheckStatus, ServerStatus, ServiceStatus
from keepalivedpy.status.paint import Paint, Tone
from keepalivedpy.status.when import since

INDENT = " " * 8
MAX_NAMES = 4  # of a group; --json has them all


def service_lines(service: ServiceStatus, now: float, paint: Paint) -> Iterator[str]:
    up = service.quorum_up
    state = paint(Tone.GOOD if up else Tone.BAD, "UP  " if up else "DOWN")
    quorum = f"quorum {service.quorum}" if up else paint(Tone.BAD, f"NO QUORUM ({service.quorum})")
    real = [server for server in service.servers if not server.sorry]
    n_alive = sum(server.alive for server in real)
    single = len(service.names) == 1
    yield (
        f"  {state}  {service.names[0] if single else service.name}  {since(service.since, now)}, "
        f"{quorum}, {n_alive} of {len(real)} servers alive"
    )
    if not single:
        yield f"{INDENT}= {_listed(service.names)}"
    yield from _server_lines(service.servers, now, paint)


def _server_lines(servers: Sequence[ServerStatus], now: float, paint: Paint) -> Iterator[str]:
    rows = [
        (endpoint(one.addr, one.port), f"weight {one.weight}", _state(one), since(one.since, now))
        for one in servers
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for server, row in zip(servers, rows, strict=True):
        name, weight, state, when = (f"{w:<{n}}" for w, n in zip(row, widths, strict=True))
        checks = "; ".join(_check(check, row[0]) for check in server.checks)
        line = f"{INDENT}{name}  {weight}  {paint(_tone(server), state)}  {when}  {checks}"
        yield line.rstrip()


def endpoint(addr: str, port: int) -> str:
    return f"[{addr}]:{port}" if ":" in addr else f"{addr}:{port}"


def _listed(names: Sequence[str]) -> str:
    n_more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {n_more} more" if n_more > 0 else "")


def _state(server: ServerStatus) -> str:
    if server.sorry:
        return "sorry server, in use" if server.in_use else "sorry server, not in use"
    word = "alive" if server.alive else "DEAD"
    if server.alive and not server.in_use:
        word = "alive, not in use"
    return f"{word}, weight 0 in dpvs" if server.inhibited else word


def _tone(server: ServerStatus) -> Tone:
    if not server.alive:
        return Tone.BAD
    return Tone.GOOD if server.in_use is not server.sorry else Tone.CARE


def _check(check: CheckStatus, server: str) -> str:
    """The check's keyword, its target where that is not the server, and what it found last."""
    name = check.kind if check.target == server else f"{check.kind} {check.target}"
    if not check.has_run and not check.trouble:
        return f"{name} has not run yet"
    if check.up and check.trouble:
        return f"{name}: {check.trouble}, still counts as up"
    return f"{name}: {check.trouble or 'ok'}"
