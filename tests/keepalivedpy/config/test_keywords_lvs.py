"""Every keyword of virtual_server and what belongs to it: its typed value, bounds, and absence.

keywords_lvs.tsv: block, keyword, field of the model, a good argument and its value (JSON), one
below the bounds, one above, one that is wrong, and the exit status without an argument (0: it
needs none, or keepalived says nothing). Statuses are what upstream's `keepalived -t` gives.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from keepalivedpy.config.load import LoadResult, load

DATA = Path(__file__).with_name("keywords_lvs.tsv")
INVENTORY = Path(__file__).resolve().parents[3] / "../shared/facts/keepalived-keywords.tsv"

SERVER = "real_server 10.1.0.1 80 {\n%s\nweight 9\n}\n"
SERVICE = (
    "virtual_server 10.0.0.1 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n%s\n"
    + SERVER % ""
    + "}\n"
)
IN_SERVER = SERVICE.replace(SERVER % "", SERVER.replace("weight 9\n", "")).replace(
    "\n%s\n", "\n", 1
)
MATCH = (
    "virtual_server match M {\nlb_algo rr\nprotocol TCP\nsrc-range 192.0.2.1\n%s\n"
    "real_server 10.1.0.1 {\n}\n}\n"
)


def check(name: str, needs: str = "") -> str:
    return IN_SERVER % f"{name} {{\n{needs}\n%s\n}}"


FILES = {
    "virtual_server": SERVICE.replace("weight 9\n", ""),
    "virtual_server heavy": SERVICE,
    "virtual_server sh": SERVICE.replace("lb_algo rr", "lb_algo sh"),
    "virtual_server udp": SERVICE.replace("protocol TCP", "protocol UDP"),
    "virtual_server v6": SERVICE.replace("10.0.0.1", "2001:db8::1").replace("10.1.0.1", "fd00::1"),
    "virtual_server quorum": SERVICE.replace("rr\n", "rr\nquorum 5\n"),
    "virtual_server sorry": SERVICE.replace("rr\n", "rr\nsorry_server 10.9.9.9 80\n"),
    "virtual_server tcp": SERVICE.replace("weight 9", "TCP_CHECK {\n}"),
    "match": MATCH,
    "real_server": IN_SERVER,
    "real_server tcp": IN_SERVER.replace("%s", "%s\nTCP_CHECK {\n}"),
    **{kind: check(kind) for kind in ("TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK")},
    **{kind: check(kind, "url {\npath /\n}") for kind in ("HTTP_GET", "SSL_GET")},
    "PING_CHECK": check("PING_CHECK"),
    "MISC_CHECK": check("MISC_CHECK", "misc_path /no/such"),
    "BFD_CHECK": check("BFD_CHECK", "name near"),
    "FILE_CHECK": check("FILE_CHECK", "track_file near"),
    "url": check("HTTP_GET", "url {\npath /\n%s\n}").replace("}\n%s\n", "}\n"),
    "SMTP_CHECK host": check("SMTP_CHECK", "host {\n%s\n}").replace("}\n%s\n", "}\n"),
    "SSL": "SSL {\n%s\n}\n",
    "tunnel_entry": "tunnel_group t {\ntunnel_entry a {\n%s\n}\n}\n",
}
"""A file around each block that is right without the keyword; %s is the keyword's line."""

NAMED_ELSEWHERE = (
    "bfd_instance far {\nneighbor_ip 10.8.0.1\n}\nbfd_instance near {\nneighbor_ip 10.8.0.2\n}\n"
    "local_address_group lips {\n10.8.0.9 dpdk0\n}\n"
    "track_file load {\nfile /no/such\n}\ntrack_file near {\nfile /no/such\n}\n"
)


class Row(NamedTuple):
    block: str
    keyword: str
    field: str
    good: str
    value: str
    below: str
    above: str
    wrong: str
    missing: str


def rows() -> list[Row]:
    with DATA.open() as file:
        return [Row(*line) for line in csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE)][1:]


class Answer(NamedTuple):
    result: LoadResult
    said: list[str]  # but for what is not carried yet


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conf") / "keepalived.conf"


def ask(path: Path, block: str, line: str) -> Answer:
    path.write_text(NAMED_ELSEWHERE + FILES[block] % line)
    result = load(str(path))
    return Answer(result, [d.text for d in result.diagnostics if d.exit_status])


