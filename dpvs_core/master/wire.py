"""A Linux interface that a port takes its packets from (net_af_packet) must not answer itself.

Linux still sees every frame of such an interface beside the core, and would answer ARP and ping
for the kernel port's addresses a second time, for it answers for any of its addresses on any
interface (weak host model, RFC 1122 3.3.4.2).
"""

from pathlib import Path

from dpvs_core.config.dpvs_model import Vdev

SYSCTL = Path("/proc/sys/net/ipv4/conf")
SILENT = {"arp_ignore": "8", "rp_filter": "1"}
"""Answer no ARP request; take no packet whose answer would leave by another interface."""


def interface_of(vdev: Vdev | None) -> str:
    """The interface of `vdev net_af_packetN,iface=NAME,...`; "" for any other device."""
    if vdev is None or not vdev.driver.startswith("net_af_packet"):
        return ""
    return next((word[6:] for word in vdev.args.split(",") if word.startswith("iface=")), "")


def silence(interface: str, sysctl: Path = SYSCTL) -> list[str]:
    """Make Linux silent on the interface; what was changed, in words."""
    changed = []
    for name, value in SILENT.items():
        path = sysctl / interface / name
        if path.read_text().strip() != value:
            path.write_text(value)
            changed.append(f"{name}={value}")
    return changed
