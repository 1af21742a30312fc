"""dpip addr: addresses of the core's devices (D-020..D-024)."""

from collections.abc import Iterator

import msgspec

from dpvs_core.control.messages import (
    AddrAdd,
    AddrDel,
    AddrFlush,
    AddrList,
    AddrRow,
    AddrRows,
    AddrSet,
    AddrSpec,
    Ok,
    Scope,
)
from keepalivedpy.cli import dpip_values as values
from keepalivedpy.cli.command import Arg, Context, Object, Options, Verb, bad


class AddrForm(msgspec.Struct):
    """The words of add, set and del."""

    prefix: str
    dev: str
    scope: Scope = "global"
    broadcast: str = ""
    sapool: bool = False
    valid_lft_s: int | None = None
    preferred_lft_s: int | None = None
    nodad: bool = False


class DevForm(msgspec.Struct):
    dev: str = ""


def addr_lines(row: AddrRow, options: Options) -> Iterator[str]:
    """Two lines an address; -s adds the port pool, -v who owns it. The first ends in `standby`
    where nobody holds a floating local address, in `claimed-by` where another station uses it, in
    the state of an IPv6 address unless that is `preferred`."""
    spec = row.spec
    family = "inet6" if values.family_of(spec.prefix) == 6 else "inet"
    lcore = "[00] " if options.verbose else ""
    standby = "" if row.active else " standby"
    claimed = f" claimed-by {row.claimed_by}" if row.claimed_by else ""
    state = "" if row.state == "preferred" else f" {row.state}"
    yield f"{lcore}{family} {spec.prefix} scope {spec.scope} {spec.dev}{state}{standby}{claimed}"
    valid = str(spec.valid_lft_s) if spec.valid_lft_s else "forever"
    preferred = str(spec.preferred_lft_s) if spec.preferred_lft_s else valid
    if row.state == "deprecated":
        preferred = "0"
    broadcast = f"broadcast {spec.broadcast} " if spec.broadcast else ""
    pool = f" sa_used {row.sa_used} sa_free {row.sa_free} sa_miss {row.sa_miss}"
    owners = f" owner {','.join(row.owners)}" if options.verbose and row.owners else ""
    yield (
        f"     {broadcast}valid_lft {valid} preferred_lft {preferred}"
        f"{pool if options.stats and spec.sapool else ''}{owners}"
    )


def show(context: Context, form: DevForm) -> None:
    family = context.options.family
    reply = context.session.call(AddrList(dev=form.dev), AddrRows)
    rows = [row for row in reply.rows if family in (0, values.family_of(row.spec.prefix))]
    if context.json(rows):
        return
    for row in rows:
        for line in addr_lines(row, context.options):
            context.write(line)


def _spec(form: AddrForm) -> AddrSpec:
    valid_s, preferred_s = form.valid_lft_s or 0, form.preferred_lft_s
    if valid_s and preferred_s is not None and not 0 < preferred_s <= valid_s:
        raise bad("preferred_lft is longer than valid_lft")
    if preferred_s == valid_s:
        preferred_s = None  # what it is without being said
    return AddrSpec(
        prefix=form.prefix,
        dev=form.dev,
        scope=form.scope,
        broadcast=form.broadcast,
        sapool=form.sapool,
        valid_lft_s=valid_s,
        preferred_lft_s=preferred_s or 0,
        nodad=form.nodad,
    )


def add(context: Context, form: AddrForm) -> None:
    context.session.call(AddrAdd(addr=_spec(form)), Ok)


def change(context: Context, form: AddrForm) -> None:
    context.session.call(AddrSet(addr=_spec(form)), Ok)


def delete(context: Context, form: AddrForm) -> None:
    context.session.call(AddrDel(prefix=form.prefix, dev=form.dev), Ok)


def flush(context: Context, form: DevForm) -> None:
    context.session.call(AddrFlush(dev=form.dev), Ok)


_DEV = Arg("dev", ("dev",), "DEV", values.device, missing="no device specified: dev DEV")
_PREFIX = Arg("prefix", (), "ADDR[/PLEN]", values.prefix, missing="no address specified")
_SETTINGS = (
    Arg("scope", ("scope",), "SCOPE", values.scope),
    Arg("broadcast", ("broadcast",), "ADDR", values.address),
    Arg("valid_lft_s", ("valid_lft",), "LFT", values.lifetime_s),
    Arg("preferred_lft_s", ("preferred_lft", "prefered_lft"), "LFT", values.lifetime_s),
    Arg("sapool", ("sapool",)),
    Arg("nodad", ("nodad",)),
)

OBJECT = Object(
    "addr",
    (
        Verb(("show", "list"), (_DEV._replace(missing=""),), DevForm, show),
        Verb(("add",), (_PREFIX, _DEV, *_SETTINGS), AddrForm, add),
        Verb(("set", "change"), (_PREFIX, _DEV, *_SETTINGS), AddrForm, change),
        Verb(("del",), (_PREFIX, _DEV, *_SETTINGS), AddrForm, delete),
        Verb(("flush",), (_DEV,), DevForm, flush),
    ),
    (
        "SCOPE := host | link | global | kni_host; LFT := forever | SECONDS",
        "nodad: use an IPv6 address at once, without asking whether another station has it",
    ),
)
