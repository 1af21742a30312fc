"""What vrrp_strict and strict_mode take away from a vrrp_instance, each with a message."""

from typing import Any, NamedTuple

import msgspec

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader

OWNER_PRIORITY = 255


class Forbidden(NamedTuple):
    """A field that a strict instance may not have; `unless`: a value that is right."""

    field: str
    keyword: str
    unless: Any = None


FORBIDDEN = (
    Forbidden("authentication", "authentication"),
    Forbidden("preempt_delay_us", "preempt_delay", 0),
    Forbidden("down_timer_adverts", "down_timer_adverts", 3),
    Forbidden("higher_prio_send_advert", "higher_prio_send_advert", False),
    Forbidden("lower_prio_no_advert", "lower_prio_no_advert", True),
    Forbidden("garp_lower_prio_repeat", "garp_lower_prio_repeat", 0),
    Forbidden("accept", "accept", False),
)


def strict(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """`is_strict` has been found before: the instance's own word, or global_defs."""
    if not values.pop("is_strict", False):
        return
    written = {node.words[0] for node in draft.node.children or ()}
    for one in FORBIDDEN:
        has = values.get(one.field, one.unless)
        if one.keyword in written and has not in (None, one.unless):
            _said(draft, reader, one.keyword, one.keyword, "neither, or no strict mode")
            del values[one.field]
    vmac = values.get("use_vmac")
    if vmac is not None and vmac.mac is not None:
        _said(draft, reader, "use_vmac", f"a MAC of use_vmac: {vmac.mac}", "no MAC")
        values["use_vmac"] = msgspec.structs.replace(vmac, mac=None)
    is_owner = values["priority"] == OWNER_PRIORITY
    if "state" in written and (values.get("state") == "MASTER") != is_owner:
        found = f"state {values.get('state')} with priority {values['priority']}"
        _said(draft, reader, "state", found, "state MASTER with priority 255, else BACKUP")
        values["state"] = "MASTER" if is_owner else "BACKUP"


def _said(draft: Draft, reader: Reader, keyword: str, found: str, expected: str) -> None:
    node = draft.node_of(keyword)
    reader.report(
        node,
        f"{found} in strict mode",
        expected,
        "it has no effect",
        at=min(1, len(node.words) - 1),
        severity="warning",
    )
