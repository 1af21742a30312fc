"""A capture as scapy decodes it; checksums are those scapy itself would have written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scapy.layers.inet import IP
from scapy.layers.l2 import ARP
from scapy.layers.vrrp import VRRP, VRRPv3
from scapy.utils import PcapReader

from tests.interop.expectation import Decoded, Fields

ADVERT_LAYERS = (VRRP, VRRPv3)


def decode(file: Path) -> Iterator[Decoded]:
    """One a frame."""
    with PcapReader(str(file)) as frames:
        for number, frame in enumerate(frames, 1):
            advert = next((frame[layer] for layer in ADVERT_LAYERS if layer in frame), None)
            if ARP in frame:
                yield Decoded(number, True, "", {})
            elif advert is None:
                yield Decoded(number, False, "", {}, f"no advert: {frame.summary()}")
            else:
                rest = bytes(advert.payload).hex()
                remark = f"surplus bytes {rest}" if rest else ""
                yield Decoded(number, False, frame[IP].src, _fields(frame[IP], advert), remark)


def _fields(ip: Any, advert: Any) -> Fields:
    authentication = "none"
    if isinstance(advert, VRRP) and advert.authtype:
        password = advert.auth1.to_bytes(4, "big") + advert.auth2.to_bytes(4, "big")
        authentication = f"{advert.authtype} {password.rstrip(bytes(1)).decode()}"
    interval = advert.adv if isinstance(advert, VRRP) else advert.adv & 0xFFF
    return {
        "destination": ip.dst,
        "ttl": str(ip.ttl),
        "tos": f"{ip.tos:#x}",
        "ip checksum": _verdict(ip, "chksum"),
        "version": str(advert.version),
        "type": str(advert.type),
        "vrid": str(advert.vrid),
        "priority": str(advert.priority),
        "addresses": ",".join(advert.addrlist),
        "interval": str(interval),
        "authentication": authentication,
        "checksum": _advert_verdict(ip, advert),
    }


def _verdict(layer: Any, name: str) -> str:
    again = layer.copy()
    delattr(again, name)
    return _same(layer.getfieldval(name), type(layer)(bytes(again)).getfieldval(name))


def _advert_verdict(ip: Any, advert: Any) -> str:
    """With the IP header, which version 3 has a share of in its checksum."""
    again = ip.copy()
    kind = type(advert)
    del again[kind].chksum
    return _same(advert.chksum, IP(bytes(again))[kind].chksum)


def _same(there: int, right: int) -> str:
    return "good" if there == right else f"{there:#06x} instead of {right:#06x}"
