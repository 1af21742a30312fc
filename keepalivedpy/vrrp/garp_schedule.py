"""When a MASTER announces its addresses again: after a delay, and periodically if told to.

An instance on the core announces once more, one advert interval after it became MASTER: a peer
that was killed leaves a core that answers ARP until the lease ends, three intervals after its
last sign of life, and we became MASTER after two intervals and a skew at the earliest.
"""

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.vrrp.intervals import advert_interval_us


class GarpSchedule:
    """Bursts that are due once, and one refresh; times are of the caller's clock, in us."""

    def __init__(self) -> None:
        self._later_at_us: int | None = None  # garp_master_delay, garp_lower_prio_delay
        self._lease_at_us: int | None = None  # the lease of another core has ended
        self._refresh_at_us: int | None = None
        self._n_later = self._n_lease = 0
        self._next_us: int | None = None

    def became_master(self, instance: VrrpInstance, now_us: int) -> int:
        """How often each address is announced at once."""
        n_repeat = instance.garp_master_repeat
        self._later(instance.garp_master_delay_us, n_repeat, now_us)
        if instance.dpdk_interface is not None and n_repeat:
            self._n_lease = n_repeat
            self._lease_at_us = now_us + advert_interval_us(
                instance.version, instance.advert_int_us
            )
        refresh_us = instance.garp_master_refresh_us
        self._refresh_at_us = now_us + refresh_us if refresh_us else None
        self._find_next()
        return n_repeat

    def saw_lower(self, instance: VrrpInstance, now_us: int) -> int:
        """A lower master spoke and may have taken our traffic: how often to announce at once."""
        self._later(instance.garp_lower_prio_delay_us, instance.garp_lower_prio_repeat, now_us)
        self._find_next()
        return instance.garp_lower_prio_repeat

    def clear(self) -> None:
        self._later_at_us = self._lease_at_us = self._refresh_at_us = self._next_us = None

    def next_deadline_us(self) -> int | None:
        return self._next_us

    def due(self, instance: VrrpInstance, now_us: int) -> int:
        """How often each address is to be announced now; 0: nothing is due."""
        if self._next_us is None or now_us < self._next_us:
            return 0
        n_repeat = 0
        if self._later_at_us is not None and now_us >= self._later_at_us:
            self._later_at_us, n_repeat = None, self._n_later
        if self._lease_at_us is not None and now_us >= self._lease_at_us:
            self._lease_at_us, n_repeat = None, max(n_repeat, self._n_lease)
        if self._refresh_at_us is not None and now_us >= self._refresh_at_us:
            self._refresh_at_us = now_us + instance.garp_master_refresh_us
            n_repeat = max(n_repeat, instance.garp_master_refresh_repeat)
        self._find_next()
        return n_repeat

    def _later(self, delay_us: int, n_repeat: int, now_us: int) -> None:
        self._later_at_us = now_us + delay_us if delay_us and n_repeat else None
        self._n_later = n_repeat

    def _find_next(self) -> None:
        times = (self._later_at_us, self._lease_at_us, self._refresh_at_us)
        self._next_us = min((at for at in times if at is not None), default=None)
