"""What a rule across blocks is given, and words that rules share."""

from collections.abc import Callable, Iterable, Mapping

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from keepalivedpy.model.root import Root

Places = Mapping[str, Draft]
"""The blocks by their places (model.place); "global_defs", and "" for what is in no block."""

Rule = Callable[[Root, Places, Reader], None]


def one_of_names(kind: str, names: Iterable[str]) -> str:
    """What would be right where a name is not known."""
    known = sorted(names)
    return f"a {kind} (there is {', '.join(known[:5])})" if known else f"a {kind}"
