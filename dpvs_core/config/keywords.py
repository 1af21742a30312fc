"""Keywords as rows, and the loop that reads a tree by them.

A Block has rows by name: Keyword (one value), Lines (a block whose lines are values), or another
Block. Reading gives a Draft: typed values by field name, not yet a model, because defaults may
come from blocks that stand later in the file. A row says its name, value, field, one sentence and
since when it exists; the default is the model's, so that it is written once. Rows with `later` are
read and kept like all others, but nothing acts on their value yet: one warning a keyword.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from dpvs_core.config.errors import AmendedValue, BadValue, MissingWord, NotCarried
from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Value


@dataclass(slots=True)
class Draft:
    """A block that was read: its statement and its values by field; nested blocks are Drafts."""

    block: "Block | NamedLines"
    node: Node
    values: dict[str, Any] = dataclasses.field(default_factory=dict)

    def node_of(self, *names: str) -> Node:
        """The last statement of the block with one of these keywords, or the block's own."""
        found = [n for n in self.node.children or () if n.words[0] in names]
        return found[-1] if found else self.node


@dataclass(frozen=True, slots=True)
class Keyword:
    """`name VALUE`; the last one of several wins, with `once` the first, with `many` they add up.

    With field "" the value is a dict of several fields, which its kind names in `fields`.
    An old word has a `successor`; using it is said.
    """

    name: str
    value: Value
    field: str
    doc: str
    since: str = ""
    many: bool = False
    later: bool = False
    successor: str = ""
    once: bool = False

    def take(self, node: Node, draft: Draft, reader: Reader) -> None:
        if len(node.words) <= self.value.n_words:
            reader.missing(node, self.value.expected)
        elif self.once and self.field in draft.values:
            reader.again(node)
        else:
            try:
                self._keep(self.value.read(node, 1), draft)
                if self.later:
                    reader.not_carried(draft.block.name, node)
            except AmendedValue as bad:
                self._keep(bad.value, draft)
                reader.bad_value(node, bad)
            except NotCarried as what:
                reader.not_carried_text(node, str(what))
            except BadValue as bad:
                reader.bad_value(node, bad)
                if reader.policy.bad_value_resets and not self.many:
                    draft.values.pop(self.field, None)
            if len(node.words) > self.value.n_words + 1:
                self._look_for_keywords(node, draft, reader)
        if self.successor:
            reader.old_word(node, self.successor)
        if node.children is not None:
            reader.unexpected_block(node)

    def _keep(self, value: Any, draft: Draft) -> None:
        if not self.field:
            draft.values.update(value)
        elif self.many:
            draft.values.setdefault(self.field, []).append(value)
        else:
            draft.values[self.field] = value

    def _look_for_keywords(self, node: Node, draft: Draft, reader: Reader) -> None:
        """What is behind the argument is not looked at, so another keyword there has no effect."""
        table = draft.block.table if isinstance(draft.block, Block) else {}
        for at, word in enumerate(node.words[self.value.n_words + 1 :], self.value.n_words + 1):
            if word in table:
                reader.swallowed(node, at)
                return


@dataclass(frozen=True, slots=True)
class Lines:
    """`name { VALUE... }`: each line is a value; several blocks add up.

    later_words   words that a line may have but that are not carried yet
    """

    name: str
    value: Value
    field: str
    doc: str
    since: str = ""
    later_words: frozenset[str] = frozenset()
    later: bool = False

    def take(self, node: Node, draft: Draft, reader: Reader) -> None:
        if node.children is None:
            reader.missing_block(node)
            return
        if self.later:
            reader.not_carried(draft.block.name, node)
        found = draft.values.setdefault(self.field, [])
        found.extend(read_lines(self.name, self.value, node, reader, self.later_words))


def read_lines(
    name: str, value: Value, node: Node, reader: Reader, later_words: frozenset[str]
) -> Iterator[Any]:
    """The values of a block's lines; a wrong line is reported and left out."""
    for child in node.children or ():
        try:
            yield value.read(child, 0)
        except NotCarried as what:
            reader.not_carried_text(child, str(what))
        except AmendedValue as bad:
            reader.bad_value(child, bad)
            yield bad.value
        except BadValue as bad:
            reader.bad_value(child, bad)
        for at, word in enumerate(child.words[1:] if later_words else (), 1):
            if word in later_words:
                reader.not_carried_text(child, f"{word} in {name}", at=at)
        if child.children is not None:
            reader.unexpected_block(child)


class Header(Protocol):
    """The words between a block's keyword and its brace."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the model that they give."""
        ...

    @property
    def form(self) -> str:
        """How they are written, for messages and the reference page."""
        ...

    def read(self, node: Node) -> dict[str, Any]:
        """The fields, or BadValue."""
        ...

    def words(self, model: Any) -> list[str]:
        """The words that give these fields of `model`."""
        ...


