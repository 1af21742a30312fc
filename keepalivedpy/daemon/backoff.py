"""How long to wait before a process that died is started again."""

LONG_LIFE_S = 60.0
MAX_DELAY_S = 60.0


class Backoff:
    """At once after a long life and the first time; 1, 2, 4 ... 60 s while it dies early."""

    def __init__(self) -> None:
        self._n_early = 0

    def delay_s(self, lived_s: float) -> float:
        """The delay after a life of `lived_s` seconds."""
        self._n_early = 0 if lived_s >= LONG_LIFE_S else self._n_early + 1
        if self._n_early <= 1:
            return 0.0
        return float(min(2 ** (self._n_early - 2), MAX_DELAY_S))
