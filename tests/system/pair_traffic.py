"""Clients and witnesses of a pair: everything that runs while a director is broken."""

from types import TracebackType

from tests.netns import arp_witness, syn_probe, udp_flows, vrrp_watch
from tests.netns.program import Program
from tests.netns.wait import until
from tests.system.lab import UDP_PORT, VIP
from tests.system.pair_conf import CLAIMED
from tests.system.pair_lab import PairLab
from tests.system.pair_measure import Advert, Claim, Flow

DEVICE = "eth0"
FLOW_INTERVAL_MS = "2"
SYN_INTERVAL_MS = "5"
WITNESS_INTERVAL_MS = "10"
WITNESSES = {"client": "192.168.100.147", "rs1": "192.168.100.148"}  # by node: its address
# A client that only receives cannot be told: it is silent, and the new director does not know
# it. One that asks whether the other end lives (SO_KEEPALIVE) is; curl does so every minute.
DOWNLOAD = ("--limit-rate", "2M", "--keepalive-time", "1", "-m", "60")


class Traffic:
    """From `with` to its end; the rows are there afterwards, adverts at any time."""

    def __init__(self, lab: PairLab) -> None:
        self._lab = lab
        self.flows: list[Flow] = []
        self.syns: list[Flow] = []
        self.claims: list[Claim] = []

    def __enter__(self) -> "Traffic":
        client = self._lab.client
        self._watch = client.start_module(vrrp_watch, DEVICE)
        self._flows = client.start_module(udp_flows, VIP, str(UDP_PORT), FLOW_INTERVAL_MS)
        self._syns = client.start_module(syn_probe, DEVICE, VIP, "80", SYN_INTERVAL_MS)
        self._witnesses = [
            self._lab.net[node].start_module(
                arp_witness, DEVICE, station, WITNESS_INTERVAL_MS, *CLAIMED
            )
            for node, station in WITNESSES.items()
        ]
        for program in self._programs:
            program.wait_for_log("ready\n", 10)
        self.download = self._start_download()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for program in (*self._programs, self.download):
            program.end()
        self.flows = [Flow(int(row[0]), int(row[1])) for row in _rows(self._flows)]
        self.syns = [Flow(int(row[0]), int(row[1])) for row in _rows(self._syns)]
        self.claims = sorted(
            (
                Claim(int(time_us), kind, address, mac)
                for witness in self._witnesses
                for time_us, kind, address, mac in _rows(witness)
            ),
            key=lambda claim: claim.time_us,
        )

    def adverts(self) -> list[Advert]:
        """Those heard so far."""
        rows = _rows(self._watch)
        return [Advert(int(time_us), source, int(prio)) for time_us, source, prio in rows]

    @property
    def _programs(self) -> list[Program]:
        return [self._watch, self._flows, self._syns, *self._witnesses]

    def _start_download(self) -> Program:
        """Returns when the first bytes are there."""
        got = self._lab.net.folder / "got"
        got.unlink(missing_ok=True)
        argv = ["curl", "-sS", *DOWNLOAD, "-o", str(got), f"http://{VIP}/file"]
        program = self._lab.client.start(argv, "download.log")
        until("the download begins", lambda: got.exists() and got.stat().st_size > 0, 10, 0.02)
        return program


def _rows(program: Program) -> list[list[str]]:
    """Lines behind "ready"; the last one may be half written."""
    text = program.log_text()
    if "Traceback" in text:
        raise RuntimeError(f"a traffic program failed: {text[text.index('Traceback') :]}")
    whole = text[: text.rfind("\n") + 1]
    return [line.split() for line in whole.splitlines()[1:]]
