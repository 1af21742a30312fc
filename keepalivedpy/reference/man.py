"""Manual pages in man(7) macros, from rows; pure.

Prose that no row has (what the file is, exit statuses, signals) stands here, once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dpvs_core.config.dpvs_lacks import LACKS
from dpvs_core.config.dpvs_tables import ROOT as DPVS_ROOT
from dpvs_core.config.keywords import Block
from dpvs_core.config.reader import NO_LACKS, Lack
from keepalivedpy.config.tables import ROOT as KEEPALIVED_ROOT
from keepalivedpy.daemon.options import ROWS, Takes
from keepalivedpy.reference.entries import Entry, entries
from keepalivedpy.reference.screen import details

LANGUAGE = """\
A line is a keyword with its arguments; a keyword with { opens a block, } closes it. Comments begin
with # or ! and go to the end of the line. Words with blanks stand in quotes. include FILE reads
other files, also by pattern. What is wrong is reported with file, line, column and what would be
right: keepalived -t. keepalived --help-config KEYWORD shows one entry of this page."""

STATUSES = (
    ("0", "an ordinary end; of -t: nothing is wrong"),
    ("1", "it could not run; a wrong command line"),
    ("2", "the configuration lacks an argument, it is not used; of --plan: traffic would notice"),
    ("3", "of --status: keepalived does not run"),
    ("4", "no permission"),
    ("5", "of -t: something is wrong, but it would run with the rest"),
    ("6", "no configuration; of -t: also scripts without enable_script_security"),
)
SIGNALS = (
    ("SIGHUP", "read the configuration again; a file with errors is refused"),
    ("SIGTERM, SIGINT", "give the addresses up and end"),
)
FILES = (
    ("/etc/keepalived/keepalived.conf", "the configuration, keepalived.conf(5)"),
    ("/run/keepalived.pid", "the process id; .status and .loaded beside it are for our commands"),
    ("/var/run/dpvs.ipc", "the control socket of dpvs"),
)


def pages(date: str, version: str) -> dict[str, str]:
    """File name (keepalived.8) -> page."""
    about = f'"{date}" "keepalivedpy {version}"'
    return {
        "keepalived.8": _text(_keepalived_8(about)),
        "keepalived.conf.5": _text(
            _file_page("keepalived.conf", "configuration of keepalived", KEEPALIVED_ROOT, about)
        ),
        "dpvs.conf.5": _text(
            _file_page("dpvs.conf", "configuration of dpvs", DPVS_ROOT, about, LACKS)
        ),
    }


def _keepalived_8(about: str) -> Iterator[str]:
    yield from _head("keepalived", 8, "high availability and load balancing", about)
    yield from (".SH SYNOPSIS", ".B keepalived", "[\\fIOPTION\\fR...]")
    yield ".SH DESCRIPTION"
    yield _escaped(
        "Runs VRRP and health checks as keepalived.conf(5) says, and programs the services of "
        "dpvs, a director on DPDK, accordingly."
    )
    yield ".SH OPTIONS"
    for row in ROWS:
        if row.takes is Takes.REFUSED:
            continue
        value = f"={row.value}" if row.takes is Takes.VALUE else f"[={row.value}]"
        long = f"--{row.long}{value if row.value else ''}"
        short = f"-{row.short}, " if row.short else ""
        yield from _paragraph(short + long, [row.help])
    for title, rows in (("EXIT STATUS", STATUSES), ("SIGNALS", SIGNALS), ("FILES", FILES)):
        yield f".SH {title}"
        for name, text in rows:
            yield from _paragraph(name, [text])
    yield from (".SH SEE ALSO", ".BR keepalived.conf (5),", ".BR dpvs.conf (5)")


def _file_page(
    name: str, what: str, root: Block, about: str, lacks: Mapping[str, Lack] = NO_LACKS
) -> Iterator[str]:
    yield from _head(name, 5, what, about)
    yield from (".SH DESCRIPTION", _escaped(LANGUAGE))
    path: tuple[str, ...] | None = None
    for entry in _grouped(list(entries(root, lacks))):
        if entry.path != path:
            path = entry.path
            yield f'.SH "{_escaped(" > ".join(path)) or "OUTSIDE ALL BLOCKS"}"'
        yield from _paragraph(entry.form, details(entry))
    yield from (".SH SEE ALSO", ".BR keepalived (8)")


def _grouped(found: Sequence[Entry]) -> Iterator[Entry]:
    """The entries of a block together; blocks in the order in which they come first."""
    for path in dict.fromkeys(entry.path for entry in found):
        yield from (entry for entry in found if entry.path == path)


def _head(name: str, section: int, what: str, about: str) -> Iterator[str]:
    yield f'.TH "{name.upper()}" {section} {about}'
    yield from (".SH NAME", f"{name} \\- {_escaped(what)}")


def _paragraph(title: str, texts: Iterable[str]) -> Iterator[str]:
    yield from (".TP", f".B {_escaped(title)}", *map(_escaped, texts))


def _escaped(text: str) -> str:
    """Text that no macro is made of."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in lines)


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
