"""conf/mistakes/README.md: typical mistakes, what keepalived says of them and what we say.

    python -m tests.keepalivedpy.config.mistakes_page > conf/mistakes/README.md

Needs root, for a network namespace with an interface eth0, and Debian's keepalived.
"""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[3] / "conf/mistakes"
THEIRS = "/usr/sbin/keepalived"
OURS = f"{sys.executable} -P -m keepalivedpy.programs.keepalived"
SURROUNDINGS = """
set -e
hostname kahost
ip link add eth0 type veth peer name eth1
ip address add 10.99.0.1/24 dev eth0
ip link set eth0 up
ip link set eth1 up
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C PYTHONPATH="$PYTHONPATH" "$@"
"""
HEAD = """\
# Typical mistakes

What `keepalived -t` says of mistakes that are often made: Debian 12's keepalived ({version}), and
ours. Of what the other is silent about we warn, and the exit status stays 0. Made by
`tests/keepalivedpy/config/mistakes_page.py`, which a test compares with what both say now.
"""


class Said(NamedTuple):
    status: int
    text: str


def config_test(program: str, name: str) -> Said:
    """`PROGRAM -t` in the surroundings that the files are made for."""
    command = ["unshare", "--net", "--uts", "sh", "-c", SURROUNDINGS, "sh", *program.split()]
    done = subprocess.run(
        [*command, "-t", "-f", name],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(FOLDER.parents[1]), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    return Said(done.returncode, (done.stdout + done.stderr).rstrip())


def page() -> str:
    return "".join([HEAD.format(version=_version()), *map(_section, sorted(FOLDER.glob("*.conf")))])


def _version() -> str:
    done = subprocess.run([THEIRS, "--version"], capture_output=True, text=True, check=True)
    return (done.stdout + done.stderr).split()[1].removeprefix("v")


def _section(path: Path) -> str:
    title, _, text = path.read_text(encoding="utf-8").partition("\n")
    theirs, ours = config_test(THEIRS, path.name), config_test(OURS, path.name)
    return (
        f"\n## {title.removeprefix('# ')}\n\n[{path.name}]({path.name})\n\n"
        f"{_code(text)}\nkeepalived, exit status {theirs.status}:\n\n{_code(_once(theirs.text))}\n"
        f"Ours, exit status {ours.status}:\n\n{_code(ours.text)}"
    )


def _once(text: str) -> str:
    """Each line once: it reads the file again for each of its processes."""
    return "\n".join(dict.fromkeys(text.splitlines())) or "(nothing)"


def _code(text: str) -> str:
    return "".join(f"    {line}".rstrip() + "\n" for line in text.strip("\n").splitlines())


if __name__ == "__main__":
    sys.stdout.write(page())
