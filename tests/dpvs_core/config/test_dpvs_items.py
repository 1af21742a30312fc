"""Every item of dpvs.conf: its typed value, DPVS's default and bounds, absence (C-013..C-151).

dpvs_items.tsv: the item's number, the blocks around it, keyword, field of the model, the default
(JSON), a good argument and its value, one below the bounds, one above, one that is wrong. A wrong
one is a warning with its place and what is right, and the default is used (C-007), also where a
good one stood before.
"""

import csv
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from dpvs_core.config.addresses import Prefix
from dpvs_core.config.dpvs_conf import load_dpvs_conf
from dpvs_core.config.dpvs_lacks import LACKS
from dpvs_core.config.dpvs_tables import ROOT
from dpvs_core.config.errors import Diagnostic
from dpvs_core.config.keywords import Block, Keyword
from dpvs_core.config.values import Bool, Flag

DATA = Path(__file__).with_name("dpvs_items.tsv")
INVENTORY = Path(__file__).resolve().parents[3] / "../shared/facts/dpvs-features.md"
NO_ITEM = {
    **dict.fromkeys((f"C-{n:03}" for n in range(1, 13)), "how the file is read"),
    "C-021": "no keyword of DPVS's either",
    "C-025": "the block device",
    "C-035": "the block bonding",
    **dict.fromkeys(("C-042", "C-043", "C-044"), "not configurable"),
    "C-050": "the block worker",
    "C-053": "the block port",
    "C-059": "what a kni worker is",
    **dict.fromkeys((f"C-{n:03}" for n in range(60, 68)), "rules across blocks: dpvs_check.py"),
}


class Row(NamedTuple):
    item: str
    blocks: str
    keyword: str
    field: str
    default: str
    good: str
    value: str
    below: str
    above: str
    wrong: str


class Answer(NamedTuple):
    value: Any
    said: list[Diagnostic]  # of the row's line: no errors of the layout


def rows() -> list[Row]:
    with DATA.open() as file:
        return [Row(*line) for line in csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE)][1:]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conf") / "dpvs.conf"


def ask(path: Path, row: Row, *arguments: str) -> Answer:
    """What several lines of the row's keyword mean, and what is said of the last one."""
    blocks = row.blocks.split("/")
    opening = [f"{block} {{" for block in blocks]
    lines = [f"{row.keyword} {argument}".rstrip() for argument in arguments]
    path.write_text("\n".join([*opening, *lines, *["}"] * len(blocks)]) + "\n")
    conf, found = load_dpvs_conf(str(path))
    value: Any = conf
    for step in row.field.split("."):
        value = value[int(step)] if step.isdigit() else getattr(value, step)
    number = len(opening) + len(lines)
    said = [d for d in found if d.place.line == number and d.severity == "warning"]
    return Answer(json.loads(msgspec.json.encode(value)), said)


def ids() -> list[str]:
    return [f"{row.item}-{row.field}" for row in rows()]


def is_lack(said: Diagnostic, row: Row) -> bool:
    return said.found == f"{row.keyword} in {row.blocks.split('/')[-1].split()[0]}"


@pytest.mark.parametrize("row", rows(), ids=ids())
def test_item(path: Path, row: Row) -> None:
    default = json.loads(row.default)
    assert ask(path, row).value == default
    good = ask(path, row, row.good)
    assert good.value == json.loads(row.value) != default
    assert all(is_lack(said, row) for said in good.said)
    for argument in filter(None, (row.below, row.above, row.wrong)):
        for before in ([], [] if isinstance(default, list) else [row.good]):
            bad = ask(path, row, *before, argument)
            assert bad.value == default, argument
            (said,) = (one for one in bad.said if not is_lack(one, row))
            assert said.effect == "the default is used"
            assert said.expected in right(row)
            at = said.source[said.place.column - 1 :].split()[0]
            assert at in argument.split(), (argument, at)


@pytest.mark.parametrize("row", rows(), ids=ids())
def test_item_without_its_argument(path: Path, row: Row) -> None:
    alone = [one for one in ask(path, row, "").said if not is_lack(one, row)]
    if isinstance(kind(row).value, Flag | Bool):
        assert alone == []
    else:
        (said,) = alone
        assert said.found == f"{row.keyword} without its argument"
        assert said.expected == kind(row).value.expected


