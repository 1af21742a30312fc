"""What the VRRP process is handed."""

from pathlib import Path

from keepalivedpy.config.load import load
from keepalivedpy.lvs.part import checker_part
from keepalivedpy.vrrp.part import vrrp_part

CONFIGURATION = """
local_address_group laddrs {
    192.0.2.200-201 dpdk1
}
vrrp_instance VI_1 {
    interface dpdk0.kni
    dpdk_interface dpdk0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.100
    }
}
vrrp_instance VI_2 {
    interface eth0
    virtual_router_id 52
    virtual_ipaddress {
        198.51.100.1
    }
}
virtual_server 192.0.2.100 80 {
    lb_algo rr
    lb_kind FNAT
    laddr_group_name laddrs
    real_server 198.51.100.10 80 {
    }
}
"""


def test_an_instance_gets_the_local_addresses_of_its_services(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(CONFIGURATION)
    part = vrrp_part(load(path).root)
    first, second = part.instances
    assert [(a.addr, a.prefixlen, a.dev) for a in first.local_addresses] == [
        ("192.0.2.200", 32, "dpdk1"),
        ("192.0.2.201", 32, "dpdk1"),
    ]
    assert [vip.addr for vip in first.virtual_ipaddress] == ["192.0.2.100"]
    assert second.local_addresses == ()
    assert part.expect_services


def test_the_processes_alone(tmp_path: Path) -> None:
    """-P: nobody programs services. -C: nobody makes a local address active, so it always is."""
    path = tmp_path / "keepalived.conf"
    path.write_text(CONFIGURATION)
    root = load(path).root
    assert not vrrp_part(root, alone=True).expect_services
    assert vrrp_part(root, alone=True).instances == vrrp_part(root).instances
    assert checker_part(root).floating == {"192.0.2.200", "192.0.2.201"}
    assert checker_part(root, alone=True).floating == frozenset()
