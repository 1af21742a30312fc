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


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    (tmp_path / "wire0").mkdir()
    (tmp_path / "wire0/arp_ignore").write_text("0\n")
    (tmp_path / "wire0/rp_filter").write_text("1\n")
    assert wire.silence("wire0", tmp_path) == ["arp_ignore=8"]
    assert (tmp_path / "wire0/arp_ignore").read_text() == "8"
    assert wire.silence("wire0", tmp_path) == []


def test_a_missing_interface_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        wire.silence("wire0", tmp_path)
