"""The screen of `keepalived --status`: lines from a Status. Pure."""

from collections.abc import Iterator

from keepalivedpy.status.model import CoreStatus, Status
from keepalivedpy.status.paint import Paint, Tone
from keepalivedpy.status.screen_services import service_lines
from keepalivedpy.status.screen_vrrp import instance_lines
from keepalivedpy.status.when import since


def screen(status: Status, now: float, paint: Paint) -> Iterator[str]:
    """`now`: epoch seconds."""
    yield from _head(status, now, paint)
    yield from _core(status, paint)
    if status.vrrp is not None:
        yield ""
        yield _title("VRRP", status.vrrp.pid, len(status.vrrp.instances), paint)
        width = max((len(one.name) for one in status.vrrp.instances), default=0)
        for instance in status.vrrp.instances:
            yield from instance_lines(instance, now, paint, width)
    if status.checkers is not None:
        yield ""
        yield _title("Services", status.checkers.pid, len(status.checkers.services), paint)
        for service in status.checkers.services:
            yield from service_lines(service, now, paint)


def _title(name: str, pid: int, n_lines: int, paint: Paint) -> str:
    return paint(Tone.TITLE, name) + f", pid {pid}" + ("" if n_lines else ": none")


def _head(status: Status, now: float, paint: Paint) -> Iterator[str]:
    if status.pid is not None:
        words = [f"keepalived {status.version}".rstrip(), f"pid {status.pid}"]
        words += [since(status.since, now)] if status.since is not None else []
        words += [status.config] if status.config else []
        yield paint(Tone.TITLE, words[0]) + ", " + ", ".join(words[1:])
    for process in status.processes:
        if process.n_ended and process.pid:
            times = "once" if process.n_ended == 1 else f"{process.n_ended} times"
            text = f"  ! {process.name} was started again {times}: it {process.ended}"
            yield paint(Tone.CARE, text)
    for trouble in status.troubles:
        yield paint(Tone.BAD, f"  ! {trouble}" if status.pid is not None else trouble)


def _core(status: Status, paint: Paint) -> Iterator[str]:
    """The connection to dpvs, once where all processes see the same."""
    seen = {
        title: part.core
        for title, part in (("VRRP", status.vrrp), ("Healthcheck", status.checkers))
        if part is not None and part.core is not None
    }
    same = len({(core.path, core.instance, core.trouble) for core in seen.values()}) == 1
    for title, core in list(seen.items())[: 1 if same else None]:
        whose = "" if same else f" ({title})"
        yield paint(Tone.TITLE, "dpvs") + f"{whose}, {_connection(core, paint)}"
    for title, core in seen.items():
        for refused in core.refused:
            yield paint(Tone.BAD, f"  ! dpvs refused {title}: {refused}")


def _connection(core: CoreStatus, paint: Paint) -> str:
    if core.trouble:
        state = paint(Tone.CARE if core.connected else Tone.BAD, core.trouble)
    else:
        state = paint(Tone.GOOD, "connected")
    instance = f", instance {core.instance}" if core.instance else ""
    return f"{core.path}{instance}: {state}"
