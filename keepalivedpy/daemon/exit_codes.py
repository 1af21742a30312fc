"""The daemon's exit statuses (keepalived's)."""

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    FATAL = 1
    CONFIG = 2
    PERMISSION = 4
    NO_CONFIG = 6
    PROGRAM = 70


PERMANENT = {Exit.FATAL, Exit.CONFIG, Exit.PERMISSION}
"""A child that ends so is not started again: it would end so again."""
