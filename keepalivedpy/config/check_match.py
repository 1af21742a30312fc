"""Match services (SNAT) are told apart by what they take, whatever the configuration calls them."""

from collections.abc import Mapping

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.control.match_text import make_match
from keepalivedpy.model.lvs import VirtualServer
from keepalivedpy.model.root import Root


def unique_matches(model: Root, places: Mapping[str, Draft], reader: Reader) -> None:
    """Two names for one match are one service, which has the real servers of both."""
    first: dict[tuple[object, ...], VirtualServer] = {}
    for server in model.virtual_servers:
        if server.match is None:
            continue
        takes = make_match(server.src_range, server.dst_range, server.iif, server.oif)
        other = first.setdefault((server.protocol, takes), server)
        if other is not server and other.match != server.match:
            reader.remark(
                places[server.place].node,
                f"match {server.match} takes what match {other.match} takes (there: {other.place})",
                "another range, device or protocol",
                "they are one service with the real servers of both",
                at=2,
            )
