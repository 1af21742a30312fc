"""What ends a tool: one line on stderr and an exit status.

Statuses: 2 bad arguments (I-001), 1 refused by the core or not carried, 255 for what popt itself
refused in ipvsadm (unknown option, missing argument), 2 for "no dpvs" in ipvsadm, 1 in dpip.
"""

from dpvs_core.control.client import CoreError
from dpvs_core.control.messages import Code

BAD_ARGUMENTS = 2
REFUSED = 1
BAD_OPTION = 255

PHRASES: dict[int, str] = {
    Code.INVAL: "invalid parameter",
    Code.NOMEM: "no memory",
    Code.EXIST: "already exist",
    Code.NOTEXIST: "not exist",
    Code.BUSY: "busy",
    Code.NOTSUPP: "not support",
    Code.RESOURCE: "no resource",
    Code.NOSERV: "no service",
    Code.NOROOM: "no room",
    Code.SYSCALL: "failed system call",
    Code.NODEV: "no such device",
    Code.PERMISSION: "permission denied",
    Code.PROTOCOL: "protocol error",
}
"""DPVS's words for its error numbers; scripts grep for them."""


class CommandError(Exception):
    """Ends a command: `.status` is the exit status, the text goes to stderr."""

    def __init__(self, text: str, status: int = BAD_ARGUMENTS) -> None:
        super().__init__(text)
        self.status = status


def refusal(error: CoreError) -> str:
    """A refused request as "already exist: service tcp 192.0.2.1:80 exists (tcp 192.0.2.1:80)"."""
    phrase = PHRASES.get(error.code, f"error {error.code}")
    text = phrase if error.message in ("", phrase) else f"{phrase}: {error.message}"
    return f"{text} ({error.value})" if error.value and error.value not in text else text
