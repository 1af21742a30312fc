"""Programs that the configuration makes keepalived run, while script security is off.

keepalived looks whether each exists and may be executed; one that does makes the configuration
test end with status 6, whatever else is wrong.
"""

import shutil
from collections.abc import Iterable, Iterator

from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from keepalivedpy.config.status import SCRIPT_SECURITY

SCRIPT_KEYWORDS = frozenset(
    {
        "lvs_notify_fifo_script",
        "misc_path",
        "notify",
        "notify_backup",
        "notify_deleted",
        "notify_down",
        "notify_fault",
        "notify_fifo_script",
        "notify_master",
        "notify_master_rx_lower_pri",
        "notify_stop",
        "notify_up",
        "quorum_down",
        "quorum_up",
        "script",
        "shutdown_script",
        "startup_script",
        "vrrp_notify_fifo_script",
    }
)


def check_scripts(nodes: Iterable[Node], reader: Reader) -> None:
    """One warning, at the first script that would run."""
    for node in scripts(nodes):
        words = node.words[1].split()
        if words and shutil.which(words[0]):
            reader.report(
                node,
                f"the script {words[0]} without script security",
                "enable_script_security in global_defs",
                at=1,
                severity="warning",
                exit_status=SCRIPT_SECURITY,
            )
            return


def scripts(nodes: Iterable[Node]) -> Iterator[Node]:
    """The statements that name a program, in the blocks and outside."""
    for node in nodes:
        if node.words[0] in SCRIPT_KEYWORDS and len(node.words) > 1:
            yield node
        if node.children:
            yield from scripts(node.children)
