"""What a decision about servers asks for besides programming the core."""

import msgspec


class Log(msgspec.Struct, frozen=True):
    """A line for the log, in keepalived's wording."""

    text: str


class Notify(msgspec.Struct, frozen=True):
    """Run a script; scripts of one `serial` run one after another, in order."""

    command: str
    serial: str


Effect = Log | Notify
