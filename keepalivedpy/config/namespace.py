"""net_namespace: where it does not exist keepalived looks at nothing further, with status 0."""

import os
from collections.abc import Iterable

from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node

FOLDER = "/run/netns"


def check_namespace(nodes: Iterable[Node], reader: Reader) -> bool:
    """Does the network namespace exist? Without one of its own, it does."""
    named = [n for n in nodes if n.words[0] == "net_namespace" and len(n.words) > 1]
    for node in named[-1:]:
        name = node.words[1]
        if not os.path.exists(os.path.join(FOLDER, name)):
            found = f"the network namespace {name}, which does not exist"
            effect = "it cannot run; the test's status is 0, as keepalived's is then"
            reader.remark(node, found, f"`ip netns add {name}` first", effect, at=1)
            return False
    return True
