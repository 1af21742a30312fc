"""Entries as lines for a terminal; pure."""

from collections.abc import Iterable, Iterator

from keepalivedpy.reference.entries import Entry

NOT_YET = "Read and kept, but nothing acts on it yet."


def lines(entries: Iterable[Entry]) -> Iterator[str]:
    """A paragraph an entry: its form and place, what it does, what is right, its default."""
    for n, entry in enumerate(entries):
        if n:
            yield ""
        yield f"{entry.form}    (in {place(entry)})"
        for text in details(entry):
            yield f"    {text}"


def place(entry: Entry) -> str:
    """Where it stands: "virtual_server > real_server", or that it stands outside all blocks."""
    return " > ".join(entry.path) or "no block"


def details(entry: Entry) -> Iterator[str]:
    """Sentences about an entry."""
    yield f"{entry.doc[:1].upper()}{entry.doc[1:]}."
    if entry.argument and entry.argument != "no argument":
        yield f"Takes {entry.argument}."
    if entry.default:
        yield f"Default: {entry.default}."
    if entry.successor:
        yield f"An old word; today it is {entry.successor}."
    if entry.since:
        yield f"Since keepalived {entry.since}."
    if entry.later:
        yield f"{entry.lack[:1].upper()}{entry.lack[1:]}." if entry.lack else NOT_YET
