"""Who runs a script: the user it names, else script_user, else keepalived_script where it exists.

Like keepalived, the group alone counts: no supplementary groups. Looks into the system's user
database at each start of a script, so that a user who is made later is found.
"""

import grp
import os
import pwd
from typing import TypedDict

from keepalivedpy.model.script import ScriptUser

USUAL_USER = "keepalived_script"


class Identity(TypedDict, total=False):
    """Arguments of asyncio.create_subprocess_exec; empty: our own user."""

    user: int
    group: int
    extra_groups: tuple[int, ...]


def identity(wanted: ScriptUser | None, default: ScriptUser | None) -> Identity:
    """Raises LookupError, with a sentence, for a user or group that does not exist."""
    run_as = wanted or default
    if run_as is None:
        try:
            usual = pwd.getpwnam(USUAL_USER)
        except KeyError:
            return {}
        return _identity(usual.pw_uid, usual.pw_gid)
    try:
        user = pwd.getpwnam(run_as.user)
    except KeyError:
        raise LookupError(f"there is no user {run_as.user}") from None
    if run_as.group is None:
        return _identity(user.pw_uid, user.pw_gid)
    try:
        group = grp.getgrnam(run_as.group)
    except KeyError:
        raise LookupError(f"there is no group {run_as.group}") from None
    return _identity(user.pw_uid, group.gr_gid)


def _identity(uid: int, gid: int) -> Identity:
    """Nothing to change where we are that user already: only root may set groups."""
    if (uid, gid) == (os.geteuid(), os.getegid()) and uid != 0:
        return {}
    return {"user": uid, "group": gid, "extra_groups": (gid,)}
