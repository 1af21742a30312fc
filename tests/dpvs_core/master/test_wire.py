"""The interface behind net_af_packet: Linux must not answer on it too."""

from pathlib import Path

import pytest

from dpvs_core.config.dpvs_model import Vdev
from dpvs_core.master import wire


@pytest.mark.parametrize(
    ("vdev", "interface"),
    [
        (Vdev(driver="net_af_packet0", args="iface=wire0"), "wire0"),
        (Vdev(driver="net_af_packet1", args="qpairs=2,iface=eth1"), "eth1"),
        (Vdev(driver="net_tap0", args="iface=dtap0"), ""),
        (None, ""),
    ],
)
def test_the_interface_of_a_vdev(vdev: Vdev | None, interface: str) -> None:
    assert wire.interface_of(vdev) == interface


def sysctl(folder: Path, **values: str) -> None:
    for name, value in values.items():
        family = "ipv6" if name == "disable_ipv6" else "ipv4"
        path = folder / family / "conf/wire0" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    sysctl(tmp_path, arp_ignore="0", rp_filter="1", disable_ipv6="0")
    assert wire.silence("wire0", tmp_path) == ["arp_ignore=8", "disable_ipv6=1"]
    assert (tmp_path / "ipv4/conf/wire0/arp_ignore").read_text() == "8"
    assert (tmp_path / "ipv6/conf/wire0/disable_ipv6").read_text() == "1"
    assert wire.silence("wire0", tmp_path) == []


def test_a_kernel_without_ipv6_has_nothing_to_switch_off(tmp_path: Path) -> None:
    sysctl(tmp_path, arp_ignore="8", rp_filter="0")
    assert wire.silence("wire0", tmp_path) == ["rp_filter=1"]


def test_the_remedy_is_what_sysctl_takes() -> None:
    assert wire.remedy("wire0.7") == (
        "net/ipv4/conf/wire0.7/arp_ignore=8 net/ipv4/conf/wire0.7/rp_filter=1"
        " net/ipv6/conf/wire0.7/disable_ipv6=1"
    )


def test_a_missing_interface_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        wire.silence("wire0", tmp_path)
