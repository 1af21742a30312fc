"""dpip drops: every verdict's counter; nothing is dropped that is not counted here."""

from collections.abc import Iterator, Sequence

import msgspec

from dpvs_core.control.messages import DropList, VerdictRow, VerdictRows
from keepalivedpy.cli.command import Arg, Context, Object, Verb


class DropsForm(msgspec.Struct):
    nonzero: bool = False


def drop_lines(rows: Sequence[VerdictRow], verbose: bool) -> Iterator[str]:
    """A title and a line a verdict; with -v a column a worker."""
    n_workers = max((len(row.workers) for row in rows), default=0) if verbose else 0
    width = max([len("verdict"), *(len(row.name) for row in rows)])
    titles = "".join(f" {f'worker{index}':>14}" for index in range(n_workers))
    yield f"{'verdict':<{width}} {'total':>14}{titles} kind meaning"
    for row in rows:
        workers = "".join(f" {value:>14}" for value in row.workers) if verbose else ""
        kind = "drop" if row.dropped else "pass"
        yield f"{row.name:<{width}} {row.total:>14}{workers} {kind} {row.help}".rstrip()


def show(context: Context, form: DropsForm) -> None:
    rows = [
        row
        for row in context.session.call(DropList(), VerdictRows).rows
        if row.total or not form.nonzero
    ]
    if context.json(rows):
        return
    for line in drop_lines(rows, context.options.verbose):
        context.write(line)


OBJECT = Object(
    "drops",
    (Verb(("show", "list"), (Arg("nonzero", ("nonzero",)),), DropsForm, show),),
    ("-v adds a column for each worker; nonzero leaves out what did not happen",),
)
