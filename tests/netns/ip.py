"""`ip` in a network namespace, also where `ip -n` cannot work.

`ip -n` and `ip netns exec` make a mount namespace, which fails in a chroot.
"""

import subprocess


def enter(namespace: str) -> list[str]:
    """In front of a command: run it in the network namespace of that name."""
    return ["nsenter", f"--net=/run/netns/{namespace}"]


def ip(namespace: str, *words: str) -> str:
    """What `ip WORDS` prints in the namespace ("": this one); CalledProcessError if it fails."""
    command = [*(enter(namespace) if namespace else []), "ip", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
