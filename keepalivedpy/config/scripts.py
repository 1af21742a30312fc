"""Programs that the configuration makes keepalived run, and the users that they run as.

keepalived looks whether each exists and may be executed; one that does makes the configuration
test end with status 6 while script security is off, whatever else is wrong. Of a program that is
missing it says nothing, we do. Without a user to run as there are no scripts.
"""

import pwd
import shlex
import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dpvs_core.config.keywords import Block
from dpvs_core.config.reader import Reader
from dpvs_core.config.scan import STRING_KEYWORDS
from dpvs_core.config.tree import Node
from keepalivedpy.config.check_interfaces import NOT_THERE
from keepalivedpy.config.check_users import unknown_user
from keepalivedpy.config.status import SCRIPT_SECURITY
from keepalivedpy.config.tables import ROOT
from keepalivedpy.model.script import ScriptUser

SCRIPT_KEYWORDS = STRING_KEYWORDS - {"regex"}
CHECKS = frozenset({"MISC_CHECK", "vrrp_script"})
REPORTED = frozenset({"misc_path", "startup_script", "shutdown_script"})
"""Programs whose unknown user shows in upstream's status; check_users.py says it of others."""
VRRP_BLOCKS = frozenset({"vrrp_script", "vrrp_instance", "vrrp_sync_group"})


def check_scripts(nodes: list[Node], reader: Reader, *, secure: bool) -> None:
    """Remark missing programs, and report the first that would run without script security."""
    said = secure or not has_user(nodes)
    # Without its interfaces the VRRP process ends before it looks at its scripts.
    no_vrrp = not any(map(is_instance, nodes)) or any(
        one.found.endswith(NOT_THERE) for one in reader.errors
    )
    present: dict[str, bool] = {}
    for node, block, user in scripts(nodes):
        if user is not None and (unknown := unknown_user(user)):
            if node.name in REPORTED:
                reader.report(node, unknown, "one that exists", "it does not run", at=1)
            continue
        program = _program(node, reader)
        if program is None or program.startswith("<"):  # </dev/tcp/...: keepalived does it itself
            continue
        if program not in present:
            present[program] = shutil.which(program) is not None
        if not present[program]:
            if block != "vrrp_script":  # check_trackers.py knows which of these matter
                found = f"the script {program}, which is missing or may not be executed"
                reader.remark(node, found, "a program", "it fails when it is run", at=1)
        elif not said and not (no_vrrp and block in VRRP_BLOCKS):
            said = True
            reader.report(
                node,
                f"the script {program} without script security",
                "enable_script_security in global_defs",
                at=1,
                severity="warning",
                exit_status=SCRIPT_SECURITY,
            )


def has_user(nodes: Iterable[Node]) -> bool:
    """Does the user exist that scripts run as, which name none?"""
    named = [
        line.words[1]
        for block in nodes
        if block.words[0] == "global_defs"
        for line in block.children or ()
        if line.words[0] == "script_user" and len(line.words) > 1
    ]
    return all(map(is_user, named))


class Use(NamedTuple):
    """A statement that names a program, the keyword of its block, and who shall run it."""

    node: Node
    block: str
    user: ScriptUser | None


def is_instance(node: Node) -> bool:
    """A vrrp_instance, which the VRRP process runs for."""
    return node.words[0] == "vrrp_instance" and node.children is not None


def scripts(nodes: Sequence[Node], block: Block = ROOT) -> Iterator[Use]:
    """Those that stand where they are known."""
    for node in nodes:
        row = block.table.get(node.words[0])
        if row is None:
            continue
        if node.words[0] in SCRIPT_KEYWORDS:
            if len(node.words) > 1:
                # What is behind the command of a vrrp_script is not looked at.
                own = None if block.name == "vrrp_script" else _user(node.words[2:4])
                user = own or _user_of(nodes, block.name)
                yield Use(node, block.name, user)
        elif isinstance(row, Block) and node.children:
            yield from scripts(node.children, row)


def _user_of(nodes: Iterable[Node], block: str) -> ScriptUser | None:
    """Whom a check's block names on a line of its own."""
    if block not in CHECKS:
        return None
    return next((_user(n.words[1:3]) for n in nodes if n.words[0] == "user"), None)


def _user(words: Sequence[str]) -> ScriptUser | None:
    return ScriptUser(*words) if words else None


def _program(node: Node, reader: Reader) -> str | None:
    """The first word of a command; None when it has none, or cannot be split."""
    try:
        words = shlex.split(node.words[1])
    except ValueError:
        found = f"the command {node.words[1]} with a quote that is not closed"
        reader.report(node, found, "another quote", "it cannot run", at=1)
        return None
    return words[0] if words else None


def is_user(word: str) -> bool:
    """A user's name or number of this system."""
    try:
        pwd.getpwuid(int(word)) if word.isdigit() else pwd.getpwnam(word)
    except (KeyError, OverflowError, ValueError):
        return False
    return True
