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
    "a\0b\n": "configuration appears to have embedded NULs - ignoring line",
    "a" * 1100: "(K: Line 1) line too long - ignoring",
}


@pytest.mark.parametrize("text", SAME, ids=range(len(SAME)))
def test_words(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("K").write_text(text)
    lines = render_compat(load("K", config_id="main").diagnostics).split("\n")
    assert lines[0] == SAME[text]


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
