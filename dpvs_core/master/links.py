"""Devices as `dpip link` shows and sets them."""

from dpvs_core.control.messages import Code, LinkRow, LinkSet
from dpvs_core.master.engine import Engine, Link, LinkItem
from dpvs_core.master.errors import Refused
from dpvs_core.master.state import Device

RX_OFFLOADS = {"OF_RX_IP_CSUM": 1 << 1}
TX_OFFLOADS = {
    "OF_TX_IP_CSUM": 1 << 1,
    "OF_TX_TCP_CSUM": 1 << 3,
    "OF_TX_UDP_CSUM": 1 << 2,
    "OF_TX_FAST_FREE": 1 << 16,
}
"""DPVS's words (D-010) and DPDK's RTE_ETH_{RX,TX}_OFFLOAD_* bits."""

ON_OFF = {"on": 1, "off": 0}
UP_DOWN = {"up": 1, "down": 0}

SWITCHES: dict[str, tuple[LinkItem, dict[str, int]]] = {
    "promisc": (LinkItem.PROMISC, ON_OFF),
    "allmulticast": (LinkItem.ALLMULTICAST, ON_OFF),
    "link": (LinkItem.UP, UP_DOWN),
}
NOT_YET = ("forward2kni", "lldp", "tc-egress", "tc-ingress")
MTU_RANGE = range(68, 9001)


def row(number: int, device: Device, link: Link) -> LinkRow:
    """A device's line; `index` is 1-based."""
    flags = {"promisc": link.promisc, "allmulticast": link.allmulticast}
    offloads = [name for name, bit in RX_OFFLOADS.items() if link.rx_offloads & bit]
    offloads += [name for name, bit in TX_OFFLOADS.items() if link.tx_offloads & bit]
    return LinkRow(
        index=number + 1, name=device.name, kernel_port=device.kernel_port, socket=link.socket,
        mtu=link.mtu, n_rx_queues=link.n_rxq, n_tx_queues=link.n_txq, up=link.up,
        speed_mbps=link.speed_mbps, full_duplex=link.full_duplex, autoneg=link.autoneg,
        mac=mac_text(link.mac), flags=tuple(name for name, on in flags.items() if on),
        offloads=tuple(offloads), driver=link.driver,
        ipackets=link.ipackets, opackets=link.opackets, ibytes=link.ibytes, obytes=link.obytes,
        ierrors=link.ierrors, oerrors=link.oerrors, imissed=link.imissed,
        rx_nombuf=link.rx_nombuf, mbuf_avail=link.mbuf_avail, mbuf_inuse=link.mbuf_inuse,
    )  # fmt: skip


def set_item(engine: Engine, dev: int, request: LinkSet) -> None:
    """Carry out a link.set; Refused or EngineError."""
    if request.item in SWITCHES:
        item, words = SWITCHES[request.item]
        if request.value not in words:
            message = f"{request.item} is {' or '.join(words)}"
            raise Refused(Code.INVAL, message, request.value)
        engine.link_set(dev, item, words[request.value])
    elif request.item == "mtu":
        if not (request.value.isascii() and request.value.isdigit()
                and int(request.value) in MTU_RANGE):  # fmt: skip
            message = f"an mtu is {MTU_RANGE.start} to {MTU_RANGE.stop - 1}"
            raise Refused(Code.INVAL, message, request.value)
        engine.link_set(dev, LinkItem.MTU, int(request.value))
    elif request.item == "addr":
        engine.link_mac(dev, parse_mac(request.value))
    elif request.item in NOT_YET:
        raise Refused(Code.NOTSUPP, f"{request.item} is not carried yet", request.item)
    else:
        known = ", ".join([*SWITCHES, "mtu", "addr"])
        raise Refused(Code.INVAL, f"no such item of a link (there are: {known})", request.item)


def mac_text(mac: bytes) -> str:
    return mac.hex(":")


def parse_mac(text: str) -> bytes:
    """Six bytes of "02:00:00:00:00:01"; Refused(INVAL) for anything else or a group address."""
    parts = text.split(":")
    try:
        mac = bytes(int(part, 16) for part in parts if 1 <= len(part) <= 2)
    except ValueError:
        mac = b""
    if len(parts) != 6 or len(mac) != 6 or mac[0] & 1 or not any(mac):
        raise Refused(Code.INVAL, "not a unicast MAC address", text)
    return mac
