"""Rules about who runs scripts: the users and groups exist."""

import grp
import pwd
from collections.abc import Iterator

from dpvs_core.config.reader import Reader
from keepalivedpy.config.rule import Places, Rule
from keepalivedpy.model.root import Root
from keepalivedpy.model.script import Script, ScriptUser

NOTIFY = (
    "notify_master",
    "notify_backup",
    "notify_fault",
    "notify_stop",
    "notify",
    "notify_master_rx_lower_pri",
    "notify_deleted",
)


def script_user(model: Root, places: Places, reader: Reader) -> None:
    """Who runs what names nobody; upstream's status shows it."""
    user = model.global_defs.script_user
    if user is not None and (unknown := unknown_user(user)):
        node = places["global_defs"].node_of("script_user")
        reader.report(node, unknown, "one that exists", "no script runs", at=1)


def tracker_users(model: Root, places: Places, reader: Reader) -> None:
    """Who runs a vrrp_script; upstream's status shows it."""
    for script in model.vrrp_scripts:
        if script.user is not None and (
            unknown := unknown_user(ScriptUser(script.user, script.group))
        ):
            node = places[script.place].node_of("user")
            effect = f"vrrp_script {script.name} does not run"
            reader.report(node, unknown, "one that exists", effect, at=min(1, len(node.words) - 1))


def notify_users(model: Root, places: Places, reader: Reader) -> None:
    """Who runs a notify script; upstream says nothing."""
    for keyword, script, place in _notify(model):
        if script.run_as is not None and (unknown := unknown_user(script.run_as)):
            node = places[place].node_of(keyword)
            reader.remark(node, unknown, "one that exists", "the script does not run", at=2)


def _notify(model: Root) -> Iterator[tuple[str, Script, str]]:
    for owner in (*model.vrrp_instances, *model.vrrp_sync_groups):
        for keyword in NOTIFY:
            script = getattr(owner, keyword, None)
            if isinstance(script, Script):
                yield keyword, script, str(getattr(owner, "place", ""))


def unknown_user(user: ScriptUser) -> str:
    """What does not exist of it, or ""."""
    try:
        pwd.getpwnam(user.user)
    except KeyError:
        return f"the user {user.user}"
    try:
        if user.group is not None:
            grp.getgrnam(user.group)
    except KeyError:
        return f"the group {user.group}"
    return ""


USER_RULES: tuple[Rule, ...] = (
    script_user,
    tracker_users,
    notify_users,
)
