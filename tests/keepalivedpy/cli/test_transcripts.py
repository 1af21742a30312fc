"""Every command line of the original's transcripts, through our parsers, and its listings redrawn.

A line counts as refused by the original's parser when it failed before anything was asked of its
core. Deliberate differences stand in a table with their reason.
"""

import io
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from dpvs_core.control.messages import (
    Counters,
    DestRow,
    DestSpec,
    Rates,
    ServiceKey,
    ServiceRow,
    ServiceSpec,
)
from keepalivedpy.cli.ipvsadm_list import DEFAULT, FORWARDS, VIEWS, Style, listing
from keepalivedpy.programs import dpip, ipvsadm

CASES = Path(__file__).resolve().parents[3] / "../shared/cases/dpvs-cli"
if not CASES.is_dir():
    pytest.skip("needs the shared case files; not in this checkout", allow_module_level=True)


class Case(NamedTuple):
    file: str
    line: str
    out: tuple[str, ...]
    err: tuple[str, ...]
    status: int

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line)

    @property
    def asked_its_core(self) -> bool:
        return any(re.search(r"\[sockopt_msg_recv\]|\[dpvs_[gs]etsockopt\]", e) for e in self.err)


def read(path):
    line, out, err = None, [], []
    for text in path.read_text(errors="replace").split("\n"):
        if text.startswith("$ "):
            line, out, err = text[2:], [], []
        elif found := re.search(r"\[rc=(\d+)\]$", text):
            if line is not None:
                yield Case(path.name, line, tuple(out), tuple(err), int(found[1]))
            line = None
        elif text.startswith("[stderr] "):
            err.append(text[len("[stderr] ") :])
        else:
            out.append(text)


ALL = [case for path in sorted(CASES.glob("*.txt")) for case in read(path)]
TOOLS = [
    case
    for case in ALL
    if case.words[0] in ("ipvsadm", "dpip") and "|" not in case.words and case.status != 124
]


class Reached(Exception):
    """The tool asks the core something: its parser is content."""


class NoCore:
    """Stands for the session: any request ends the tool."""

    dpvs_version = "0"

    def call(self, request, _reply):
        raise Reached(type(request).__name__)


def ours(case):
    """(exit status, stderr) without a core; status None when a request would be sent."""
    out, err = io.StringIO(), io.StringIO()
    words = case.words[1:]
    try:
        if case.words[0] == "ipvsadm":
            status = ipvsadm.run(words, NoCore(), io.StringIO(), out, err)
        else:
            status = dpip.run(words, NoCore(), out, err, pause=lambda _s: None)
    except Reached:
        return None, ""
    return status, err.getvalue()


NOT_CARRIED = "the core does not carry it yet; said with status 1"
DIFFERENT: tuple[tuple[str, str], ...] = (
    (r"ipvsadm (-[UVBOYW] |-[BW]$|--get-(blk|wht)lst)", NOT_CARRIED),
    (r"ipvsadm .* -H ", NOT_CARRIED),
    (r"ipvsadm .*-f 10", NOT_CARRIED),
    (r"ipvsadm --set |ipvsadm --(start|stop)-daemon", "status 1 with a reason, not 255"),
    (r"ipvsadm .*--proxy-protocol v3", "an unknown word is refused, not taken for disable"),
    (r"dpip (-\S+ )*(vlan|tunnel|qsch|cls|ipv6|iftraf|eal-mem|ipset|maddr|lldp) ", NOT_CARRIED),
    (r"dpip flow (add|show) type kni", "no such rules here; said with status 1"),
    (r"dpip flow show( dev \S+)?$", "shows groups and steering of this core"),
    (r"dpip link set \S+ promisc maybe", "an invalid value fails; the original's status was 0"),
    (r"dpip link set \S+ lldp up", "up and down are what the help promises"),
    (r"dpip link show bond0 status", NOT_CARRIED),
    (r"dpip addr add 172.16.0.9/33", "refused before the core is asked"),
)


def difference(case):
    return next((reason for pattern, reason in DIFFERENT if re.match(pattern, case.line)), None)


def test_the_transcripts_were_read():
    assert len(TOOLS) > 250
    assert {case.words[0] for case in TOOLS} == {"ipvsadm", "dpip"}


@pytest.mark.parametrize("case", TOOLS, ids=lambda case: f"{case.file[:2]}: {case.line}")
def test_accepted_or_refused_as_by_the_original(case):
    status, err = ours(case)
    if difference(case):
        assert status in (None, 0, 1), err
        return
    if case.asked_its_core or (case.status == 0 and status is None):
        assert status is None, f"refused: {err}"
        return
    assert status == case.status, err
    if case.status:
        assert err.strip(), "a refusal without a word"


