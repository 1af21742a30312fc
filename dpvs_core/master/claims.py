"""Other stations that claim addresses of ours: what is remembered of them, and what is logged.

Pure: time is an argument, in seconds of any monotonic clock. The core hears them (RFC 5227 2.4);
what a claim means for leases is decided in control_service.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from dpvs_core.master.links import mac_text
from dpvs_core.master.state import AddrKey

QUIET_S = 60.0  # between two lines about one address and one station
SHOWN_S = 60.0  # a claim is listed that long
MAX_STATIONS = 1024  # remembered at a time; one that forges MACs fills no memory and no log


@dataclass(slots=True)
class Claims:
    _last: dict[AddrKey, tuple[bytes, float]] = field(default_factory=dict)
    _logged_s: dict[tuple[AddrKey, bytes], float] = field(default_factory=dict)
    _full_s: float = -QUIET_S

    def heard(self, key: AddrKey, mac: bytes, now_s: float) -> str:
        """Remember a claim; the line to log, "" if it has been logged lately."""
        self._last[key] = mac, now_s
        logged_s = self._logged_s.get((key, mac))
        if logged_s is not None and now_s - logged_s < QUIET_S:
            return ""
        if logged_s is None and not self._has_room(now_s):
            return self._overflow(now_s)
        self._logged_s[key, mac] = now_s
        return f"another station, {mac_text(mac)}, answers for {key.ip} of {key.dev}"

    def claimed_by(self, key: AddrKey, now_s: float) -> str:
        """The MAC that was last heard to use the address, "" if none was lately."""
        mac, heard_s = self._last.get(key, (b"", now_s - SHOWN_S))
        return mac_text(mac) if now_s - heard_s < SHOWN_S else ""

    def keep(self, in_use: Callable[[AddrKey], bool]) -> None:
        """Show no claims of addresses that are not ours any more: they are another's by right."""
        self._last = {key: row for key, row in self._last.items() if in_use(key)}

    def _has_room(self, now_s: float) -> bool:
        if len(self._logged_s) < MAX_STATIONS:
            return True
        self._logged_s = {
            who: logged_s for who, logged_s in self._logged_s.items() if now_s - logged_s < QUIET_S
        }
        return len(self._logged_s) < MAX_STATIONS

    def _overflow(self, now_s: float) -> str:
        if now_s - self._full_s < QUIET_S:
            return ""
        self._full_s = now_s
        return f"more than {MAX_STATIONS} claims of our addresses in a minute: not all are logged"
