"""Messages in the real program's words, as it prints them for the same files; and as JSON."""

import json
from pathlib import Path

import pytest

from keepalivedpy.config.load import load
from keepalivedpy.config.render import render_all, render_compat, render_json

INSTANCE = """vrrp_instance V {
interface eth0
virtual_router_id 1
virtual_ipaddress {
10.0.0.1
}
%s
}
"""
# text: what upstream says, K for the file
SAME = {
    "foo bar\n": "(K: Line 1) Unknown keyword 'foo'",
    INSTANCE % "}": "(K: Line 8) Extra '}' found",
    INSTANCE % "{": "(K: Line 7) Unexpected '{' - ignoring",
    "global_defs {\n": "There are 1 missing '}'s or extra '{'s",
    INSTANCE
    % 'notify_master "/bin/true': "(K: Line 7) Unterminated quote 'notify_master \"/bin/true'",
    INSTANCE % "priority": "(K: Line 7) *** Configuration line starting `priority` is missing a "
    "parameter after keyword `priority` at word position 2",
    INSTANCE % "garp_master_repeat abc": "(K: Line 7) invalid number 'abc'",
    INSTANCE % "notify_master /bin/sh": "SECURITY VIOLATION - scripts are being executed but "
    "script_security not enabled.",
    "include nothing.conf\n": "(K: Line 1) Config files missing 'nothing.conf'.",
    "~SEQ(I,1,0,3) a\n": "(K: Line 1) Invalid ~SEQ specification '~SEQ(I,1,0,3) a'",
    "$A=${_RANDOM 6 5}\nrouter_id $A\n": "(K: Line 2) ${_RANDOM}: min 6 exceeds max 5, using 6",
    INSTANCE % "priority 256": "(K: Line 7) number '256' outside range [1, 255]\n"
    "(K: Line 7) (V) Priority not valid! must be between 1 & 255. Using default 100",
    INSTANCE % "garp_master_delay -2": "(K: Line 7) negative number '-2'\n"
    "(K: Line 7) (V): garp_master_delay '-2' invalid - ignoring",
    INSTANCE % "advert_int 0": "(K: Line 7) number '0' outside range [0.010000, 255.000000]\n"
    "(K: Line 7) (V) Advert interval (0) not valid! Must be > 0 - ignoring",
    INSTANCE % "state SLAVE": "(K: Line 7) (V) unknown state 'SLAVE', defaulting to BACKUP",
    INSTANCE.replace("10.0.0.1", "10.0.0.1/33") % "": "(K: Line 5) number '33' outside range"
    " [0, 32]\n(K: Line 5) Invalid address prefix len 33 for address 10.0.0.1/33 - using 32",
    INSTANCE.replace("10.0.0.1\n", "") % "": "(V) No VIP specified; at least one is sensible",
    INSTANCE.replace("eth0", "eth9") % "": "(K: Line 2) WARNING - interface eth9 for"
    " vrrp_instance V doesn't exist\nNon-existent interface specified in configuration",
    INSTANCE % "" + "vrrp_script s {\nscript /bin/sh\n}\n": "SECURITY VIOLATION - scripts are being"
    " executed but script_security not enabled.\nDisabling track script s due to insecure",
    "virtual_server fwmark x {\n}\n": "(K: Line 1) invalid number 'x'\n"
    "(K: Line 1) virtual server fwmark 'x' must be in [0, 4294967295] - ignoring",
    "a\0b\n": "configuration appears to have embedded NULs - ignoring line",
    "a" * 1100: "(K: Line 1) line too long - ignoring",
}


@pytest.mark.parametrize("text", SAME, ids=range(len(SAME)))
def test_words(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("K").write_text(text)
    result = load("K", config_id="main", interfaces=["eth0"])
    wanted = SAME[text].split("\n")
    lines = render_compat(result.diagnostics, result.blocks).split("\n")
    lines = [line for line in lines if "not carried yet" not in line]
    assert lines[: len(wanted)] == wanted


def test_what_has_no_counterpart_keeps_our_words(tmp_path: Path) -> None:
    path = tmp_path / "K"
    path.write_text(INSTANCE % "mcast_src_ip 10.0.0.256")
    (line, _) = render_compat(load(str(path)).diagnostics).split("\n")
    assert line.startswith(f"({path}: Line 7) found '10.0.0.256' after mcast_src_ip, expected ")


def test_json_has_all_that_the_text_has(tmp_path: Path) -> None:
    path = tmp_path / "K"
    path.write_bytes((INSTANCE % "~SEQ(I,1,2) prio\xff ${I}").encode("latin-1"))
    result = load(str(path))
    found = json.loads(render_json(result.diagnostics, result.status))
    assert found["status"] == result.status == 5
    assert [(d["file"], d["line"], d["column"]) for d in found["diagnostics"]] == [
        (str(path), 7, 13)
    ] * 2
    assert [d["note"] for d in found["diagnostics"]] == [f"$I={i} ({path}:7)" for i in (1, 2)]
    assert set(found["diagnostics"][0]) == {
        "file", "line", "column", "severity", "message", "found", "expected", "effect", "note",
        "status",
    }  # fmt: skip
    assert f"\n    with $I=2 ({path}:7)\n" in render_all(result.diagnostics)