@pytest.mark.parametrize("row", rows(), ids=ids())
def test_bounds_themselves_are_taken(path: Path, row: Row) -> None:
    for argument, step in ((row.below, 1), (row.above, -1)):
        if re.fullmatch(r"-?\d+", argument) and "secret" not in row.keyword:
            answer = ask(path, row, str(int(argument) + step))
            assert all(is_lack(said, row) for said in answer.said), answer


def keywords(block: Block, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Keyword]:
    """All keywords of the file by their blocks' names and their own."""
    found: dict[tuple[str, ...], Keyword] = {}
    for row in block.rows:
        if isinstance(row, Block):
            found |= keywords(row, (*path, row.name))
        elif isinstance(row, Keyword):
            found[*path, row.name] = row
    return found


KEYWORDS = keywords(ROOT)


def kind(row: Row) -> Keyword:
    return KEYWORDS[*[block.split()[0] for block in row.blocks.split("/")], row.keyword]


def right(row: Row) -> str:
    """What a message may call right: of a list also one of it, of a route its parts."""
    expected: str = kind(row).value.expected
    return f"{expected}, {Prefix(network=True).expected}" if row.keyword == "route" else expected


def test_every_keyword_is_in_the_table() -> None:
    asked = {(*[b.split()[0] for b in row.blocks.split("/")], row.keyword) for row in rows()}
    assert asked == set(KEYWORDS)
    for row in rows():
        note = kind(row).doc.split(" ")[0]
        assert note == row.item or note == "(ours)", row


@pytest.mark.skipif(not INVENTORY.exists(), reason="needs the inventory of items; not here")
def test_every_item_of_the_inventory_is_in_the_table() -> None:
    section = INVENTORY.read_text().partition("### 1.11")[0]
    listed = set(re.findall(r"^- (C-\d+)", section, re.MULTILINE)) | {"C-061", "C-065"}
    assert len(listed) > 80
    tested = {row.item for row in rows()}
    assert listed - tested - set(NO_ITEM) == set()
    assert tested & set(NO_ITEM) == set()


def test_what_nothing_acts_on_is_said_with_a_reason() -> None:
    """The table of what is not carried has every row with `later`, and no other."""
    marked = {f"{path[-1]} in {path[-2]}" for path, row in KEYWORDS.items() if row.later}
    assert marked | {"bonding in netif_defs"} == set(LACKS)
    assert all(len(lack.effect.partition(": ")[2]) > 10 for lack in LACKS.values())


@pytest.mark.parametrize("row", rows(), ids=ids())
def test_a_value_without_effect_is_said(path: Path, row: Row) -> None:
    lack = LACKS.get(f"{row.keyword} in {row.blocks.split('/')[-1].split()[0]}")
    if lack is None or not kind(row).later:
        said = [one for one in ask(path, row, row.good).said if is_lack(one, row)]
        assert said == []
    elif row.good not in lack.quiet:
        (one,) = ask(path, row, row.good).said
        assert (one.found.split(" ")[0], one.effect) == (row.keyword, lack.effect)


BONDS = {
    "its name": ("bonding bond0", "bond0"),
    "no digits": ("bonding bond", ""),
    "no name": ("bonding", ""),
}


@pytest.mark.parametrize("header, name", BONDS.values(), ids=BONDS)
def test_a_bonds_name(tmp_path: Path, header: str, name: str) -> None:
    """C-035: letters and then digits."""
    path = tmp_path / "dpvs.conf"
    path.write_text(f"netif_defs {{\n{header} {{\nslave dpdk0\nslave dpdk1\n}}\n}}\n")
    conf, found = load_dpvs_conf(str(path))
    assert [bond.name for bond in conf.netif_defs.bondings] == [name] * bool(name)
    assert [bond.slaves for bond in conf.netif_defs.bondings] == [("dpdk0", "dpdk1")] * bool(name)
    assert all(said.place.line == 2 for said in found)
    assert len(found) == 1
