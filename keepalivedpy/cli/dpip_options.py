"""dpip's general options (D-003): they may stand anywhere, as with getopt."""

from collections.abc import Sequence
from typing import NamedTuple

from keepalivedpy.cli.command import Options
from keepalivedpy.cli.errors import REFUSED, CommandError

OWN_OPTIONS = ("capture",)
"""Objects that read the options behind their name themselves."""

FAMILIES = {"inet": 4, "inet6": 6}


class Switch(NamedTuple):
    """An option: its letters and words, the field of Options, and the value it sets; with
    `value` None the next word is its value."""

    names: tuple[str, ...]
    field: str
    value: bool | int | None
    help: str


SWITCHES: tuple[Switch, ...] = (
    Switch(("-v", "--verbose"), "verbose", True, "more of everything"),
    Switch(("-h", "--help"), "help", True, "this text"),
    Switch(("-V", "--version"), "version", True, "the program's version"),
    Switch(("-4",), "family", 4, "IPv4 only"),
    Switch(("-6",), "family", 6, "IPv6 only"),
    Switch(("-f", "--family"), "family", None, "inet | inet6"),
    Switch(("-s", "--stats", "--statistics"), "stats", True, "counters"),
    Switch(
        ("-i", "--interval"), "interval_s", None, "seconds: print what changed, again and again"
    ),
    Switch(("-c", "--count"), "count", None, "so many times (with -i)"),
    Switch(("-C", "--color"), "color", True, "intervals in turns of two colours"),
    Switch(("-F", "--force"), "force", True, "accepted for old scripts, no effect"),
    Switch(("--json",), "json", True, "rows as JSON (show)"),
)
_BY_NAME = {name: switch for switch in SWITCHES for name in switch.names}


def split_options(words: Sequence[str]) -> tuple[Options, list[str]]:
    """The options, and the other words in their order; CommandError for unknown ones."""
    options = Options()
    rest: list[str] = []
    todo = list(words)
    while todo:
        word = todo.pop(0)
        if not word.startswith("-") or word == "-":
            rest.append(word)
            if len(rest) == 1 and word in OWN_OPTIONS:
                return options, rest + todo
            continue
        name, equals, value = word.partition("=")
        if not word.startswith("--"):
            name, equals, value = word[:2], "", word[2:]
        switch = _BY_NAME.get(name)
        if switch is None:
            raise CommandError(f"unknown option '{name}', use `-h' for help", REFUSED)
        if switch.value is not None:
            setattr(options, switch.field, switch.value)
            if value and not equals:
                todo.insert(0, f"-{value}")
            continue
        if not value and not todo:
            raise CommandError(f"option '{name}' needs a value: {switch.help}", REFUSED)
        setattr(options, switch.field, _value(switch, value or todo.pop(0)))
    if options.count and not options.interval_s:
        raise CommandError("invalid parameter: -c needs -i INTERVAL", REFUSED)
    return options, rest


def _value(switch: Switch, text: str) -> int:
    if switch.field == "family":
        if text not in FAMILIES:
            raise CommandError(f"invalid parameter: family '{text}': inet or inet6", REFUSED)
        return FAMILIES[text]
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise CommandError(f"invalid parameter: {switch.names[0]} '{text}': 1 or more", REFUSED)
    return int(text)


def options_help() -> str:
    return "\n".join(f"    {', '.join(row.names):<26} {row.help}" for row in SWITCHES)
