"""When a MASTER announces its addresses again: after a delay, and periodically if told to."""

from keepalivedpy.model.vrrp import VrrpInstance


class GarpSchedule:
    """At most one later burst and one refresh are due; times are of the caller's clock, in us."""

    def __init__(self) -> None:
        self._burst_at_us: int | None = None
        self._n_burst = 0
        self._refresh_at_us: int | None = None

    def became_master(self, instance: VrrpInstance, now_us: int) -> int:
        """How often each address is announced at once."""
        self._later(instance.garp_master_delay_us, instance.garp_master_repeat, now_us)
        refresh_us = instance.garp_master_refresh_us
        self._refresh_at_us = now_us + refresh_us if refresh_us else None
        return instance.garp_master_repeat

    def saw_lower(self, instance: VrrpInstance, now_us: int) -> int:
        """A lower master spoke and may have taken our traffic: how often to announce at once."""
        self._later(instance.garp_lower_prio_delay_us, instance.garp_lower_prio_repeat, now_us)
        return instance.garp_lower_prio_repeat

    def clear(self) -> None:
        self._burst_at_us = self._refresh_at_us = None

    def next_deadline_us(self) -> int | None:
        return min(
            (at for at in (self._burst_at_us, self._refresh_at_us) if at is not None), default=None
        )

    def due(self, instance: VrrpInstance, now_us: int) -> int:
        """How often each address is to be announced now; 0: nothing is due."""
        n_repeat = 0
        if self._burst_at_us is not None and now_us >= self._burst_at_us:
            self._burst_at_us, n_repeat = None, self._n_burst
        if self._refresh_at_us is not None and now_us >= self._refresh_at_us:
            self._refresh_at_us = now_us + instance.garp_master_refresh_us
            n_repeat = max(n_repeat, instance.garp_master_refresh_repeat)
        return n_repeat

    def _later(self, delay_us: int, n_burst: int, now_us: int) -> None:
        self._burst_at_us = now_us + delay_us if delay_us and n_burst else None
        self._n_burst = n_burst
