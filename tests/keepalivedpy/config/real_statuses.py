"""What `keepalived -t` of upstream gives for each reference case, and what ours gives there.

Started as a program it is that environment, the one in which the real program was run: a network
namespace with eth0 and eth1 up and eth2 down, the host name kahost, the file's folder, few
variables, the programs that there were. Prints a line a case: file, status wanted, status found,
seconds, first messages.

    unshare --net --uts python -P -m tests.keepalivedpy.config.real_statuses [KIND [PATTERN]]
"""

import csv
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from keepalivedpy.config.load import load
from tests.keepalivedpy.config.files import CASES

KINDS = ("own", "field")
ENVIRONMENT = {"LANG": "C", "HOME": "/root", "PRIO": "77"}
PROGRAMS = frozenset(
    [
        "/bin/true",
        "/bin/false",
        "/bin/ping",
        "/bin/systemctl",
        "/sbin/ip",
        "/usr/bin/killall",
        "/usr/bin/pgrep",
        "/usr/bin/true",
        "curl",
        "echo",
        "killall",
        "pgrep",
        "pidof",
        "ping",
        "pkill",
        "ps",
        "ss",
    ]
)
"""Of those that the cases name, what the machine of the cases had, by what was said of them."""
SCRIPTS = re.compile(r"/pqarmitage/configs/(?:scripts/(?:vs|master)\.sh|HC/HC-DB-\w+)$")
"""Programs that it had beside the cases, in the same way."""
INTERFACES = ("lo", "eth0", "eth1", "eth2")
SETUP = (
    "hostname kahost",
    "ip link set lo up",
    *(f"ip link add eth{i} type veth peer name far{i}" for i in range(3)),
    *(f"ip addr add 10.99.{i}.1/24 dev eth{i}" for i in range(3)),
    *(f"ip link set {name}{i} up" for i in range(2) for name in ("eth", "far")),
)


class Answer(NamedTuple):
    """Of one case; `texts` are our first messages."""

    file: str
    wanted: int
    found: int
    seconds: float
    texts: str


def index_of(kind: str) -> list[dict[str, str]]:
    """The lines of a folder's index."""
    with (CASES / kind / "index.tsv").open(errors="replace") as index:
        return list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))


def answers(kind: str, pattern: str = "*") -> Iterator[Answer]:
    """Each case of a folder, with the folder as the working directory."""
    for row in index_of(kind):
        path = row["file"]
        if not fnmatch.fnmatch(path, pattern):
            continue
        os.chdir((CASES / kind / path).parent)
        start = time.perf_counter()
        result = load(os.path.basename(path), config_id="main", interfaces=INTERFACES)
        seconds = time.perf_counter() - start
        said = [d for d in result.diagnostics if d.exit_status]
        texts = " / ".join(f"{d.place}: {d.text}" for d in said[:3])
        yield Answer(f"{kind}/{path}", int(row["rc_2.4.3"]), result.status, seconds, texts)


def which(program: str) -> str | None:
    """shutil.which of that machine."""
    return program if program in PROGRAMS or SCRIPTS.search(program) else None


def as_there() -> None:
    """Make this process's network namespace, variables and programs those of the cases."""
    for command in SETUP:
        subprocess.run(command.split(), check=True)
    path = os.environ["PATH"]
    os.environ.clear()
    os.environ.update(ENVIRONMENT, PATH=path)
    shutil.which = which  # type: ignore[assignment]


def main(kinds: tuple[str, ...], pattern: str) -> None:
    as_there()
    for kind in kinds:
        for answer in answers(kind, pattern):
            print(*answer, sep="\t")


if __name__ == "__main__":
    main(tuple(sys.argv[1:2]) or KINDS, *(sys.argv[2:3] or ["*"]))
