"""Objects of DPVS's dpip that this core does not carry yet: they say so, loudly."""

from typing import NamedTuple

import msgspec

from keepalivedpy.cli.command import Arg, Context, Object, Verb
from keepalivedpy.cli.errors import REFUSED, CommandError


class Absent(NamedTuple):
    what: str
    verbs: tuple[str, ...]


ABSENT: dict[str, Absent] = {
    "vlan": Absent("VLAN devices", ("add", "del", "show")),
    "tunnel": Absent("tunnel devices", ("add", "change", "del", "show")),
    "qsch": Absent("traffic control", ("add", "del", "replace", "change", "show")),
    "cls": Absent("traffic control", ("add", "del", "replace", "change", "show")),
    "iftraf": Absent("top flows by traffic", ("enable", "disable", "show")),
    "eal-mem": Absent("listings of DPDK's memory", ("show",)),
    "ipset": Absent("address sets", ("create", "destroy", "add", "del", "test", "show", "flush")),
    "lldp": Absent("LLDP", ("show",)),
}


class AnyWords(msgspec.Struct):
    words: tuple[str, ...] = ()


def absent_object(name: str) -> Object:
    """An object all of whose verbs are refused with the reason."""
    row = ABSENT[name]
    reason = f"not support: this core does not carry {row.what} yet"

    def refuse(_context: Context, _form: AnyWords) -> None:
        raise CommandError(reason, REFUSED)

    words = Arg("words", (), "ARG", repeatable=True)
    names = [("show", "list") if verb == "show" else (verb,) for verb in row.verbs]
    verbs = tuple(Verb(spelt, (words,), AnyWords, refuse) for spelt in names)
    return Object(name, verbs, (reason,))
