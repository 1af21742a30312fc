"""dpip flow: which worker owns which flow group, and how each port steers.

DPVS's `type kni` rules (D-083) do not exist here: packets for the kernel need no rule.
"""

from collections.abc import Iterator, Sequence

import msgspec

from dpvs_core.control.messages import FlowList, FlowRows
from keepalivedpy.cli import dpip_values as values
from keepalivedpy.cli.command import Arg, Context, Object, Verb
from keepalivedpy.cli.errors import REFUSED, CommandError


class FlowForm(msgspec.Struct):
    type: str = ""
    dev: str = ""
    addr: str = ""


def spans(numbers: Sequence[int]) -> str:
    """Sorted numbers as "0-3,7"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ",".join("-".join(str(end) for end in part) for part in parts)


def flow_lines(reply: FlowRows, dev: str) -> Iterator[str]:
    """Groups by worker, then one line a port."""
    yield f"groups {len(reply.group_worker)} redirected {reply.redirected}"
    for worker in sorted(set(reply.group_worker)):
        groups = [group for group, owner in enumerate(reply.group_worker) if owner == worker]
        yield f"    worker {worker}: {len(groups)} groups {spans(groups)}"
    for port in reply.ports:
        if dev in ("", port.dev):
            queues = f"{port.n_rx_queues} receive queue{'s'[: port.n_rx_queues != 1]}"
            detail = f": {port.detail}" if port.detail else ""
            yield f"{port.dev}: {queues}, {port.steering}{detail}"


def show(context: Context, form: FlowForm) -> None:
    _refuse_type(form)
    reply = context.session.call(FlowList(), FlowRows)
    if form.dev and form.dev not in [port.dev for port in reply.ports]:
        raise CommandError(f"not exist: no port '{form.dev}'", REFUSED)
    if context.json(reply):
        return
    for line in flow_lines(reply, form.dev):
        context.write(line)


def refuse(_context: Context, form: FlowForm) -> None:
    _refuse_type(form)
    raise CommandError("not support: the core makes its flow rules itself", REFUSED)


def _refuse_type(form: FlowForm) -> None:
    if form.type:
        raise CommandError(
            f"not support: flow type {form.type}; kernel traffic needs no rule here", REFUSED
        )


_TYPE = Arg("type", ("type",), "kni", values.one_of("flow type", ("kni",)))
_DEV = Arg("dev", ("dev",), "DEV", values.device)
_ADDR = Arg("addr", (), "ADDR", values.address)

OBJECT = Object(
    "flow",
    (
        Verb(("show", "list"), (_TYPE, _DEV), FlowForm, show),
        Verb(("add",), (_TYPE, _ADDR, _DEV), FlowForm, refuse),
        Verb(("del",), (_TYPE, _ADDR, _DEV), FlowForm, refuse),
        Verb(("flush",), (_TYPE, _DEV), FlowForm, refuse),
    ),
    ("type kni (DPVS's rules for the kernel's addresses) is not supported",),
)
