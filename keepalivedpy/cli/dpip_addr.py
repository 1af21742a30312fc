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


class DevForm(msgspec.Struct):
    dev: str = ""


def addr_lines(row: AddrRow, options: Options) -> Iterator[str]:
    """Two lines an address; -s adds the port pool, -v who owns it. The first ends in `standby`
    where nobody holds a floating local address, in `claimed-by` where another station uses it."""
    spec = row.spec
    family = "inet6" if values.family_of(spec.prefix) == 6 else "inet"
    lcore = "[00] " if options.verbose else ""
    standby = "" if row.active else " standby"
    claimed = f" claimed-by {row.claimed_by}" if row.claimed_by else ""
    yield f"{lcore}{family} {spec.prefix} scope {spec.scope} {spec.dev}{standby}{claimed}"
    life = str(spec.valid_lft_s) if spec.valid_lft_s else "forever"
    broadcast = f"broadcast {spec.broadcast} " if spec.broadcast else ""
    pool = f" sa_used {row.sa_used} sa_free {row.sa_free} sa_miss {row.sa_miss}"
    owners = f" owner {','.join(row.owners)}" if options.verbose and row.owners else ""
    yield (
        f"     {broadcast}valid_lft {life} preferred_lft {life}"
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
    valid, preferred = form.valid_lft_s, form.preferred_lft_s
    if preferred is not None and preferred != (valid or 0):
        raise bad("preferred_lft is always the same as valid_lft: give valid_lft alone")
    return AddrSpec(
        prefix=form.prefix,
        dev=form.dev,
        scope=form.scope,
        broadcast=form.broadcast,
        sapool=form.sapool,
        valid_lft_s=valid or 0,
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
    ("SCOPE := host | link | global | kni_host; LFT := forever | SECONDS",),
)
