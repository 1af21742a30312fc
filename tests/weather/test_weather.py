"""Real TCP through loss, reordering and duplication on both sides of a dpvs, in every mode.

Whole files are compared by checksum, and every packet that left the director with the oracles'
(F-080, F-081, F-084..F-088, F-090..F-094; behaviours 1, 2, 4, 17 and 18 of real TCP stacks).
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.weather import campaign
from tests.weather.campaign import Campaign, Result
from tests.weather.modes import ROWS, Row

pytestmark = pytest.mark.netns

MEGABYTE = 1_000_000
SHORT = Campaign(
    "short", n_workers=2, seed=1, timeout_s=60,
    large={
        "fnat44": (0, 3 * MEGABYTE), "fnat66": (2 * MEGABYTE, 0),
        "nat64": (2 * MEGABYTE, 2 * MEGABYTE), "nat44": (0, 2 * MEGABYTE),
        "dr44": (2 * MEGABYTE, 0), "tunnel44": (2 * MEGABYTE, 0), "tunnel66": (0, 2 * MEGABYTE),
    },
)  # fmt: skip
LONG = [
    Campaign(
        f"long-{n_workers}w", n_workers, seed=n_workers, timeout_s=280,
        large={
            **dict.fromkeys(ROWS, (4 * MEGABYTE, 4 * MEGABYTE)),
            **dict.fromkeys(("fnat44", "nat64", "tunnel44"), (20 * MEGABYTE, 20 * MEGABYTE)),
        },
    )
    for n_workers in (1, 3)
]  # fmt: skip

each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())


@pytest.fixture(
    scope="module",
    params=[SHORT, *(pytest.param(c, marks=pytest.mark.long) for c in LONG)],
    ids=lambda campaign: campaign.name,
)
def result(request: pytest.FixtureRequest) -> Iterator[Result]:
    yield campaign.run(request.param)


def test_the_weather_was_bad(result: Result) -> None:
    """On each side; and no frame was lost but by its will."""
    for counts in result.pumps.values():
        assert counts["overrun"] == 0
        assert min(counts["lost"], counts["lost_early"], counts["doubled"]) > 0
        assert counts["overtaken"] > 0


@each_row
def test_files_arrive_whole(result: Result, row: Row) -> None:
    errors = [outcome.error for outcome in result.outcomes if outcome.row == row.name]
    assert len(errors) >= len(campaign.SMALL)
    assert set(errors) == {""}


@each_row
def test_each_packet_is_right(result: Result, row: Row) -> None:
    """F-080..F-094: whatever left is what the book says of what came in, in its order."""
    verdict = result.verdicts[row.name]
    assert verdict.wrong == []
    assert verdict.n["resets"] == 0
    assert verdict.n["out-to-server"] > 100
    assert (verdict.n["out-to-client"] > 100) != row.goes_back_alone
    assert (verdict.n["toa"] > 0) == (row.flag == "b")


@each_row
def test_nothing_is_missing(result: Result, row: Row) -> None:
    """All that came in went on, but what a tunnel's way on is too narrow for (behaviour
    17: the client is told, and its next segments fit), and what found no room in a ring."""
    missing = result.verdicts[row.name].missing_bytes
    mtu_bytes = 1500 - {"4": 20, "6": 40}[str(row.family)] if row.flag == "i" else 1500
    small = sum(n for n_bytes, n in missing.items() if n_bytes <= mtu_bytes)
    assert small <= result.n_missed
    assert (missing.total() > small) == (row.flag == "i")


def test_what_was_sent_again_was_right_too(result: Result) -> None:
    """Behaviours 1 and 2: that SYNs, answers to them and data with the client's address were sent
    more than once in FNAT is what the packets of `test_each_packet_is_right` must have in them."""
    for flags, kinds in (("b", ("syn-again", "toa-data-again", "sack")), ("bm", ("synack-again",))):
        seen = [result.verdicts[row.name].n for row in ROWS.values() if row.flag in flags]
        total = sum(seen, Counter())
        assert [kind for kind in kinds if not total[kind]] == []


@each_row
def test_counters_agree(result: Result, row: Row) -> None:
    seen, counted = result.verdicts[row.name], result.counted[row.service]
    n_asked = sum(outcome.row == row.name for outcome in result.outcomes)
    assert counted.connections == seen.n["connections"] == n_asked
    for n_counted, way in ((counted.in_pkts, "in-to-server"), (counted.out_pkts, "in-to-client")):
        assert 0 <= seen.n[way] - n_counted <= result.n_missed


def test_nothing_else_was_dropped(result: Result) -> None:
    n_too_big = sum(
        result.verdicts[row.name].missing_bytes.total() for row in ROWS.values() if row.flag == "i"
    )
    assert result.drops.keys() <= {"too-big"}
    assert abs(result.drops.get("too-big", 0) - n_too_big) <= result.n_missed


def test_connections_end_in_order(result: Result) -> None:
    """Both ends are seen to close; of DR and tunnel only the client's, whose FIN may overtake what
    ends the handshake."""
    assert result.n_active == 0
    for row in ROWS.values():
        over = {"FIN_WAIT", "TIME_WAIT"} if row.goes_back_alone else {"TIME_WAIT"}
        assert result.states.get(row.service, set()) <= over
