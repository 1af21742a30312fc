"""Rules about blocks that are lists of words."""

from dpvs_core.config.reader import Reader
from keepalivedpy.config.rule import Places, Rule
from keepalivedpy.model.root import Root


def empty_blocks(model: Root, places: Places, reader: Reader) -> None:
    """A list of words without any; as upstream, it shows in the exit status."""
    for draft in places.values():
        for node in draft.node.children or ():
            if node.words[0] in ("notification_email", "interfaces") and node.children == []:
                reader.report(node, f"{node.words[0]} without a line", "lines", severity="warning")


GLOBAL_RULES: tuple[Rule, ...] = (empty_blocks,)
