"""One run of the lab: transfers in every mode at once, and all that was seen of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.netns.director import parse_dests
from tests.weather import modes
from tests.weather.capture import tcp_packets
from tests.weather.judge import Verdict, judge
from tests.weather.lab import Lab, running_lab
from tests.weather.policy import Forecast
from tests.weather.transfers import Outcome, Transfer

Sizes = tuple[int, int]  # bytes up, bytes down
SMALL: tuple[Sizes, ...] = ((1, 1), (1, 1), (1, 1), (60_000, 60_000), (150_000, 0), (0, 150_000))


@dataclass(frozen=True, slots=True)
class Campaign:
    """`large`: for some rows, one more transfer."""

    name: str
    n_workers: int
    seed: int
    timeout_s: float
    large: dict[str, Sizes]

    def transfers(self) -> Iterator[Transfer]:
        for number, row in enumerate(modes.ROWS.values()):
            large = [self.large[row.name]] if row.name in self.large else []
            for turn, (up, down) in enumerate([*SMALL, *large]):
                seed = self.seed * 1000 + number * 10 + turn
                yield Transfer(row.name, row.vip, row.vport, up, down, seed)


@dataclass(frozen=True, slots=True)
class Counted:
    """A service's row of `ipvsadm -ln --stats --exact`."""

    connections: int
    in_pkts: int
    out_pkts: int


@dataclass(slots=True)
class Result:
    outcomes: list[Outcome]
    verdicts: dict[str, Verdict]
    counted: dict[str, Counted]
    pumps: dict[str, dict[str, int]]
    drops: dict[str, int]
    """Verdicts of kind drop that were given at all."""
    n_missed: int
    """Frames that found a device's ring full."""
    n_active: int
    """Connections that are still ESTABLISHED."""
    states: dict[str, set[str]] = field(default_factory=dict)
    """Of the connections that are left, by service."""


def run(campaign: Campaign) -> Result:
    with running_lab(campaign.n_workers, Forecast(), campaign.seed) as lab:
        outcomes = lab.transfer(list(campaign.transfers()), campaign.timeout_s)
        tool = lab.core.tool
        states = _states(tool("ipvsadm", "-lnc"))
        pumps = lab.end()
        return Result(
            outcomes, _verdicts(lab), _counted(tool("ipvsadm", "-ln", "--stats", "--exact")),
            pumps, _drops(tool("dpip", "drops")), _missed(tool("dpip", "-s", "link", "show")),
            sum(dest.active for dest in parse_dests(tool("ipvsadm", "-ln"))), states,
        )  # fmt: skip


def _verdicts(lab: Lab) -> dict[str, Verdict]:
    wan, lan = (list(tcp_packets(lab.pcap(name))) for name in ("wan", "lan"))
    return {name: judge(row, wan, lan) for name, row in modes.ROWS.items()}


def _counted(stats: str) -> dict[str, Counted]:
    rows = [line.split() for line in stats.splitlines() if line.startswith("TCP ")]
    return {row[1]: Counted(*map(int, row[2:5])) for row in rows}


def _states(listing: str) -> dict[str, set[str]]:
    """Rows "[1]tcp 5s TIME_WAIT CLIENT SERVICE LOCAL SERVER" of `ipvsadm -lnc`."""
    states: dict[str, set[str]] = {}
    for line in listing.splitlines():
        words = line.split()
        states.setdefault(words[4], set()).add(words[2])
    return states


def _drops(listing: str) -> dict[str, int]:
    """Rows "too-big  40 drop larger than ..." of `dpip drops`."""
    rows = re.findall(r"^(\S+)\s+(\d+) drop ", listing, re.MULTILINE)
    if not rows:
        raise ValueError(f"no drops in: {listing}")
    return {name: int(total) for name, total in rows if int(total)}


def _missed(listing: str) -> int:
    """The sum of column imissed of `dpip -s link show`; the figures stand in the line below."""
    lines = listing.splitlines()
    heads = [number for number, line in enumerate(lines) if "imissed" in line]
    if not heads:
        raise ValueError(f"no imissed in: {listing}")
    return sum(int(lines[n + 1].split()[lines[n].split().index("imissed")]) for n in heads)
