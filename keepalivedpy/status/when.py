"""Times in words, for a person: when it was and how long that is ago. Local time."""

import time

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


def ago(seconds: float) -> str:
    """Two units at most; what is not yet a second old, or in the future, is "just now".

    >>> ago(0.4), ago(59), ago(61), ago(3600 * 25)
    ('just now', '59 s', '1 min 1 s', '1 d 1 h')
    """
    whole_s = int(seconds)
    if whole_s < 1:
        return "just now"
    if whole_s < MINUTE_S:
        return f"{whole_s} s"
    if whole_s < HOUR_S:
        return f"{whole_s // MINUTE_S} min {whole_s % MINUTE_S} s"
    if whole_s < DAY_S:
        return f"{whole_s // HOUR_S} h {whole_s % HOUR_S // MINUTE_S} min"
    return f"{whole_s // DAY_S} d {whole_s % DAY_S // HOUR_S} h"


def since(then: float, now: float) -> str:
    """`since 12:42:17 (3 h 11 min)`; with the date if that is not today. Epoch seconds."""
    was, today = time.localtime(then), time.localtime(now)
    is_today = (was.tm_year, was.tm_yday) == (today.tm_year, today.tm_yday)
    form = "%H:%M:%S" if is_today else "%Y-%m-%d %H:%M:%S"
    return f"since {time.strftime(form, was)} ({ago(now - then)})"
