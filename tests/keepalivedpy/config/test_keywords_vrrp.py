"""Every keyword of global_defs, VRRP, trackers, BFD and static items: good, below, above, alone.

The rows are in keywords_vrrp.tsv; keyword_rows.py says what its columns are.
"""

import re
from pathlib import Path

import pytest

from dpvs_core.config.keywords import Keyword
from keepalivedpy.config.dump import dump
from keepalivedpy.config.load import LoadResult, load
from keepalivedpy.config.tables import ROOT
from tests.keepalivedpy.config.files import REPOSITORY
from tests.keepalivedpy.config.keyword_rows import BLOCKS, CONTEXTS, Row, owner_of, rows, text_of
from tests.keepalivedpy.config.test_dump import placeless

ROWS = rows()
FACTS = REPOSITORY / "../shared/facts/keepalived-keywords.tsv"
IDS = [f"{row.block}-{row.keyword}" for row in ROWS]
BOUNDS = [
    pytest.param(row, argument, id=f"{row.block}-{row.keyword}-{argument}")
    for row in ROWS
    for argument in (row.below, row.above)
    if argument
]


def read(path: Path, row: Row, line: str) -> LoadResult:
    file = path / "keepalived.conf"
    file.write_text(text_of(row, line), "utf-8")
    return load(str(file))


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_good_argument_gives_its_typed_value(row: Row, tmp_path: Path) -> None:
    found = read(tmp_path, row, f"{row.keyword} {row.good}".strip())
    assert found.status == row.status, found.diagnostics
    owner = owner_of(row, found.root)
    if row.keyword in INSTANCE_DEFAULTS:
        owner = found.root.vrrp_instances[0]
    for field, _, value in (each.partition("=") for each in row.fields.split("; ")):
        assert repr(getattr(owner, field)) == value
    again = tmp_path / "again.conf"
    again.write_text(dump(found.root), "utf-8")
    assert placeless(load(str(again)).root) == placeless(found.root), dump(found.root)


INSTANCE_DEFAULTS = {
    row.name
    for row in BLOCKS["global_defs"].rows
    if isinstance(row, Keyword) and row.field.startswith("instance.")
}


@pytest.mark.parametrize("row, argument", BOUNDS)
def test_beyond_the_bounds_is_refused_with_the_bounds(
    row: Row, argument: str, tmp_path: Path
) -> None:
    found = read(tmp_path, row, f"{row.keyword} {argument}")
    assert found.status == 5
    said = [d for d in found.diagnostics if d.exit_status == 5]
    assert said[0].expected, said[0]
    assert argument.split()[-1] in said[0].source
    if re.fullmatch(r"-?[0-9.]+", argument) and row.keyword not in ("umask", "mcast_dst_ip"):
        assert re.search("[0-9]", said[0].expected) or "address" in said[0].expected


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_without_an_argument_the_status_is_upstreams(row: Row, tmp_path: Path) -> None:
    found = read(tmp_path, row, row.keyword)
    assert found.status == row.alone_status, found.diagnostics


def test_every_keyword_of_these_blocks_has_a_row() -> None:
    tried = {(row.block, row.keyword) for row in ROWS}
    missing = [
        (block, row.name)
        for block in CONTEXTS
        for row in (ROOT if block == "root" else BLOCKS[block]).rows
        if isinstance(row, Keyword) and (block, row.name) not in tried
    ]
    assert missing == []


OURS = ("global_defs", "vrrp_instance", "vrrp_instance/authentication", "vrrp_instance/auth_hmac",
        "vrrp_script", "vrrp_sync_group", "vrrp_track_process", "vrrp_track_file", "track_file",
        "track_group", "garp_group", "bfd_instance")  # fmt: skip


@pytest.mark.skipif(not FACTS.exists(), reason=f"the list of upstream's keywords, {FACTS}")
def test_every_keyword_of_upstream_is_known() -> None:
    lines = [line.split("\t")[:2] for line in FACTS.read_text("utf-8").splitlines()[1:]]
    unknown = [
        (block, word)
        for block, word in lines
        if block in OURS and word not in BLOCKS[block.rpartition("/")[2]].table
    ]
    assert unknown == []
    assert len(lines) > 400
