"""dpip neigh: the core's neighbours (D-040, D-041). The table is the control thread's: core 0."""

import msgspec

from dpvs_core.control.messages import NeighAdd, NeighDel, NeighList, NeighRow, NeighRows, Ok
from keepalivedpy.cli import dpip_values as values
from keepalivedpy.cli.command import Arg, Context, Object, Verb
from keepalivedpy.cli.dpip_addr import DevForm


class NeighForm(msgspec.Struct):
    addr: str
    dev: str
    lladdr: str = ""


def neigh_line(row: NeighRow) -> str:
    mac = row.lladdr or "incomplete"
    static = "static" if row.static else ""
    return (
        f"ip: {row.addr:<48} mac: {mac:<17}   state: {row.state:<12}  dev: {row.dev}"
        f"  core: 0  {static}"
    )


def show(context: Context, form: DevForm) -> None:
    family = context.options.family
    reply = context.session.call(NeighList(dev=form.dev), NeighRows)
    rows = [row for row in reply.rows if family in (0, values.family_of(row.addr))]
    if context.json(rows):
        return
    for row in rows:
        context.write(neigh_line(row))


def add(context: Context, form: NeighForm) -> None:
    context.session.call(NeighAdd(addr=form.addr, lladdr=form.lladdr, dev=form.dev), Ok)


def delete(context: Context, form: NeighForm) -> None:
    context.session.call(NeighDel(addr=form.addr, dev=form.dev), Ok)


_DEV = Arg("dev", ("dev",), "DEV", values.device, missing="no device specified: dev DEV")
_ADDR = Arg("addr", (), "ADDR", values.address, missing="no address specified")
_LLADDR = Arg(
    "lladdr", ("lladdr",), "LLADDR", values.lladdr, missing="invalid MAC address: lladdr LLADDR"
)

OBJECT = Object(
    "neigh",
    (
        Verb(("show", "list"), (_DEV._replace(missing=""),), DevForm, show),
        Verb(("add",), (_ADDR, _LLADDR, _DEV), NeighForm, add),
        Verb(("del",), (_ADDR, _LLADDR._replace(missing=""), _DEV), NeighForm, delete),
    ),
)
