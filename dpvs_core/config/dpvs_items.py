"""conf/dpvs.conf.items, made from the rows: every item with its default and what is right.

`python -m dpvs_core.config.dpvs_items > conf/dpvs.conf.items`; a test keeps the file equal.
The result is itself a dpvs.conf: what has no default, or is off by default, is commented out.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from dpvs_core.config.dpvs_tables import ROOT
from dpvs_core.config.keywords import Block, Keyword
from dpvs_core.config.values import Flag

HEAD = """\
! Every item of dpvs.conf with its default, and in the comment what it takes. Made from the
! program's own table; numbers like C-022 are those of the reference.
!
! `!` and `#` start a comment, `include FILE` reads other files. Items in front of which DPVS's
! files write <init> are read at the start only; the decoration itself is not needed. Items
! marked (ours) are additions. Of an item that nothing acts on a warning says what that means.
"""

NAMES: Mapping[str, tuple[str, ...]] = {
    "device": ("dpdk0",),
    "worker": ("cpu0", "cpu1"),
    "port": ("dpdk0",),
    "bonding": ("bond0",),
}
"""The blocks that carry a name, and those shown."""

SHOWN: Mapping[str, str] = {
    "worker cpu0/type": "master",
    "worker cpu1/cpu_id": "1",
    "port dpdk0/rx_queue_ids": "0",
    "port dpdk0/tx_queue_ids": "0",
}
"""Values that the file needs to be right."""

EXAMPLES: Mapping[str, str] = {
    "log_level": "INFO",
    "log_file": "/var/log/dpvs.log",
    "queue_number": "1",
    "vdev": "net_af_packet0,iface=veth0",
    "kni_name": "dpdk0.kni",
    "slave": "dpdk0",
    "primary": "dpdk0",
    "isol_rx_cpu_ids": "2",
    "address": "192.168.100.28/24",
    "route": "default via 192.168.100.1",
    "mtu": "1500",
}
"""Commented-out values of items that have no default."""


def items() -> str:
    """The whole file."""
    lines = [HEAD]
    for row in ROOT.rows:
        if isinstance(row, Block):
            lines += [f"\n! {row.doc}", *_block(row, row.name, 0)]
    return "\n".join(lines) + "\n"


def _block(block: Block, title: str, depth: int) -> Iterator[str]:
    indent = "    " * depth
    yield f"{indent}{title} {{"
    for row in block.rows:
        if isinstance(row, Block):
            # Only workers that forward have ports.
            if title != "worker cpu0":
                for name in NAMES.get(row.name, ("",)):
                    lines = _block(row, f"{row.name} {name}".strip(), depth + 1)
                    yield from map(_commented, lines) if row.later else lines
        elif isinstance(row, Keyword):
            yield _item(block, row, title, indent + "    ")
    yield f"{indent}}}"


def _commented(line: str) -> str:
    text = line.lstrip()
    return line if text.startswith("!") else f"{line[: len(line) - len(text)]}! {text}"


def _item(block: Block, row: Keyword, title: str, indent: str) -> str:
    shown = SHOWN.get(f"{title}/{row.name}")
    default = _default(block, row)
    if shown is None and not isinstance(row.value, Flag) and default not in (None, ()):
        shown = " ".join(row.value.words(default) or [])
    if shown is not None:
        statement = f"{row.name:<26}{shown}"
    else:
        example = "" if isinstance(row.value, Flag) else EXAMPLES.get(row.name, "")
        statement = f"! {row.name:<24}{example}"
    return f"{indent}{statement.rstrip():<38} ! {row.doc}: {row.value.expected}"


def _default(block: Block, row: Keyword) -> Any:
    fields = msgspec.structs.fields(block.model) if block.model else ()
    found = next((field.default for field in fields if field.name == row.field), None)
    return None if found is msgspec.NODEFAULT else found


if __name__ == "__main__":
    sys.stdout.write(items())
