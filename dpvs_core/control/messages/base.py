"""What all messages are made of, and the numbers of the control socket."""

from enum import IntEnum
from typing import Literal

import msgspec

PROTOCOL_VERSION = 1
DEFAULT_SOCKET = "/var/run/dpvs.ipc"
SOCKET_ENV = "DPVS_IPC_FILE"
MAX_FRAME_BYTES = 16 << 20
MAX_WHOLE_BYTES = 128 << 10  # a longer request is read part by part (BatchParts)
MAX_PART_BYTES = 64 << 10

Owner = Literal["vrrp", "check", "cli", "agent", "conf"]
"""Who put an object into the core; a client's reload sees only its own. `conf` is dpvs.conf."""


class Code(IntEnum):
    """Error numbers, DPVS's EDPVS_* (M-014): tools derive their exit status from them."""

    INVAL = -1
    NOMEM = -2
    EXIST = -3
    NOTEXIST = -4
    BUSY = -13
    NOTSUPP = -14
    RESOURCE = -15
    NOSERV = -17
    NOROOM = -19
    SYSCALL = -26
    NODEV = -27
    PERMISSION = -100
    PROTOCOL = -101


class RequestBase(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True,
    gc=False,
):  # fmt: skip
    """Base of all requests. Messages are trees, so the collector need not look at them: it would
    stop the master for 10 ms at each large batch."""


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of everything carried inside requests and replies."""


class Failure(Value, frozen=True, tag="failure", tag_field="type"):
    """A refused request: `code` for programs, `message` a sentence, `value` what was wrong."""

    code: int
    message: str
    value: str = ""


class Ok(Value, frozen=True, tag="ok", tag_field="type"):
    """Done; `changed` is False where the wanted state was there already."""

    changed: bool = True
