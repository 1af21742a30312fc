"""dpip link show cpu: the core's lcores and what they poll (D-014)."""

from collections.abc import Iterator

from dpvs_core.control.messages import CpuList, CpuRow, CpuRows
from keepalivedpy.cli.command import Context, Options
from keepalivedpy.cli.dpip_counters import Column, repeat, totals
from keepalivedpy.cli.errors import REFUSED, CommandError

TABLES = (
    (
        Column("lcore_loop", "loops", "s"),
        Column("pktburst", "pkt_bursts", "s"),
        Column("zpktburst", "zero_bursts", "s"),
        Column("fpktburst", "full_bursts", "s"),
    ),
    (
        Column("z2hpktburst", "low_bursts", "s"),
        Column("h2fpktburst", "high_bursts", "s"),
        Column("dropped", "dropped", "pps"),
    ),
    (
        Column("ipackets", "ipackets", "pps"),
        Column("ibytes", "ibytes", "Bps"),
        Column("opackets", "opackets", "pps"),
        Column("obytes", "obytes", "Bps"),
    ),
)

PLANES = (("master", "<< Controll Plane >>"), ("worker", "<< Data Plane >>"))
"""Roles and their headings, in DPVS's spelling."""


def index_of(name: str) -> int | None:
    """The number in "cpuN"; None for another name."""
    digits = name.removeprefix("cpu")
    return int(digits) if digits != name and digits.isascii() and digits.isdigit() else None


def cpu_lines(row: CpuRow, options: Options) -> Iterator[str]:
    yield f"{row.index + 1}: cpu{row.index}: socket {row.socket}"
    queues = "".join(f"{queue:<16}" for queue in row.queues) or "none"
    yield f"    queues {queues}"
    if options.stats and not options.interval_s:
        yield from totals(row, TABLES)
    if options.verbose:
        yield f"    busy {row.busy_pct:.1f} %"


def show(context: Context, name: str) -> None:
    """`cpu`: all, by plane; `cpuN`: one."""
    wanted = index_of(name)

    def fetch() -> list[CpuRow]:
        rows = context.session.call(CpuList(), CpuRows).rows
        return [row for row in rows if wanted in (None, row.index)]

    rows = fetch()
    if not rows:
        raise CommandError(f"not exist: {name} is no lcore of dpvs", REFUSED)
    if context.json(rows):
        return
    for role, heading in PLANES:
        members = [row for row in rows if row.role == role]
        if wanted is None and members:
            context.write(heading)
        for row in members:
            for line in cpu_lines(row, context.options):
                context.write(line)
    if context.options.interval_s and context.options.stats:
        repeat(context, fetch, lambda row: f"cpu{row.index}", TABLES)
