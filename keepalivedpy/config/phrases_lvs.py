"""Arguments of virtual servers that have a grammar of their own.

pyparsing, and so imported only when a line has one (phrases.py says why).
"""

from collections.abc import Sequence
from typing import Any

import pyparsing as pp

from dpvs_core.config.addresses import longest_prefix, masked, split_prefix
from dpvs_core.config.errors import BadValue
from dpvs_core.config.values import one_of, whole_number

NETWORK_FORM = "ADDRESS/LENGTH without bits behind LENGTH"
ENCAPSULATION_FORM = "type ipip, type gre or type gue port N, then nocsum, csum or remcsum"
CHECKSUMS = {
    "ipip": (),
    "gre": ("nocsum", "csum"),
    "gue": ("nocsum", "csum", "remcsum"),
}
"""The kinds of tunnel, and which words about the checksum each may have."""


def _argument(field: str, what: str) -> pp.ParserElement:
    return pp.Regex(r"\S+")(field).set_name(what)


_PORT = pp.Literal("port").suppress() - _argument("port", "a port after port")
_CHECKSUM = pp.one_of("nocsum csum remcsum", as_keyword=True)("checksum")
_ENCAPSULATION = (
    pp.Keyword("type").suppress()
    - _argument("kind", one_of(list(CHECKSUMS)))
    + pp.Optional(_PORT)
    + pp.Optional(_CHECKSUM)
) | _CHECKSUM


def encapsulation(words: Sequence[str], at: int) -> dict[str, Any]:
    """The fields of model.lvs.Encapsulation in the words from `at` on."""
    try:
        found = _ENCAPSULATION.parse_string(" ".join(words[at:]), parse_all=True).as_dict()
    except pp.ParseBaseException as error:
        index = at + error.pstr[: error.loc].count(" ")
        if error.loc >= len(error.pstr):
            raise BadValue("the end of the line", ENCAPSULATION_FORM, len(words)) from None
        raise BadValue(f"'{words[index]}'", ENCAPSULATION_FORM, index) from None
    kind = found.setdefault("kind", "ipip")
    if kind not in CHECKSUMS:
        raise BadValue(f"tunnel type '{kind}'", one_of(list(CHECKSUMS)), at + 1)
    if ("port" in found) != (kind == "gue"):
        raise BadValue(f"a {kind} tunnel {_with(found)} a port", ENCAPSULATION_FORM, at + 1)
    if "port" in found:
        found["port"] = _port(found["port"], list(words).index(found["port"], at))
    checksum = found.get("checksum")
    if checksum is not None and checksum not in CHECKSUMS[kind]:
        raise BadValue(f"{checksum} of a {kind} tunnel", ENCAPSULATION_FORM, len(words) - 1)
    return found


def _with(found: dict[str, Any]) -> str:
    return "with" if "port" in found else "without"


def _port(word: str, at: int) -> int:
    port = whole_number(word)
    if port is None or not 1 <= port <= 65535:
        raise BadValue(f"'{word}'", "a port from 1 to 65535", at)
    return port


def network_range(word: str, at: int) -> tuple[str, int]:
    """`ADDRESS/LENGTH` as its first address and how many there are."""
    split = split_prefix(word)
    if split is None or split[1] == 0 or masked(*split) != split[0]:
        raise BadValue(f"'{word}'", NETWORK_FORM, at)
    address, length = split
    return address, 1 << (longest_prefix(address) - length)
