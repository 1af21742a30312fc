"""dpip link: the core's devices (D-010..D-016). Its lcores, `link show cpu`, are in dpip_cpu."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from dpvs_core.control.messages import LinkList, LinkRow, LinkRows, LinkSet, Ok
from keepalivedpy.cli import dpip_cpu
from keepalivedpy.cli import dpip_values as values
from keepalivedpy.cli.command import Arg, Context, Object, Options, Verb, bad
from keepalivedpy.cli.dpip_counters import Column, repeat, totals
from keepalivedpy.cli.errors import REFUSED, CommandError

TABLES = (
    (
        Column("ipackets", "ipackets", "pps"),
        Column("opackets", "opackets", "pps"),
        Column("ibytes", "ibytes", "Bps"),
        Column("obytes", "obytes", "Bps"),
    ),
    (
        Column("ierrors", "ierrors", "pps"),
        Column("oerrors", "oerrors", "pps"),
        Column("imissed", "imissed", "pps"),
        Column("rx_nombuf", "rx_nombuf", "pps"),
    ),
    (Column("mbuf-avail", "mbuf_avail", ""), Column("mbuf-inuse", "mbuf_inuse", "")),
)


class Item(NamedTuple):
    """A setting of a device: what may be written, and what is sent for it."""

    values: dict[str, str]
    help: str


_ON_OFF = {"on": "on", "off": "off"}
ITEMS: dict[str, Item] = {
    "promisc": Item(_ON_OFF, "on | off"),
    "allmulticast": Item(_ON_OFF, "on | off"),
    "forward2kni": Item(_ON_OFF, "on | off"),
    "tc-egress": Item(_ON_OFF, "on | off"),
    "tc-ingress": Item(_ON_OFF, "on | off"),
    "lldp": Item(_ON_OFF | {"up": "on", "down": "off"}, "on | off"),
    "link": Item({"up": "up", "down": "down"}, "up | down"),
}


def _mtu_bytes(text: str) -> str:
    return str(values.number(68, 65535)(text))


FREE_ITEMS = {"addr": values.lladdr, "mtu": _mtu_bytes}


class ShowForm(msgspec.Struct):
    name: str = ""
    more: tuple[str, ...] = ()


class SetForm(msgspec.Struct):
    dev: str
    item: str
    value: str


def link_lines(row: LinkRow, options: Options) -> Iterator[str]:
    """Three lines a device; -v adds the driver, -s the counters unless they are repeated."""
    yield (
        f"{row.index}: {row.name}: socket {row.socket} mtu {row.mtu}"
        f" rx-queue {row.n_rx_queues} tx-queue {row.n_tx_queues}"
    )
    words = (
        "UP" if row.up else "DOWN",
        f"{row.speed_mbps} Mbps",
        "full-duplex" if row.full_duplex else "half-duplex",
        "auto-nego" if row.autoneg else "fixed-nego",
        *row.flags,
    )
    yield "    " + "".join(f"{word} " for word in words)
    yield "    " + "".join(f"{word} " for word in (f"addr {row.mac.upper()}", *row.offloads))
    if options.stats and not options.interval_s:
        yield from totals(row, TABLES)
    if options.verbose:
        yield f"    {'driver_name':<32}{'kernel_port':<32}"
        yield f"    {row.driver:<32}{row.kernel_port or '-':<32}"


def show(context: Context, form: ShowForm) -> None:
    if form.name == "cpu" or dpip_cpu.index_of(form.name) is not None:
        dpip_cpu.show(context, form.name)
        return
    if form.more == ("status",):
        raise CommandError("not support: this core does not carry bonding yet", REFUSED)
    if form.more:
        raise bad(f"unexpected '{form.more[0]}'")

    def fetch() -> tuple[LinkRow, ...]:
        return context.session.call(LinkList(dev=form.name), LinkRows).rows

    rows = fetch()
    if context.json(rows):
        return
    for row in rows:
        for line in link_lines(row, context.options):
            context.write(line)
    if context.options.interval_s and context.options.stats:
        repeat(context, fetch, lambda row: row.name, TABLES)


def change(context: Context, form: SetForm) -> None:
    if form.item.startswith("bond-"):
        raise CommandError("not support: this core does not carry bonding yet", REFUSED)
    if form.item in FREE_ITEMS:
        try:
            value = FREE_ITEMS[form.item](form.value)
        except ValueError as error:
            raise bad(str(error)) from None
    elif form.item in ITEMS:
        item = ITEMS[form.item]
        if form.value not in item.values:
            raise bad(f"value '{form.value}' for '{form.item}': {item.help}")
        value = item.values[form.value]
    else:
        known = ", ".join([*ITEMS, *FREE_ITEMS])
        raise bad(f"item '{form.item}': {known}")
    context.session.call(LinkSet(dev=form.dev, item=form.item, value=value), Ok)


OBJECT = Object(
    "link",
    (
        Verb(
            ("show", "list"),
            (Arg("name", (), "DEV | cpu | cpuN"), Arg("more", (), "status", repeatable=True)),
            ShowForm,
            show,
        ),
        Verb(
            ("set", "change"),
            (
                Arg("dev", (), "DEV", values.device, missing="no device specified"),
                Arg("item", (), "ITEM", missing="no item specified"),
                Arg("value", (), "VALUE", missing="no value specified"),
            ),
            SetForm,
            change,
        ),
    ),
    (
        "dpip -s link show [ DEV | cpuN ] [ -i SECONDS ] [ -c COUNT ]",
        *(f"ITEM VALUE := {name} {{ {item.help} }}" for name, item in ITEMS.items()),
        "ITEM VALUE := addr MAC, mtu BYTES",
    ),
)
