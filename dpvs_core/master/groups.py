"""The IPv6 multicast groups that each device listens to for the core (`dpip maddr show`). Pure.

They follow from the addresses in use, as in the core (host/mld.c): all nodes, and of each address
its solicited-node group (RFC 4291 2.7.1), which the core reports by MLD. IPv4's groups and those of
Linux's programs are the kernel port's.
"""

from collections import Counter
from collections.abc import Iterable

from dpvs_core.control.messages import GroupRow
from dpvs_core.master.inet import Ip
from dpvs_core.master.links import mac_text
from dpvs_core.master.state import State

ALL_NODES = Ip(6, b"\xff\x02" + bytes(13) + b"\x01")
SOLICITED_NODE = b"\xff\x02" + bytes(9) + b"\x01\xff"


def solicited_node(ip: Ip) -> Ip:
    return Ip(6, SOLICITED_NODE + ip.raw[len(SOLICITED_NODE) :])


def group_mac(group: Ip) -> str:
    """RFC 2464 7."""
    return mac_text(b"\x33\x33" + group.raw[12:])


def rows(state: State, dev: str) -> list[GroupRow]:
    """By device; all nodes first, the others in the order of their first address."""
    return [
        row
        for device in state.devices
        if dev in ("", device.name)
        for row in _of_device(
            device.name,
            (key.ip for key in state.addresses if key.dev == device.name and state.in_use(key)),
        )
    ]


def _of_device(dev: str, ips: Iterable[Ip]) -> list[GroupRow]:
    n_addrs = Counter(solicited_node(ip) for ip in ips if ip.af == 6)
    if not n_addrs:
        return []
    groups = [(ALL_NODES, n_addrs.total(), False)]
    groups += [(group, n, True) for group, n in n_addrs.items()]
    return [
        GroupRow(dev=dev, group=str(group), mac=group_mac(group), n_addrs=n, reported=reported)
        for group, n, reported in groups
    ]
