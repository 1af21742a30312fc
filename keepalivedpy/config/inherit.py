"""Values that a block has for itself and those it passes on to the blocks inside."""

from collections.abc import Mapping
from typing import Any


def own(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the block itself; lists become tuples."""
    return {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in values.items()
        if "." not in field
    }


def passed_on(values: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The defaults for blocks of one kind: the fields `kind.X`, by X.

    >>> passed_on({"checker.retry": 3, "weight": 1}, "checker")
    {'retry': 3}
    """
    prefix = kind + "."
    return {
        field.removeprefix(prefix): value
        for field, value in values.items()
        if field.startswith(prefix)
    }
