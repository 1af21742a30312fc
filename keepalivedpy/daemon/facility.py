"""Syslog facilities as -S takes them."""

from keepalivedpy.daemon.log import LOG_DAEMON

FACILITIES = {
    "user": 1,
    "daemon": LOG_DAEMON,
    **{f"local{n}": 16 + n for n in range(8)},
    **{str(n): 16 + n for n in range(8)},
}


def facility(word: str) -> int | None:
    """The facility's number, None for a word that is none."""
    return FACILITIES.get(word.lower())
