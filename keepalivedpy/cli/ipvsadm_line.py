"""A command line of ipvsadm to its command and what was given (I-004, I-005).

The words are popt's: the command comes first, short options may be joined (-lcn), values follow
directly, after "=" or as the next word, and an optional value is taken unless it looks like an
option.
"""

from collections.abc import Sequence
from typing import NamedTuple

from keepalivedpy.cli.errors import BAD_OPTION, CommandError
from keepalivedpy.cli.ipvsadm_options import (
    COMMANDS,
    CONFLICTS,
    OPTIONS,
    Command,
    Given,
    Option,
    Value,
)

TRY_HELP = "Try `ipvsadm -h' or 'ipvsadm --help' for more information."

_COMMANDS: dict[str, Command] = {f"--{row.long}": row for row in COMMANDS} | {
    f"-{letter}": row for row in COMMANDS for letter in row.short
}
_OPTIONS: dict[str, Option] = {f"--{row.long}": row for row in OPTIONS} | {
    f"-{row.short}": row for row in OPTIONS if row.short
}


class Line(NamedTuple):
    command: Command
    operands: tuple[str, ...]
    given: Given


class _Words:
    """The words of a line, handed out as option names and their values."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)
        self._joined = ""  # letters of a joined word not yet handed out
        self._attached: str | None = None

    def next_name(self) -> str | None:
        """The next option as "-x" or "--long"; None when none is left; operands are refused."""
        if self._attached is not None:
            raise CommandError(f"unexpected argument {self._attached}")
        if self._joined:
            letter, self._joined = self._joined[0], self._joined[1:]
            return f"-{letter}"
        if not self._words:
            return None
        word = self._words.pop(0)
        if not word.startswith("-") or word == "-":
            raise CommandError(f"unexpected argument {word}")
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            self._attached = value if equals else None
            return name
        self._joined = word[2:]
        return word[:2]

    def value(self, name: str, kind: Value) -> str:
        if kind is Value.NONE:
            return ""
        if self._attached is not None:
            value, self._attached = self._attached, None
            return value
        if self._joined:
            value, self._joined = self._joined.removeprefix("="), ""
            return value
        if self._words and (kind is Value.REQUIRED or not self._words[0].startswith("-")):
            return self._words.pop(0)
        if kind is Value.REQUIRED:
            raise CommandError(f"{name}: missing argument", BAD_OPTION)
        return ""


def parse_line(words: Sequence[str]) -> Line:
    """The command line; no words at all mean `list` (I-003). CommandError says what is wrong."""
    todo = _Words(words or ["-L"])
    first = todo.next_name()
    command = _COMMANDS.get(first or "")
    if command is None:
        raise CommandError(f"`{first}' is no command. {TRY_HELP}", BAD_OPTION)
    operands = tuple(todo.value(str(first), Value.REQUIRED) for _ in range(command.operands))
    given = Given()
    keys: list[str] = []
    while (name := todo.next_name()) is not None:
        if name in _COMMANDS:
            raise CommandError(
                f"invalid option `{name}': a line has one command, and it comes first"
            )
        row = _OPTIONS.get(name)
        if row is None:
            raise CommandError(f"{name}: unknown option", BAD_OPTION)
        _give(given, row, todo.value(name, row.value), keys)
    _check(command, keys)
    return Line(command, operands, given)


def _give(given: Given, row: Option, text: str, keys: list[str]) -> None:
    field = row.key.replace("-", "_")
    value = row.parse(text)
    if row.repeatable:
        value = (*(getattr(given, field) or ()), value)
    elif row.key in keys:
        raise CommandError(f"multiple '{row.key}' options specified")
    keys.append(row.key)
    setattr(given, field, value)


def _check(command: Command, keys: list[str]) -> None:
    for key in command.needs:
        if key not in keys:
            raise CommandError(
                f"You need to supply the '{key}' option for the '{command.name}' command"
            )
    for key in keys:
        if key not in command.needs and key not in command.may:
            raise CommandError(f"Illegal '{key}' option with the '{command.name}' command")
    for group in CONFLICTS:
        found = [key for key in group if key in keys]
        if command.name == "list" and len(found) > 1:
            both = "' and '".join(found)
            raise CommandError(f"options conflicts in the list command: '{both}'")
