"""The arithmetic of VRRP's timers; everything in microseconds.

RFC 3768 section 6.1 for version 2, RFC 5798 / 9568 section 6.1 for version 3.
"""

SECOND_US = 1_000_000
CENTISECOND_US = 10_000
DOWN_TIMER_ADVERTS = 3

OWNER_PRIORITY = 255
STOP_PRIORITY = 0

_ADVERT_UNIT_US = {2: SECOND_US, 3: CENTISECOND_US}
_MAX_ADVERT_UNITS = {2: 255, 3: 4095}


def advert_interval_us(version: int, configured_us: int) -> int:
    """The interval as it can stand in an advert: whole seconds (v2) or centiseconds (v3).

    Rounded to the nearest, at least one unit; keepalived turns 0.1 s into 1 s in version 2.

    >>> advert_interval_us(2, 100_000), advert_interval_us(3, 100_000)
    (1000000, 100000)
    """
    unit_us = _ADVERT_UNIT_US[version]
    n_units = (configured_us + unit_us // 2) // unit_us
    return min(max(n_units, 1), _MAX_ADVERT_UNITS[version]) * unit_us


def skew_us(version: int, priority: int, master_adver_us: int) -> int:
    """Skew_Time: the higher our priority the shorter, so that the best backup is first.

    In version 2 a fraction of one second, in version 3 of the master's interval.

    >>> skew_us(2, 100, 5_000_000), skew_us(3, 100, 100_000)
    (609375, 60937)
    """
    whole_us = SECOND_US if version == 2 else master_adver_us
    return (256 - priority) * whole_us // 256


def master_down_us(
    version: int, priority: int, master_adver_us: int, n_adverts: int = DOWN_TIMER_ADVERTS
) -> int:
    """Master_Down_Interval: how long a backup waits for an advert before it takes over.

    >>> master_down_us(2, 100, 1_000_000)
    3609375
    """
    return n_adverts * master_adver_us + skew_us(version, priority, master_adver_us)
