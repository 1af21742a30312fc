"""dpip ipv6 show: the counters of IPv6 beside established connections (D-080).

`total` (that is also what no word means), `all`: each lcore's, `cpu N`: one lcore's alone. Packets
of established connections are counted by service: ipvsadm -ln --stats.
"""

from collections.abc import Iterator, Sequence

import msgspec

from dpvs_core.control.messages import Ip6List, Ip6Rows
from keepalivedpy.cli import dpip_values as values
from keepalivedpy.cli.command import Arg, Context, Object, Verb, bad
from keepalivedpy.cli.errors import REFUSED, CommandError

MAX_CPU = 255
NAME_WIDTH, VALUE_WIDTH = 19, 21

Column = tuple[str, Sequence[int]]
"""A title ("": none), and a value a row."""


class Ip6Form(msgspec.Struct):
    cpu: int | None = None
    total: bool = False
    all: bool = False


def columns(reply: Ip6Rows, form: Ip6Form) -> list[Column]:
    total = ("", [row.total for row in reply.rows])
    of_cpu: dict[int, Column] = {
        cpu: (f"cpu {cpu}", [row.by_cpu[n] for row in reply.rows])
        for n, cpu in enumerate(reply.cpus)
    }
    if form.all:
        return list(of_cpu.values())
    if form.cpu is None:
        return [total]
    if form.cpu not in of_cpu:
        raise CommandError(f"not exist: cpu{form.cpu} is no lcore of dpvs", REFUSED)
    return [of_cpu[form.cpu]]


def lines(reply: Ip6Rows, column: Column, verbose: bool) -> Iterator[str]:
    """Below its title, if it has one, a line a counter; with -v what it means."""
    title, values_ = column
    indent = "    " if title else ""
    if title:
        yield title
    for row, value in zip(reply.rows, values_, strict=True):
        meaning = row.help if verbose else ""
        name = f"{row.name}:"
        yield f"{indent}{name:<{NAME_WIDTH}}{value:<{VALUE_WIDTH}}{meaning}".rstrip()


def show(context: Context, form: Ip6Form) -> None:
    if (form.cpu is not None) + form.total + form.all > 1:
        raise bad("one of 'cpu N', 'all' and 'total'")
    reply = context.session.call(Ip6List(), Ip6Rows)
    shown = columns(reply, form)
    if context.json(reply):
        return
    for column in shown:
        for line in lines(reply, column, context.options.verbose):
            context.write(line)


OBJECT = Object(
    "ipv6",
    (
        Verb(
            ("show", "list"),
            (
                Arg("cpu", ("cpu",), "N", values.number(0, MAX_CPU)),
                Arg("all", ("all",)),
                Arg("total", ("total",)),
            ),
            Ip6Form,
            show,
        ),
    ),
    ("without packets of established connections: those are in ipvsadm -ln --stats",),
)
