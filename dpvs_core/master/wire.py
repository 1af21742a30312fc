"""A Linux interface that a port takes its packets from (net_af_packet) must not answer itself.

Linux still sees every frame of such an interface beside the core, and would answer ARP and ping
for the kernel port's addresses a second time, for it answers for any of its addresses on any
interface (weak host model, RFC 1122 3.3.4.2). For IPv6 there is no such switch as rp_filter, and
the interface's own link-local address is the core's too, for both have its MAC: it is off there.
"""

from pathlib import Path

from dpvs_core.config.dpvs_model import Vdev

SYSCTL = Path("/proc/sys/net")
SILENT = {
    "ipv4/conf/{}/arp_ignore": "8",
    "ipv4/conf/{}/rp_filter": "1",
    "ipv6/conf/{}/disable_ipv6": "1",
}
"""Answer no ARP request; take no packet whose answer would leave by another interface; no IPv6."""


def interface_of(vdev: Vdev | None) -> str:
    """The interface of `vdev net_af_packetN,iface=NAME,...`; "" for any other device."""
    if vdev is None or not vdev.driver.startswith("net_af_packet"):
        return ""
    return next((word[6:] for word in vdev.args.split(",") if word.startswith("iface=")), "")


def silence(interface: str, sysctl: Path = SYSCTL) -> list[str]:
    """Make Linux silent on the interface; what was changed, in words."""
    changed = []
    for name, value in SILENT.items():
        path = sysctl / name.format(interface)
        if "ipv6" in name and not (sysctl / "ipv6").exists():
            continue  # a kernel without IPv6
        if path.read_text().strip() != value:
            path.write_text(value)
            changed.append(f"{path.name}={value}")
    return changed


def remedy(interface: str) -> str:
    """What a person would write to do the same."""
    return " ".join(f"net/{name.format(interface)}={value}" for name, value in SILENT.items())
