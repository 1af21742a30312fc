"""The files of a pair: the tutorial's, for two nodes, with other advert intervals if wanted."""

import re
from dataclasses import dataclass

from tests.netns.director import sample
from tests.netns.dpvs_conf import Device, dpvs_conf
from tests.system.lab import UDP_SERVICE, VIP

LADDRS = ("192.168.100.200", "192.168.100.201")
CLAIMED = (VIP, *LADDRS)  # what only the MASTER may answer for

_AUTHENTICATION = re.compile(r"^\s*authentication\s*{[^}]*}\n", re.MULTILINE)
_ADVERT_INT = re.compile(r"^(\s*)advert_int 1$", re.MULTILINE)
_VIP = re.compile(rf"^(\s*{re.escape(VIP)})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """One node of the pair: what differs between the two."""

    node: str
    sample: str
    kernel_address: str
    priority: int


FIRST = Place("director1", "keepalived.conf.fnat-onearm.sample", "192.168.100.28", 100)
SECOND = Place("director2", "keepalived.conf.fnat-onearm-backup.sample", "192.168.100.29", 80)


@dataclass(frozen=True, slots=True)
class Adverts:
    """Version and interval of VRRP. Version 2 without a change: the tutorial's own."""

    version: int
    interval_s: float

    def skew_s(self, place: Place) -> float:
        """RFC 3768 section 6.1, RFC 5798 section 6.1."""
        unit_s = 1.0 if self.version == 2 else self.interval_s
        return (256 - place.priority) / 256 * unit_s

    def master_down_s(self, place: Place) -> float:
        return 3 * self.interval_s + self.skew_s(place)


TUTORIAL = Adverts(2, 1.0)
FAST = Adverts(3, 0.1)


def keepalived_conf(place: Place, adverts: Adverts) -> str:
    """The tutorial's file for this node, with a UDP service, and a prefix length for the VIP
    (as in `lab.keepalived_conf`)."""
    text, n_vips = _VIP.subn(r"\1/24", sample(place.sample))
    if n_vips != 1:
        raise ValueError(f"{place.sample}: {n_vips} lines with the VIP alone")
    if adverts != TUTORIAL:
        text, n_blocks = _AUTHENTICATION.subn("", text)
        words = rf"\1advert_int {adverts.interval_s:g}\n\1version {adverts.version}"
        text, n_intervals = _ADVERT_INT.subn(words, text)
        if (n_blocks, n_intervals) != (1, 1):
            raise ValueError(f"{place.sample}: no authentication block, or no advert_int 1")
    return text + UDP_SERVICE


def core_conf(place: Place, log_file: str) -> str:
    device = Device("dpdk0", "wire0", f"{place.kernel_address}/24")
    return dpvs_conf((device,), 1, log_file)
