"""Rules about global_defs, and words that upstream calls deprecated."""

from collections.abc import Callable, Iterable, Mapping

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from keepalivedpy.model.root import Root

Places = Mapping[str, Draft]

DEPRECATED: Mapping[str, Mapping[str, str]] = {
    "global_defs": {
        "vrrp_vmac_garp_intvl": "vrrp_garp_extra_if",
        "vrrp_iptables": "nftables",
        "vrrp_ipsets": "nftables",
    },
    "vrrp_instance": {
        "vmac_garp_intvl": "garp_extra_if",
        "linkbeat_use_polling": "linkbeat_interfaces",
        "lvs_sync_daemon_interface": "lvs_sync_daemon in global_defs",
    },
    "vrrp_sync_group": {"global_tracking": "track_script, track_interface and others"},
}


def deprecated(model: Root, places: Places, reader: Reader) -> None:
    """A word that has a successor; as upstream, it shows in the exit status."""
    for draft in places.values():
        successors = DEPRECATED.get(draft.node.name if draft.node.words else "", {})
        for node in _statements(draft) if successors else ():
            if node.words[0] in successors:
                reader.old_word(node, successors[node.words[0]])


def empty_blocks(model: Root, places: Places, reader: Reader) -> None:
    """A list of words without any; as upstream, it shows in the exit status."""
    for draft in places.values():
        for node in _statements(draft):
            if node.words[0] in ("notification_email", "interfaces") and node.children == []:
                reader.report(node, f"{node.words[0]} without a line", "lines", severity="warning")


def _statements(draft: Draft) -> Iterable[Node]:
    return draft.node.children or ()


GLOBAL_RULES: tuple[Callable[[Root, Places, Reader], None], ...] = (deprecated, empty_blocks)