def value_of(result: LoadResult, row: Row) -> Any:
    inside = row.field.startswith(("ssl.", "tunnel_groups."))
    found: Any = result.root if inside else result.root.virtual_servers[0]
    for step in row.field.split("."):
        found = found[int(step)] if step.isdigit() else getattr(found, step, None)
    return json.loads(msgspec.json.encode(found))


def ids() -> Iterator[str]:
    return (f"{row.block}-{row.keyword}-{row.field.rpartition('.')[2]}" for row in rows())


def test_the_files_around_are_right(path: Path) -> None:
    for block in FILES:
        assert ask(path, block, "").said == [], block


@pytest.mark.parametrize("row", rows(), ids=ids())
def test_keyword(path: Path, row: Row) -> None:
    good = ask(path, row.block, f"{row.keyword} {row.good}")
    assert good.said == OLD.get(row.keyword, [])
    written = value_of(good.result, row)
    assert without_tags(written) == json.loads(row.value)
    assert value_of(ask(path, row.block, "").result, row) != written or row.keyword in NO_CHANGE
    for bound in (row.below, row.above):
        if bound:
            answer = ask(path, row.block, f"{row.keyword} {bound}")
            assert answer.result.status == 5, bound
            assert any(char.isdigit() for char in answer.said[0].partition("expected")[2]), answer
    if row.wrong:
        assert ask(path, row.block, f"{row.keyword} {row.wrong}").result.status == 5
    assert ask(path, row.block, row.keyword).result.status == int(row.missing)


NO_CHANGE = {"hash_target"}
OLD = {"nb_get_retry": ["found nb_get_retry, an old word, expected retry"]}


def without_tags(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if name != "check"}
    return value


READ_ELSEWHERE = {
    "BFD_CHECK DNS_CHECK FILE_CHECK MISC_CHECK PING_CHECK SMTP_CHECK SSL TCP_CHECK UDP_CHECK",
    "allow_address_group deny_address_group local_address_group tunnel_group tunnel_entry",
    "virtual_server virtual_server_group real_server url host",
}
"""Keywords that open a block: test_blocks_lvs.py."""

BLOCKS = ("SSL", "checker/", "tunnel_group", "virtual_server")
LIMITS = {
    "UINT_MAX": 2**32 - 1,
    "UINT32_MAX": 2**32 - 1,
    "UINT16_MAX": 65535,
    "IPVS_WEIGHT_LIMIT": 2**31 - 1,
    "-IPVS_WEIGHT_LIMIT": -(2**31 - 1),
    "LVS_MAX_TIMEOUT": 2678400,
    "UINT_MAX / TIMER_HZ": 4294,
}


@pytest.mark.skipif(not INVENTORY.exists(), reason="needs the inventory of keywords; not here")
def test_every_keyword_of_the_inventory_is_here() -> None:
    tested = {row.keyword for row in rows()} | set(" ".join(READ_ELSEWHERE).split())
    lines = [line.split("\t") for line in INVENTORY.read_text().splitlines()[1:]]
    asked = {line[1] for line in lines if line[0].startswith(BLOCKS)}
    assert len(asked) > 80
    assert asked - tested == set()


def bounded() -> list[tuple[str, str, int, int]]:
    """Block, keyword and bounds of the inventory's numbers."""
    if not INVENTORY.exists():
        return []
    found = []
    for line in INVENTORY.read_text().splitlines()[1:]:
        block, keyword, reader = line.split("\t")[:3]
        kind, _, bounds = reader.rstrip("]").partition("[")
        if block.startswith(BLOCKS) and kind in ("unsigned", "int"):
            low, high = (
                LIMITS[bound] if bound in LIMITS else int(bound) for bound in bounds.split("..")
            )
            found.append((block, keyword, low, high))
    return found


@pytest.mark.skipif(not INVENTORY.exists(), reason="needs the inventory of keywords; not here")
def test_bounds_of_the_inventory(path: Path) -> None:
    assert len(bounded()) > 12
    blocks = {"virtual_server/real_server": "real_server", "virtual_server": "virtual_server"}
    for block, keyword, low, high in bounded():
        if keyword == "persistence_granularity":
            continue  # a mask, or a length of IPv6
        where = blocks.get(block, block.removeprefix("checker/").partition("|")[0])
        for number, status in ((low, 0), (high, 0), (low - 1, 5), (high + 1, 5)):
            answer = ask(path, where, f"{keyword} {number}")
            said = [text for text in answer.said if "sum of the weights" not in text]
            wrong = [text for text in said if "expected a" in text and "number" in text]
            assert bool(wrong) == bool(status), (block, keyword, number, said)
