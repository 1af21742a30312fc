"""tcpdump on one port of the switch: what that node could hear, and what it said.

On the bridge itself a cut would not show: the old master's adverts go on there.
"""

import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

from tests.interop.pcap import PcapReader
from tests.interop.rows import Advert, Announcement, row_of
from tests.netns.ip import enter
from tests.netns.program import Program
from tests.netns.wait import until

FILTER = "ip proto 112 or arp"
START_TIMEOUT_S = 10.0
BUFFER_KIB = 8192
EVERY_S = 0.005


class Capture:
    """From construction to `close()`; rows appear as the kernel hands frames over."""

    def __init__(
        self, namespace: str, device: str, file: Path, environment: dict[str, str]
    ) -> None:
        self.file = file
        self.adverts: list[Advert] = []
        self.announcements: list[Announcement] = []
        self._reader = PcapReader()
        file.unlink(missing_ok=True)  # tcpdump says that it listens before it begins a file anew
        command = [
            *enter(namespace), "tcpdump", "-i", device, "-w", str(file), "-U", "-n", "-Z", "root",
            "--immediate-mode", "--time-stamp-precision=nano", "-B", str(BUFFER_KIB), FILTER,
        ]  # fmt: skip
        self._program = Program(command, file.with_suffix(".log"), environment)
        self._program.wait_for_log("listening on", START_TIMEOUT_S)
        until("the capture file", file.exists, START_TIMEOUT_S)
        self._input = file.open("rb")

    def read(self) -> None:
        """Take in what has come since the last time."""
        for frame in self._reader.feed(self._input.read()):
            match row_of(frame):
                case Advert() as advert:
                    self.adverts.append(advert)
                case Announcement() as announcement:
                    self.announcements.append(announcement)

    def until(self, what: str, seen: Callable[[list[Advert]], bool], timeout_s: float) -> None:
        """Until `seen(adverts)`; TimeoutError names what was waited for."""

        def probe() -> bool:
            self.read()
            return seen(self.adverts)

        until(what, probe, timeout_s, EVERY_S)

    def close(self) -> None:
        """Ends tcpdump, takes in the rest. RuntimeError if the kernel had to drop frames."""
        if self._program.running():
            self._program.send(signal.SIGINT)
            self._program.wait(START_TIMEOUT_S)
        with contextlib.closing(self._input):
            self.read()
        report = self._program.log_text()
        if "0 packets dropped by kernel" not in report:
            raise RuntimeError(f"the capture is not whole: {report}")
