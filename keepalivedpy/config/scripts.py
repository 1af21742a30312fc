"""Programs that the configuration makes keepalived run, and the users that they run as.

keepalived looks whether each exists and may be executed; one that does makes the configuration
test end with status 6 while script security is off, whatever else is wrong. Of a program that is
missing it says nothing, we do. Without a user to run as there are no scripts.
"""

import pwd
import shlex
import shutil
from collections.abc import Iterable, Iterator

from dpvs_core.config.reader import Reader
from dpvs_core.config.scan import STRING_KEYWORDS
from dpvs_core.config.tree import Node
from keepalivedpy.config.check_interfaces import NOT_THERE
from keepalivedpy.config.status import SCRIPT_SECURITY

SCRIPT_KEYWORDS = STRING_KEYWORDS - {"regex"}
VRRP_BLOCKS = frozenset({"vrrp_script", "vrrp_instance", "vrrp_sync_group"})


def check_scripts(nodes: list[Node], reader: Reader, *, secure: bool) -> None:
    """Remark missing programs, and report the first that would run without script security."""
    said = secure or not has_user(nodes)
    # Without its interfaces the VRRP process ends before it looks at its scripts.
    no_vrrp = any(one.found.endswith(NOT_THERE) for one in reader.errors)
    present: dict[str, bool] = {}
    for node, block in scripts(nodes):
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


def scripts(nodes: Iterable[Node], block: str = "") -> Iterator[tuple[Node, str]]:
    """The statements that name a program, with the keyword of the block that they are in."""
    for node in nodes:
        if node.words[0] in SCRIPT_KEYWORDS and len(node.words) > 1:
            yield node, block
        if node.children:
            yield from scripts(node.children, node.words[0])


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