def test_every_difference_is_met():
    for pattern, _reason in DIFFERENT:
        assert any(re.match(pattern, case.line) for case in TOOLS), pattern


TITLE_LINES = {view.titles[0]: (name, view) for name, view in VIEWS.items()}
TITLE_LINES[DEFAULT.titles[0]] = ("", DEFAULT)


def endpoint(text):
    addr, _, port = text.rpartition(":")
    return addr.strip("[]"), int(port)


def spec_of(words):
    """The settings a service's line shows, from its words behind the address."""
    fields = {"scheduler": words[0]} if words else {}
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word in ("sip", "qid"):
            fields["hash_target"] = word
        elif word == "persistent":
            fields["persistent_s"] = int(rest.pop(0))
        elif word == "mask":
            fields["netmask"] = rest.pop(0)
        elif word == "conn-timeout":
            fields["conn_timeout_s"] = int(rest.pop(0))
        elif word.startswith("ppv"):
            fields["proxy_protocol"] = word[2:]
        elif word == "dest-check":
            checks = [part.split(":", 1)[1] for part in rest]
            fields["dest_check"], rest = tuple(checks), []
        else:
            fields[word.replace("-", "_")] = True
    return ServiceSpec(**fields)


COUNTS = ("conns", "inpkts", "outpkts", "inbytes", "outbytes")
SPEEDS = ("cps", "inpps", "outpps", "inbps", "outbps")
TO_FORWARD = {text: forward for forward, text in FORWARDS.items()}


def columns(name, words):
    """(spec fields, row fields) of a dest's words behind the address."""
    row = {"active": 0, "inactive": 0, "persistent": 0, "counters": Counters(), "rates": Rates()}
    spec = {}
    numbers = [int(word) for word in words[name == "" :]]
    if name == "stats":
        row["counters"] = Counters(**dict(zip(COUNTS, numbers, strict=True)))
    elif name == "rate":
        row["rates"] = Rates(**dict(zip(SPEEDS, numbers, strict=True)))
    elif name == "thresholds":
        spec["upper_threshold"], spec["lower_threshold"], row["active"], row["inactive"] = numbers
    elif name == "persistent_conn":
        spec["weight"], row["persistent"], row["active"], row["inactive"] = numbers
    else:
        spec["forward"] = TO_FORWARD[words[0]]
        spec["weight"], row["active"], row["inactive"] = numbers
    return spec, row


def rows_of(name, lines):
    """A listing's lines back to rows."""
    services = []
    for line in lines:
        words = line.split()
        if words[0] == "->":
            addr, port = endpoint(words[1])
            spec, row = columns(name, words[2:])
            dest = DestRow(
                spec=DestSpec(addr=addr, port=port, **spec), overload=False, owner="cli", **row
            )
            services[-1]["dests"] += (dest,)
            continue
        addr, port = endpoint(words[1])
        counted = name in ("stats", "rate")
        _, row = columns(name, words[2:]) if counted else ({}, {})
        services.append({
            "key": ServiceKey(proto=words[0].lower(), addr=addr, port=port), "owner": "cli",
            "spec": ServiceSpec() if counted else spec_of(words[2:]), "dests": (), "laddrs": (),
            "counters": row.get("counters", Counters()), "rates": row.get("rates", Rates()),
        })  # fmt: skip
    return [ServiceRow(**fields) for fields in services]


LISTINGS = [case for case in TOOLS if any(line in TITLE_LINES for line in case.out)]


def test_there_are_listings_of_every_kind():
    kinds = {TITLE_LINES[line][0] for case in LISTINGS for line in case.out if line in TITLE_LINES}
    assert kinds == {"", *VIEWS}


@pytest.mark.parametrize("case", LISTINGS, ids=lambda case: f"{case.file[:2]}: {case.line}")
def test_listings_redrawn_are_the_originals(case):
    """What is read back from a listing prints as the same bytes (marks and matches apart)."""
    start = next(i for i, line in enumerate(case.out) if line in TITLE_LINES)
    name, view = TITLE_LINES[case.out[start]]
    lines = list(case.out[start : start + 2])
    skipping = False
    for line in case.out[start + 2 :]:
        if not line.startswith("  ->"):
            skipping = line.startswith(("FWM", "MATCH"))
        if not skipping:
            lines.append(line)
    style = Style(sort="--nosort" not in case.words)
    assert list(listing(rows_of(name, lines[2:]), view, style)) == lines
