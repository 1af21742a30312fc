"""keepalived.conf as one block of rows, and where each keyword may stand."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from dpvs_core.config.keywords import Block
from keepalivedpy.config.table_global import GLOBAL_DEFS
from keepalivedpy.config.table_groups import (
    ALLOW_ADDRESS_GROUP,
    DENY_ADDRESS_GROUP,
    LOCAL_ADDRESS_GROUP,
    SSL,
    TUNNEL_GROUP,
    VIRTUAL_SERVER_GROUP,
)
from keepalivedpy.config.table_lvs import VIRTUAL_SERVER
from keepalivedpy.config.table_static import (
    BFD_INSTANCE,
    GARP_GROUP,
    PROGRAM,
    STATIC_ITEMS,
    TRACK_GROUP,
)
from keepalivedpy.config.table_trackers import (
    TRACK_FILE,
    TRACK_PROCESS,
    VRRP_SCRIPT,
    VRRP_TRACK_FILE,
)
from keepalivedpy.config.table_vrrp import VRRP_INSTANCE, VRRP_SYNC_GROUP

ROOT = Block(
    "",
    (
        GLOBAL_DEFS,
        VRRP_INSTANCE,
        VRRP_SYNC_GROUP,
        VRRP_SCRIPT,
        TRACK_PROCESS,
        TRACK_FILE,
        VRRP_TRACK_FILE,
        BFD_INSTANCE,
        TRACK_GROUP,
        GARP_GROUP,
        *STATIC_ITEMS,
        *PROGRAM,
        LOCAL_ADDRESS_GROUP,
        DENY_ADDRESS_GROUP,
        ALLOW_ADDRESS_GROUP,
        TUNNEL_GROUP,
        SSL,
        VIRTUAL_SERVER_GROUP,
        VIRTUAL_SERVER,
    ),
    "keepalived.conf",
)

INCLUDES: Mapping[str, frozenset[str]] = {
    "include": frozenset(),
    "includer": frozenset({"read"}),
    "includem": frozenset({"match"}),
    "includew": frozenset({"wildcard_match"}),
    "includeb": frozenset({"brace_match"}),
    "includea": frozenset({"read", "match", "wildcard_match", "brace_match"}),
}
"""Each include keyword and what it does not forgive."""


def homes(word: str) -> Iterable[str]:
    """The blocks that know a keyword, "" for none: where a misplaced one belongs."""
    return _homes().get(word, ())


@lru_cache(maxsize=1)
def _homes() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    known = {block.name: tuple(block.table) for block in blocks(ROOT)}
    for name, words in known.items():
        for word in words:
            found[word] = (*found.get(word, ()), name)
    return found


def blocks(block: Block) -> Iterator[Block]:
    """The block and all that may stand in it."""
    yield block
    for row in block.rows:
        if isinstance(row, Block):
            yield from blocks(row)
