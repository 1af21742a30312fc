"""Every command line of the original's transcripts, through our parsers.

A line counts as refused by the original's parser when it failed before anything was asked of its
core. Deliberate differences stand in a table with their reason.
"""

import io
import re
import sys

import pytest

from keepalivedpy.programs import dpip, ipvsadm

transcripts = sys.modules["keepalivedpy_cli_transcripts"]
if not transcripts.CASES.is_dir():
    pytest.skip(transcripts.ABSENT, allow_module_level=True)
TOOLS = transcripts.tool_cases()


class ReachedError(Exception):
    """The tool asks the core something: its parser is content."""


class NoCore:
    """Stands for the session: any request ends the tool."""

    dpvs_version = "0"

    def open(self):
        raise ReachedError("open")

    def call(self, request, _reply):
        raise ReachedError(type(request).__name__)


def ours(case):
    """(exit status, stderr) without a core; status None when a request would be sent."""
    out, err = io.StringIO(), io.StringIO()
    words = case.words[1:]
    try:
        if case.words[0] == "ipvsadm":
            status = ipvsadm.run(words, NoCore(), io.StringIO(), out, err)
        else:
            status = dpip.run(words, NoCore(), out, err, pause=lambda _s: None)
    except ReachedError:
        return None, ""
    return status, err.getvalue()


INFORMED = ("dpip", "ipvsadm -v")


def theirs(case):
    """The original's status, None where its parser was content. Only help and versions succeed
    without a core; everything else that ended well must have asked it."""
    informed = case.words[-1] in ("help", "-h", "--version", "-V") or case.line in INFORMED
    if case.asked_its_core or (case.status == 0 and not informed):
        return None
    return case.status


NOT_CARRIED = "the core does not carry it yet; said with status 1"
DIFFERENT: tuple[tuple[str, int | None, str], ...] = (
    (r"ipvsadm (-[UVBOYW] |-[BW]$|--get-(blk|wht)lst)", 1, NOT_CARRIED),
    (r"ipvsadm .*-f 10", 1, NOT_CARRIED),
    (r"ipvsadm --set |ipvsadm --(start|stop)-daemon", 1, "status 1 with a reason, not 255"),
    (r"ipvsadm .*--proxy-protocol v3", 2, "an unknown word is refused, not taken for disable"),
    (r"dpip (-\S+ )*(vlan|tunnel|qsch|cls|iftraf|eal-mem|ipset|lldp) ", 1, NOT_CARRIED),
    (r"dpip flow (add|show) type kni", 1, "no such rules here; said with status 1"),
    (r"dpip flow show( dev \S+)?$", None, "shows groups and steering of this core"),
    (r"dpip route show dev ", None, "the original failed with 'corrupted response'"),
    (r"dpip link set \S+ promisc maybe", 1, "an invalid value fails; the original's status was 0"),
    (r"dpip link set \S+ lldp up", None, "up and down are what the help promises"),
    (r"dpip link show bond0 status", 1, NOT_CARRIED),
    (r"dpip addr add .* preferred_lft", None, "the spelling of the help is taken, with its effect"),
    (r"dpip addr add 172.16.0.9/33", 1, "refused before the core is asked"),
)
"""Command lines, our exit status (None: the core is asked), the reason. Where both refuse a line
for the same fault the statuses are equal all the same."""


def difference(case):
    """(our exit status,) where it may differ."""
    return next((row[1:2] for row in DIFFERENT if re.match(row[0], case.line)), None)


def test_the_transcripts_were_read():
    assert len(TOOLS) > 250
    assert {case.words[0] for case in TOOLS} == {"ipvsadm", "dpip"}


@pytest.mark.parametrize("case", TOOLS, ids=lambda case: f"{case.file[:2]}: {case.line}")
def test_accepted_or_refused_as_by_the_original(case):
    status, err = ours(case)
    allowed = difference(case)
    if allowed:
        assert status in (*allowed, case.status), err
        return
    assert status == theirs(case), err
    if status:
        assert err.strip(), "a refusal without a word"


def test_every_difference_is_met():
    """A row that no line needs is to be deleted."""
    for pattern, _status, _reason in DIFFERENT:
        assert any(re.match(pattern, case.line) for case in TOOLS), pattern
