"""keywords_vrrp.tsv: for each keyword of VRRP's blocks what is right and what is wrong.

Columns: block, keyword, a line that must stand beside it, good argument, the fields that it gives,
exit status of a test with it, an argument below and one above the bounds, the status of the keyword
alone. The statuses are upstream's.
"""

from pathlib import Path
from typing import Any, NamedTuple

from dpvs_core.config.keywords import Block
from keepalivedpy.config.tables import ROOT, blocks
from keepalivedpy.model.root import Root

FILE = Path(__file__).with_name("keywords_vrrp.tsv")

INSTANCE = """vrrp_instance V {
interface eth0
virtual_router_id 1
LINES
virtual_ipaddress {
10.0.0.1
}
}
"""
PLAIN = INSTANCE.replace("LINES\n", "")
SECOND = PLAIN.replace(" V ", " W ").replace("id 1", "id 2").replace("10.0.0.1", "10.0.0.2")

CONTEXTS = {
    "root": "LINES\n" + PLAIN,
    "global_defs": "global_defs {\nLINES\n}\n" + PLAIN,
    "vrrp_instance": INSTANCE,
    "authentication": INSTANCE.replace("LINES", "authentication {\nLINES\n}"),
    "auth_hmac": INSTANCE.replace("LINES", "auth_hmac {\nLINES\n}"),
    "vrrp_sync_group": PLAIN + SECOND + "vrrp_sync_group G {\ngroup {\nV\nW\n}\nLINES\n}\n",
    "vrrp_script": 'vrrp_script s {\nscript "</x"\nLINES\n}\n' + PLAIN,
    "track_file": "track_file f {\nfile /x\nLINES\n}\n" + PLAIN,
    "vrrp_track_file": "vrrp_track_file f {\nfile /x\nLINES\n}\n" + PLAIN,
    "vrrp_track_process": "vrrp_track_process p {\nprocess sh\nLINES\n}\n" + PLAIN,
    "bfd_instance": "bfd_instance b {\nneighbor_ip 10.99.0.2\nLINES\n}\n" + PLAIN,
    "garp_group": "garp_group {\nLINES\n}\n" + PLAIN,
}
"""A file of each block, with the keyword at LINES."""

REPLACED = ("script", "file", "process", "neighbor_ip", "neighbour_ip")
"""Keywords that the context has already."""

BLOCKS: dict[str, Block] = {block.name or "root": block for block in blocks(ROOT)}


class Row(NamedTuple):
    block: str
    keyword: str
    beside: str
    good: str
    fields: str
    status: int
    below: str
    above: str
    alone_status: int


def rows() -> list[Row]:
    found = []
    for line in FILE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            words = line.split("\t")
            found.append(Row(*words[:5], int(words[5]), *words[6:8], int(words[8])))
    return found


def text_of(row: Row, line: str) -> str:
    """A whole file with `line` in the row's block."""
    context = CONTEXTS[row.block]
    if row.keyword in REPLACED:
        first = {"neighbour_ip": "neighbor_ip"}.get(row.keyword, row.keyword)
        context = "\n".join(each for each in context.split("\n") if each.split(" ")[0] != first)
    beside = row.beside.replace("{ ", "{\n").replace(" }", "\n}")
    return context.replace("LINES", f"{beside}\n{line}" if beside else line)


def owner_of(row: Row, root: Root) -> Any:
    """The model of the row's block."""
    owners: dict[str, Any] = {
        "root": (root,),
        "global_defs": (root.global_defs,),
        "vrrp_instance": root.vrrp_instances,
        "authentication": [i.authentication for i in root.vrrp_instances],
        "auth_hmac": [i.auth_hmac for i in root.vrrp_instances],
        "vrrp_sync_group": root.vrrp_sync_groups,
        "vrrp_script": root.vrrp_scripts,
        "track_file": root.track_files,
        "vrrp_track_file": root.track_files,
        "vrrp_track_process": root.track_processes,
        "bfd_instance": root.bfd_instances,
        "garp_group": root.garp_groups,
    }
    return owners[row.block][0]
