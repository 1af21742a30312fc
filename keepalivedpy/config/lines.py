"""Kinds of argument that several blocks of keepalived.conf have."""

from typing import Any

import msgspec

from dpvs_core.config.tree import Node
from dpvs_core.config.values import Int
from keepalivedpy.model.script import Script, ScriptUser


class OptionalInt(Int):
    """A number; the keyword alone means `bare`."""

    n_words = 0

    def __init__(self, lowest: int, highest: int, bare: int) -> None:
        super().__init__(lowest, highest)
        self.bare = bare

    def read(self, node: Node, at: int) -> int:
        return super().read(node, at) if len(node.words) > at else self.bare


class ClampedInt(Int):
    """A number that is moved into its bounds."""

    def read(self, node: Node, at: int) -> int:
        return max(self.lowest, min(self.highest, Int().read(node, at)))


class ScriptWords:
    """`COMMAND [USER [GROUP]]`."""

    n_words = 1
    expected = 'a command, in quotes when it has arguments: "/path/to/script arg" [USER [GROUP]]'

    def read(self, node: Node, at: int) -> Script:
        return Script(*node.words[at : at + 3])

    def words(self, value: Script) -> list[str]:
        return [value.command, *filter(None, (value.user, value.group))]


class UserWords:
    """`USER [GROUP]`."""

    n_words = 1
    expected = "USER [GROUP]"

    def read(self, node: Node, at: int) -> ScriptUser:
        return ScriptUser(*node.words[at : at + 2])

    def words(self, value: ScriptUser) -> list[str]:
        return [value.user, *filter(None, (value.group,))]


SCRIPT = ScriptWords()


def written_options(model: msgspec.Struct, **fields: str) -> list[str]:
    """`NAME VALUE` for each field of `model` that differs from its default, by option."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(model)}
    written: list[str] = []
    for option, field in fields.items():
        value: Any = getattr(model, field)
        if value != defaults[field]:
            written += [option, str(value)]
    return written
