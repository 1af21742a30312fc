"""Kinds of argument that several blocks of keepalived.conf have."""

from typing import Any

from dpvs_core.config.errors import BadValue
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Int, Value
from keepalivedpy.model.script import Script, ScriptUser


class OptionalInt(Int):
    """A number; the keyword alone means `bare`."""

    n_words = 0

    def __init__(self, lowest: int, highest: int, bare: int) -> None:
        super().__init__(lowest, highest)
        self.bare = bare

    def read(self, node: Node, at: int) -> int:
        return super().read(node, at) if len(node.words) > at else self.bare

    def words(self, value: int) -> list[str] | None:
        return [] if value == self.bare else super().words(value)


class ClampedInt(Int):
    """A number that is moved into its bounds."""

    def read(self, node: Node, at: int) -> int:
        return max(self.lowest, min(self.highest, Int().read(node, at)))


class Tested:
    """A value whose keyword looks itself whether it is there: an error, but not the end."""

    n_words = 0
    is_needed = True

    def __init__(self, value: Value) -> None:
        self.value = value
        self.expected = value.expected
        self.fields: tuple[str, ...] = getattr(value, "fields", ())

    def read(self, node: Node, at: int) -> Any:
        if len(node.words) <= at:
            raise BadValue("nothing", self.expected, at)
        return self.value.read(node, at)

    def words(self, value: Any) -> list[str] | None:
        return self.value.words(value)


class Optional:
    """A value that may be missing: the keyword alone means `bare`."""

    n_words = 0

    def __init__(self, value: Value, bare: Any) -> None:
        self.value, self.bare = value, bare
        self.expected = f"{value.expected}, or nothing"

    def read(self, node: Node, at: int) -> Any:
        return self.value.read(node, at) if len(node.words) > at else self.bare

    def words(self, value: Any) -> list[str] | None:
        return [] if value == self.bare else self.value.words(value)


class Words:
    """All the words to the end of the statement; none of them means `bare`."""

    n_words = 0

    def __init__(self, expected: str, bare: tuple[str, ...] = ()) -> None:
        self.expected, self.bare = expected, bare

    def read(self, node: Node, at: int) -> tuple[str, ...]:
        return tuple(node.words[at:]) or self.bare

    def words(self, value: tuple[str, ...]) -> list[str]:
        return list(value)


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
