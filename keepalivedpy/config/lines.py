"""Kinds of argument that several blocks of keepalived.conf have."""

from typing import Any

import msgspec

from dpvs_core.config.errors import NotCarried
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Int


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


class Script:
    """A command with its arguments; a user and group behind it are for later."""

    n_words = 1
    expected = 'a command, in quotes when it has arguments: "/path/to/script arg"'

    def read(self, node: Node, at: int) -> str:
        if len(node.words) > at + 1:
            # Programs that run as somebody else must not silently run as root.
            raise NotCarried(f"a user for the script of {node.words[0]}")
        return node.words[at]

    def words(self, value: str) -> list[str]:
        return [value]


def written_options(model: msgspec.Struct, **fields: str) -> list[str]:
    """`NAME VALUE` for each field of `model` that differs from its default, by option."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(model)}
    written: list[str] = []
    for option, field in fields.items():
        value: Any = getattr(model, field)
        if value != defaults[field]:
            written += [option, str(value)]
    return written
