"""dpip's grammar as rows: an object has verbs, a verb has arguments. Parsing and help are derived.

An argument is a keyword with a value (`dev NAME`), a keyword alone (`sapool`) or a bare word. The
words of a verb may come in any order; bare words fill the positional arguments in turn.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from keepalivedpy.cli.errors import REFUSED, CommandError
from keepalivedpy.cli.session import Session

F = TypeVar("F")

VERBS = (
    "create", "destroy", "enable", "disable", "add", "del", "set", "change", "show", "list",
    "replace", "flush", "test", "help",
)  # fmt: skip
"""Every verb dpip knows; an object has some of them (D-002)."""


class Options(msgspec.Struct, kw_only=True):
    """dpip's general options (D-003)."""

    verbose: bool = False
    stats: bool = False
    color: bool = False
    force: bool = False
    json: bool = False
    help: bool = False
    version: bool = False
    family: int = 0  # 0: not said; 4; 6
    interval_s: int = 0  # 0: print once
    count: int = 0  # 0: without end


class Context(NamedTuple):
    """What a verb works with: the core, the options, a line out, and a pause in seconds."""

    session: Session
    options: Options
    write: Callable[[str], object]
    pause: Callable[[float], object]

    def json(self, rows: object) -> bool:
        """With --json writes `rows` on one line and says True: nothing else is to be printed."""
        if self.options.json:
            self.write(msgspec.json.encode(rows).decode())
        return self.options.json


class Arg(NamedTuple):
    """`field` of the verb's form. `words` introduce the value (the first is shown in help); none:
    a bare word. `parse` raises ValueError. `missing` is the complaint if it must be given."""

    field: str
    words: tuple[str, ...] = ()
    value: str = ""  # what help shows; "" with `words`: a keyword alone
    parse: Callable[[str], object] = str
    missing: str = ""
    repeatable: bool = False


class Verb(NamedTuple, Generic[F]):
    names: tuple[str, ...]
    args: tuple[Arg, ...]
    form: type[F]
    run: Callable[[Context, F], None]


class Object(NamedTuple):
    name: str
    verbs: tuple[Verb[Any], ...]
    notes: tuple[str, ...] = ()


class Nothing(msgspec.Struct):
    """The form of a verb without arguments."""


def bad(text: str) -> CommandError:
    return CommandError(f"invalid parameter: {text}", REFUSED)


def find_verb(item: Object, name: str) -> Verb[Any]:
    for verb in item.verbs:
        if name in verb.names:
            return verb
    known = ", ".join(verb.names[0] for verb in item.verbs)
    reason = "not support: no" if name in VERBS else "invalid command"
    raise CommandError(f"{reason} '{name}' for {item.name}, only {known}, help", REFUSED)


def read_form(verb: Verb[F], words: Sequence[str]) -> F:
    """The verb's arguments as its form; CommandError for what is missing, doubled or unknown."""
    keyed = {word: arg for arg in verb.args for word in arg.words}
    bare = [arg for arg in verb.args if not arg.words]
    values: dict[str, Any] = {}
    todo = list(words)
    while todo:
        word = todo.pop(0)
        arg = keyed.get(word)
        if arg is None:
            arg = next((row for row in bare if row.repeatable or row.field not in values), None)
            if arg is None:
                raise bad(f"unexpected '{word}'")
            text = word
        elif not arg.value:
            text = ""
        elif todo:
            text = todo.pop(0)
        else:
            raise bad(f"'{word}' needs a value, {arg.value}")
        _store(values, arg, text)
    for arg in verb.args:
        if arg.missing and arg.field not in values:
            raise bad(arg.missing)
    return verb.form(**values)


def _store(values: dict[str, Any], arg: Arg, text: str) -> None:
    try:
        value = arg.parse(text) if arg.value else True
    except ValueError as error:
        raise bad(str(error)) from None
    if arg.repeatable:
        value = (*values.get(arg.field, ()), value)
    elif arg.field in values:
        raise bad(f"'{(arg.words or (arg.field,))[0]}' is given twice")
    values[arg.field] = value


def _syntax(arg: Arg) -> str:
    text = " ".join([*arg.words[:1], *([arg.value] if arg.value else [])])
    return text if arg.missing else f"[ {text} ]"


def usage(item: Object) -> str:
    """The help of an object, from its rows."""
    lines = ["Usage:"]
    for verb in item.verbs:
        words = ["dpip", item.name, verb.names[0], *(_syntax(arg) for arg in verb.args)]
        lines.append("    " + " ".join(words))
    lines.append(f"    dpip {item.name} help")
    lines += [f"    {note}" for note in item.notes]
    return "\n".join(lines)
