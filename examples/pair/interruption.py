"""What a client that asks all the time has noticed: how long nobody answered, how many failed.

Pure: rows of asker.py in, figures out. Times are seconds of CLOCK_MONOTONIC.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Request:
    sent_s: float
    over_s: float
    server: str = ""  # "" if nobody answered
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Interruption:
    """`silence_s`: the longest time between two answers."""

    n_requests: int
    n_failed: int
    silence_s: float
    troubles: str  # "12 time-out, 1 ECONNRESET"


def parse(log: str) -> list[Request]:
    """Rows in the order in which the requests were sent; an unfinished last line is left out."""
    lines = log[: log.rfind("\n") + 1].splitlines()
    return sorted((Request(**json.loads(line)) for line in lines), key=lambda row: row.sent_s)


def measure(requests: Sequence[Request]) -> Interruption:
    answered = sorted(row.over_s for row in requests if row.server)
    silences = (later - earlier for earlier, later in pairwise(answered))
    troubles = Counter(row.trouble for row in requests if not row.server)
    return Interruption(
        n_requests=len(requests),
        n_failed=troubles.total(),
        silence_s=max(silences, default=0.0),
        troubles=", ".join(f"{count} {word}" for word, count in sorted(troubles.items())),
    )


def first_answer_s(requests: Sequence[Request], after_s: float) -> float | None:
    """When the first request that was sent after `after_s` and answered was over."""
    return min(
        (row.over_s for row in requests if row.server and row.sent_s > after_s), default=None
    )
