"""dpip route: the core's routes (D-030..D-033). `show` without -6 prints IPv4 routes, as DPVS."""

from typing import Literal

import msgspec

from dpvs_core.control.client import CoreError
from dpvs_core.control.messages import (
    Ok,
    RouteAdd,
    RouteDel,
    RouteFlush,
    RouteList,
    RouteRow,
    RouteRows,
    RouteSet,
    RouteSpec,
    Scope,
)
from keepalivedpy.cli import dpip_values as values
from keepalivedpy.cli.command import Arg, Context, Object, Verb, bad
from keepalivedpy.cli.dpip_addr import DevForm
from keepalivedpy.cli.errors import REFUSED, CommandError
from keepalivedpy.cli.session import is_absent

DEFAULTS = {4: "0.0.0.0/0", 6: "::/0"}


class RouteForm(msgspec.Struct):
    prefix: str
    via: str = ""
    dev: str = ""
    scope: Scope | Literal[""] = ""
    mtu: int = 0
    src: str = ""
    metric: int = 0
    tos: int = 0
    proto: Literal["auto", "boot", "static", "ra", "redirect"] = "auto"
    onlink: bool = False


def route_line(row: RouteRow) -> str:
    """IPv4 with every field, IPv6 with those that are set: the two forms of DPVS."""
    spec = row.spec
    scope = spec.scope or "global"
    if values.family_of(spec.prefix) == 4:
        any4 = "0.0.0.0"
        return (
            f"inet {spec.prefix} via {spec.via or any4} src {spec.src or any4} dev {spec.dev}"
            f" mtu {spec.mtu} tos {spec.tos} scope {scope} metric {spec.metric}"
            f" proto {spec.proto} "
        )
    return "".join((
        f"inet6 {spec.prefix}",
        f" via {spec.via}" if spec.via not in ("", "::") else "",
        f" src {spec.src}" if spec.src not in ("", "::") else "",
        f" dev {spec.dev}",
        f" mtu {spec.mtu}" if spec.mtu else "",
        f" scope {scope}",
    ))  # fmt: skip


def _numeric_prefix(row: RouteRow) -> RouteRow:
    """A row whose prefix the core calls "default", with the prefix in digits."""
    if row.spec.prefix != "default":
        return row
    digits = DEFAULTS[values.family_of(row.spec.via)]
    return msgspec.structs.replace(row, spec=msgspec.structs.replace(row.spec, prefix=digits))


def show(context: Context, form: DevForm) -> None:
    reply = context.session.call(RouteList(dev=form.dev), RouteRows)
    family = context.options.family or 4
    rows = [_numeric_prefix(row) for row in reply.rows]
    rows = [row for row in rows if values.family_of(row.spec.prefix) == family]
    if context.json(rows):
        return
    for row in rows:
        context.write(route_line(row))


def _spec(context: Context, form: RouteForm) -> RouteSpec:
    """The route; "default" takes its family from -6, the gateway or the source."""
    if form.onlink:
        raise CommandError("not support: onlink; give the device a route to the gateway", REFUSED)
    prefix = form.prefix
    if prefix == "default":
        prefix = DEFAULTS[context.options.family or values.family_of(form.via or form.src)]
    for name, addr in (("via", form.via), ("src", form.src)):
        if addr and values.family_of(addr) != values.family_of(prefix):
            raise bad(f"{name} {addr} is not of the family of {prefix}")
    fields = {name: getattr(form, name) for name in form.__struct_fields__ if name != "onlink"}
    return RouteSpec(**fields | {"prefix": prefix})


def add(context: Context, form: RouteForm) -> None:
    context.session.call(RouteAdd(route=_spec(context, form)), Ok)


def change(context: Context, form: RouteForm) -> None:
    context.session.call(RouteSet(route=_spec(context, form)), Ok)


def replace(context: Context, form: RouteForm) -> None:
    """Change the route, or add it where there is none."""
    try:
        change(context, form)
    except CoreError as error:
        if not is_absent(error):
            raise
        add(context, form)


def delete(context: Context, form: RouteForm) -> None:
    context.session.call(RouteDel(route=_spec(context, form)), Ok)


def flush(context: Context, form: DevForm) -> None:
    context.session.call(RouteFlush(dev=form.dev), Ok)


_DEV = Arg("dev", ("dev",), "DEV", values.device)
_FLUSHED = _DEV._replace(missing="no device specified: dev DEV")
_ROUTE = (
    Arg("prefix", (), "PREFIX", values.route_prefix, missing="no prefix specified"),
    Arg("via", ("via",), "ADDR", values.address),
    _DEV,
    Arg("scope", ("scope",), "SCOPE", values.scope),
    Arg("mtu", ("mtu",), "MTU", values.number(68, 65535)),
    Arg("src", ("src",), "ADDR", values.address),
    Arg("metric", ("metric",), "NUM", values.number(0, 2**31 - 1)),
    Arg("tos", ("tos",), "NUM", values.number(0, 255)),
    Arg("proto", ("proto",), "PROTO", values.one_of("proto", values.ROUTE_PROTOS)),
    Arg("onlink", ("onlink",)),
)

OBJECT = Object(
    "route",
    (
        Verb(("show", "list"), (_DEV,), DevForm, show),
        Verb(("add",), _ROUTE, RouteForm, add),
        Verb(("set", "change"), _ROUTE, RouteForm, change),
        Verb(("replace",), _ROUTE, RouteForm, replace),
        Verb(("del",), _ROUTE, RouteForm, delete),
        Verb(("flush",), (_FLUSHED,), DevForm, flush),
    ),
    (
        "PREFIX := ADDR/PLEN | ADDR | default",
        "SCOPE := host | link | global | kni_host (the address belongs to the kernel)",
        "PROTO := auto | boot | static | ra | redirect",
        "-6 route show lists IPv6 routes",
    ),
)
