"""The tutorial's FNAT one-arm file, as it is printed, to the whole model."""

from pathlib import Path

import pytest

from keepalivedpy.config.load import load
from keepalivedpy.model.checks import TcpCheck
from keepalivedpy.model.lvs import (
    AddressRange,
    GroupEntry,
    LocalAddress,
    LocalAddressGroup,
    RealServer,
    VirtualServer,
    VirtualServerGroup,
)
from keepalivedpy.model.root import GlobalDefs, Root
from keepalivedpy.model.vrrp import Authentication, VirtualAddress, VrrpInstance

CONF = Path(__file__).resolve().parents[3] / "conf"
TUTORIAL = str(CONF / "keepalived.conf.fnat-onearm.sample")


def real_server(addr: str, line: int) -> RealServer:
    return RealServer(
        addr=addr,
        port=80,
        weight=100,
        inhibit_on_failure=True,
        checkers=(TcpCheck(connect_port=80, connect_timeout_us=3_000_000, retry=2),),
        place=f"{TUTORIAL}:{line}",
    )


EXPECTED = Root(
    global_defs=GlobalDefs(
        notification_email=("[email protected]",),
        notification_email_from="[email protected]",
        smtp_server="1.2.3.4",
        smtp_connect_timeout_us=60_000_000,
        router_id="DPVS_DEVEL",
    ),
    vrrp_instances=(
        VrrpInstance(
            name="VI_1",
            state="MASTER",
            interface="dpdk0.kni",
            dpdk_interface="dpdk0",
            virtual_router_id=123,
            priority=100,
            advert_int_us=1_000_000,
            version=2,
            authentication=Authentication(auth_type="PASS", auth_pass=b"****"),
            virtual_ipaddress=(VirtualAddress(addr="192.168.100.254", prefixlen=32),),
            higher_prio_send_advert=True,
            place=f"{TUTORIAL}:18",
        ),
    ),
    local_address_groups=(
        LocalAddressGroup(
            name="laddr_g1",
            addrs=(
                LocalAddress(addrs=AddressRange(first="192.168.100.200"), dev="dpdk0"),
                LocalAddress(addrs=AddressRange(first="192.168.100.201"), dev="dpdk0"),
            ),
            place=f"{TUTORIAL}:11",
        ),
    ),
    virtual_server_groups=(
        VirtualServerGroup(
            name="192.168.100.254-80",
            entries=(GroupEntry(addrs=AddressRange(first="192.168.100.254"), port=80),),
            place=f"{TUTORIAL}:36",
        ),
    ),
    virtual_servers=(
        VirtualServer(
            group="192.168.100.254-80",
            delay_loop_us=3_000_000,
            lb_algo="rr",
            lb_kind="FNAT",
            protocol="TCP",
            laddr_group_name="laddr_g1",
            real_servers=(real_server("192.168.100.2", 45), real_server("192.168.100.3", 54)),
            place=f"{TUTORIAL}:39",
        ),
    ),
)


def test_the_tutorial_means_this() -> None:
    assert load(TUTORIAL).root == EXPECTED


def test_the_tutorial_is_right_but_for_the_mail() -> None:
    result = load(TUTORIAL)
    assert result.status == 0
    assert result.usable
    assert [d.text for d in result.diagnostics] == [
        "found mail to notification_email; not carried yet, ignored"
    ]


@pytest.mark.parametrize("name", sorted(p.name for p in CONF.glob("keepalived.conf.*")))
def test_samples_are_right(name: str) -> None:
    result = load(str(CONF / name))
    assert result.status == 0
    assert result.errors == ()
    assert result.root.virtual_servers


def test_the_group_sample_expands_its_ranges() -> None:
    root = load(str(CONF / "keepalived.conf.fnat-group.sample")).root
    assert root.virtual_server_groups[0].entries == (
        GroupEntry(addrs=AddressRange(first="192.168.100.250", n=3), port=80),
        GroupEntry(addrs=AddressRange(first="192.168.100.250", n=3), port=8080),
    )
    assert root.local_address_groups[0].addrs[0].addrs.n == 10
    check = root.virtual_servers[0].real_servers[0].checkers[0]
    assert (check.connect_timeout_us, check.retry) == (3_000_000, 2)
