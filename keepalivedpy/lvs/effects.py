"""What a decision about servers asks for besides programming the core."""

import msgspec

from keepalivedpy.model.script import Script


class Log(msgspec.Struct, frozen=True):
    """A line for the log, in keepalived's wording."""

    text: str


class Notify(msgspec.Struct, frozen=True):
    """Run a script with `args` after its own; those of one `serial` run one after another."""

    script: Script
    serial: str
    args: tuple[str, ...] = ()


Effect = Log | Notify
