"""What must hold across blocks: a list of rules, each looks at the model and reports.

Rules say where by the block's place, so they get the statements of all blocks by place. What
keepalived accepts silently is a remark here and changes no exit status.
"""

from collections.abc import Collection

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from keepalivedpy.config.check_global import GLOBAL_RULES
from keepalivedpy.config.check_interfaces import interfaces_exist
from keepalivedpy.config.check_lvs import LVS_RULES
from keepalivedpy.config.check_mail import MAIL_RULES
from keepalivedpy.config.check_routing import ROUTING_RULES
from keepalivedpy.config.check_trackers import TRACKER_RULES
from keepalivedpy.config.check_users import USER_RULES
from keepalivedpy.config.check_vrrp import VRRP_RULES
from keepalivedpy.config.rule import Places, Rule
from keepalivedpy.model.root import Root


def check(
    root: Draft, model: Root, reader: Reader, interfaces: Collection[str] | None = None
) -> None:
    """Apply every rule to `model`; `root` is the Draft that it was made of.

    interfaces   those of the system; None: whether they are there is not looked at
    """
    places = {
        draft.node.short_place: draft
        for found in root.values.values()
        if isinstance(found, list)
        for draft in found
        if isinstance(draft, Draft)
    }
    places[""] = root
    if "global_defs" in root.values:
        places["global_defs"] = root.values["global_defs"]
    for rule in RULES:
        rule(model, places, reader)
    if interfaces is not None:
        interfaces_exist(model, places, reader, interfaces)


def mail(model: Root, places: Places, reader: Reader) -> None:
    """Mail is configured but nothing sends it yet."""
    if model.global_defs.notification_email and model.global_defs.smtp_server:
        node = places["global_defs"].node_of("notification_email")
        reader.not_carried_text(node, "mail to notification_email")


RULES: tuple[Rule, ...] = (
    mail,
    *GLOBAL_RULES,
    *MAIL_RULES,
    *VRRP_RULES,
    *TRACKER_RULES,
    *USER_RULES,
    *ROUTING_RULES,
    *LVS_RULES,
)