class NoHeader:
    """A block without words before its brace."""

    fields: tuple[str, ...] = ()
    form = ""

    def read(self, node: Node) -> dict[str, Any]:
        return {}

    def words(self, model: Any) -> list[str]:
        return []


class Named:
    """A block that carries a name.

    alone    further words are a mistake
    placed   the model has its place, as `place`
    needed   without a name the program stops reading
    """

    form = "NAME"

    def __init__(
        self,
        field: str = "name",
        *,
        alone: bool = False,
        placed: bool = False,
        needed: bool = False,
    ) -> None:
        self.fields = (field,)
        self.alone, self.placed = alone, placed
        self._missing = MissingWord if needed else BadValue

    def has_name(self, node: Node, reader: Reader) -> bool:
        """False, and said, where the program stops reading for want of one."""
        wanting = len(node.words) < 2 and self._missing is MissingWord
        if wanting:
            reader.missing(node, f"{node.words[0]} NAME {{")
        return not wanting

    def read(self, node: Node) -> dict[str, Any]:
        if len(node.words) < 2:
            raise self._missing(f"{node.words[0]} without a name", f"{node.words[0]} NAME", 1)
        if self.alone and len(node.words) > 2:
            raise BadValue(f"'{node.words[2]}' after the name", "one name and '{'", 2)
        found = {self.fields[0]: node.words[1]}
        return {**found, "place": node.short_place} if self.placed else found

    def words(self, model: Any) -> list[str]:
        return [getattr(model, self.fields[0])]


NO_HEADER = NoHeader()
NAMED = Named()


@dataclass(frozen=True, slots=True)
class NamedLines:
    """`name NAME { VALUE... }`: several of them, each a Draft with its name and its lines.

    lines   the field of the model that has the lines
    """

    name: str
    value: Value
    field: str
    doc: str
    since: str = ""
    lines: str = "lines"
    later: bool = False

    def take(self, node: Node, draft: Draft, reader: Reader) -> None:
        if node.children is None:
            reader.missing_block(node)
            return
        if len(node.words) < 2:
            reader.missing(node, f"{self.name} NAME")
            return
        if self.later:
            reader.not_carried(draft.block.name, node)
        values = NAMED.read(node)
        values[self.lines] = list(read_lines(self.name, self.value, node, reader, frozenset()))
        draft.values.setdefault(self.field, []).append(Draft(self, node, values))


@dataclass(slots=True)
class Block:
    """`name [header] { rows }`.

    model    what to_model makes of it
    field    where the parent keeps it: a list when `repeats`, else one Draft that all share;
             "" for a block that is read only to see what is wrong in it
    later    the block is read and kept, but nothing acts on it yet: one warning for all of it
    """

    name: str
    rows: "tuple[Keyword | Lines | NamedLines | Block, ...]"
    doc: str
    field: str = ""
    model: type[msgspec.Struct] | None = None
    header: Header = NO_HEADER
    repeats: bool = False
    body_required: bool = True
    since: str = ""
    later: bool = False
    table: "dict[str, Keyword | Lines | NamedLines | Block]" = dataclasses.field(
        init=False, repr=False
    )

    def __post_init__(self) -> None:
        self.table = {row.name: row for row in self.rows}

    def take(self, node: Node, draft: Draft, reader: Reader) -> None:
        """Read the block into its parent's Draft; a bad header skips it."""
        if node.children is None and self.body_required:
            if not isinstance(self.header, Named) or self.header.has_name(node, reader):
                reader.missing_block(node)
            return
        try:
            header = self.header.read(node)
        except NotCarried as what:
            reader.not_carried_text(node, str(what))
            return
        except BadValue as bad:
            reader.bad_header(node, bad)
            return
        if self.later:
            reader.not_carried(draft.block.name, node)
        if not self.field:
            own = Draft(self, node, header)
        elif self.repeats:
            own = Draft(self, node, header)
            draft.values.setdefault(self.field, []).append(own)
        else:
            own = draft.values.setdefault(self.field, Draft(self, node, header))
        read_into(self, own, node.children or (), reader)


def read_into(block: Block, draft: Draft, nodes: Iterable[Node], reader: Reader) -> None:
    """Read the statements of a block into its Draft, reporting what is wrong with them."""
    table = block.table
    for node in nodes:
        word = node.words[0]
        row = table.get(word)
        if row is not None:
            row.take(node, draft, reader)
        else:
            reader.unknown(block.name, table, node)


def to_model(draft: Draft) -> Any:
    """The model of a Draft whose blocks all have one, nested ones included."""
    if not isinstance(draft.block, Block) or draft.block.model is None:
        raise TypeError(f"block {draft.block.name} has no model")
    return draft.block.model(**{name: _plain(value) for name, value in draft.values.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Draft):
        return to_model(value)
    return tuple(_plain(one) for one in value) if isinstance(value, list) else value
