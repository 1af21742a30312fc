"""dpip maddr: the multicast groups that the core listens to (D-042)."""

from collections.abc import Iterator, Sequence

from dpvs_core.control.messages import GroupList, GroupRow, GroupRows
from keepalivedpy.cli import dpip_values as values
from keepalivedpy.cli.command import Arg, Context, Object, Verb
from keepalivedpy.cli.dpip_addr import DevForm


def group_lines(rows: Sequence[GroupRow], verbose: bool) -> Iterator[str]:
    """A device, then its groups: the Ethernet address and the IPv6 one; -v adds how many addresses
    want it, and whether it is reported to routers and switches (MLD)."""
    before = ""
    for row in rows:
        if row.dev != before:
            yield f"{row.dev}:"
            before = row.dev
        told = "reported" if row.reported else "not-reported"
        more = f" refcnt {row.n_addrs} {told}" if verbose else ""
        yield f"    link  {row.mac}"
        yield f"    inet6 {row.group}{more}"


def show(context: Context, form: DevForm) -> None:
    reply = context.session.call(GroupList(dev=form.dev), GroupRows)
    rows = reply.rows if context.options.family in (0, 6) else ()
    if context.json(list(rows)):
        return
    for line in group_lines(rows, context.options.verbose):
        context.write(line)


OBJECT = Object(
    "maddr",
    (Verb(("show", "list"), (Arg("dev", ("dev",), "DEV", values.device),), DevForm, show),),
    ("groups of Linux's programs are the kernel port's: ip maddr show dev DEV.kni",),
)
