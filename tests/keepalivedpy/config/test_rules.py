"""Corrections and rules one by one: the statement that breaks it, what is said, what is left."""

from pathlib import Path

import pytest

from keepalivedpy.config.load import LoadResult, load
from keepalivedpy.model.vrrp import VirtualAddress

INSTANCE = "vrrp_instance {name} {{\ninterface i\nvirtual_router_id {vrid}\n{body}\n}}\n"
VIP = "virtual_ipaddress {\n10.0.0.1\n}\n"


def instance(name: str = "V", vrid: int = 1, body: str = VIP) -> str:
    return INSTANCE.format(name=name, vrid=vrid, body=body)


def service(body: str, servers: str = "real_server 10.1.0.1 80 {\n}\n") -> str:
    group = "local_address_group g {\n10.0.0.9 dpdk0\n}\n"
    head = "virtual_server 10.0.0.1 80 {\nlb_algo rr\nlb_kind FNAT\nladdr_group_name g\n"
    return f"{group}{head}protocol TCP\n{body}\n{servers}}}\n"


def snat(name: str, src: str) -> str:
    """A match service; its WAN address is its name's."""
    head = f"virtual_server match {name} {{\nprotocol UDP\nlb_algo rr\nsrc-range {src}\n"
    return f"{head}real_server 192.0.2.{ord(name)} 0 {{\n}}\n}}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keepalived.conf"


def of(path: Path, text: str) -> LoadResult:
    path.write_text(text)
    return load(str(path))


# name: (text, the start of what is said, exit status)
RULES = {
    "instance name twice": (
        instance() + instance(vrid=2),
        "vrrp_instance V a second time (first: ",
        5,
    ),
    "instance with two names": (instance(name="V W"), "'W' after the name", 5),
    "member that does not exist": (
        instance() + instance("U", 2) + "vrrp_sync_group G {\ngroup {\nV\nU\nW\n}\n}\n",
        "instance W in vrrp_sync_group G",
        5,
    ),
    "group without members": (
        instance() + "vrrp_sync_group G {\n}\n",
        "vrrp_sync_group G without members",
        5,
    ),
    "no address": (instance(body=""), "vrrp_instance V without a virtual address", 5),
    "authentication in version 3": (
        instance(body=VIP + "version 3\nauthentication {\nauth_type PASS\nauth_pass x\n}"),
        "authentication in the VRRPv3 instance V",
        5,
    ),
    "authentication without a type": (
        instance(body=VIP + "authentication {\nauth_pass x\n}"),
        "authentication without auth_type and auth_pass",
        0,
    ),
    "no burst": (instance(body=VIP + "garp_master_repeat 0"), "garp_master_repeat 0", 5),
    "group that is not multicast": (
        "global_defs {\nvrrp_mcast_group4 10.0.0.1\n}\n",
        "'10.0.0.1' after vrrp_mcast_group4",
        5,
    ),
    "real server twice": (
        service("", "real_server 10.1.0.1 80 {\n}\nreal_server 10.1.0.1 {\n}\n"),
        "real_server 10.1.0.1 80 a second time (first: ",
        5,
    ),
    "one match under two names": (
        snat("A", "10.1.0.1-10.1.0.1") + snat("B", "10.1.0.1"),
        "match B takes what match A takes (there: ",
        0,
    ),
    "service without servers": (service("", ""), "virtual_server without a real server", 5),
    "service without protocol": (
        service("").replace("protocol TCP", ""),
        "virtual_server without protocol",
        5,
    ),
    "virtual server group without addresses": (
        "virtual_server_group v {\n}\n",
        "virtual_server_group v without addresses",
        5,
    ),
    "block after a plain keyword": (
        instance(body=VIP + "priority 5 {\n}"),
        "a block after priority",
        5,
    ),
    "keyword that needs a block": (
        instance(body=VIP + "virtual_routes"),
        "virtual_routes without a block",
        5,
    ),
}


@pytest.mark.parametrize("text, found, status", RULES.values(), ids=RULES)
def test_rule(path: Path, text: str, found: str, status: int) -> None:
    result = of(path, text)
    said = [d.found for d in result.diagnostics if "which is missing" not in d.found]
    assert len(said) == 1, said
    assert said[0].startswith(found)
    assert result.status == status


def test_only_8_bytes_of_a_password_count(path: Path) -> None:
    body = VIP + "authentication {\nauth_type PASS\nauth_pass 123456789\n}"
    (found,) = of(path, instance(body=body)).root.vrrp_instances
    assert found.authentication is not None
    assert found.authentication.auth_pass == b"12345678"


def test_version_3_has_no_authentication(path: Path) -> None:
    body = VIP + "version 3\nauthentication {\nauth_type PASS\nauth_pass x\n}"
    assert of(path, instance(body=body)).root.vrrp_instances[0].authentication is None


def test_the_first_address_decides_on_the_family(path: Path) -> None:
    body = "virtual_ipaddress {\n10.0.0.1\n2001:db8::1\n10.0.0.2\n}\n"
    (found,) = of(path, instance(body=body)).root.vrrp_instances
    assert [vip.addr for vip in found.virtual_ipaddress] == ["10.0.0.1", "10.0.0.2"]


def test_addresses_beyond_255_leave_the_adverts(path: Path) -> None:
    lines = "\n".join(f"10.0.{n // 200}.{n % 200}" for n in range(257))
    (found,) = of(path, instance(body=f"virtual_ipaddress {{\n{lines}\n}}\n")).root.vrrp_instances
    assert len(found.virtual_ipaddress) == 255
    assert found.virtual_ipaddress_excluded == (
        VirtualAddress(addr="10.0.1.55", prefixlen=32),
        VirtualAddress(addr="10.0.1.56", prefixlen=32),
    )


def test_unknown_members_are_left_out(path: Path) -> None:
    text = instance() + "vrrp_sync_group G {\ngroup {\nW V\n}\n}\n"
    assert of(path, text).root.vrrp_sync_groups[0].group == ("V",)


@pytest.mark.parametrize("written, used", [("0", 1), ("60", 60), ("9999", 3600)])
def test_establish_timeout_is_clamped(path: Path, written: str, used: int) -> None:
    (found,) = of(path, service(f"establish_timeout {written}")).root.virtual_servers
    assert found.establish_timeout_s == used


def test_a_service_of_zero_persistence_words_has_the_usual_one(path: Path) -> None:
    (found,) = of(path, service("persistence_timeout")).root.virtual_servers
    assert found.persistence_timeout_s == 360


def test_sorry_server_takes_the_port_of_the_service(path: Path) -> None:
    (found,) = of(path, service("sorry_server 10.9.0.9")).root.virtual_servers
    assert found.sorry_server is not None
    assert (found.sorry_server.addr, found.sorry_server.port) == ("10.9.0.9", 80)


def test_static_addresses_and_routes(path: Path) -> None:
    text = (
        "static_ipaddress {\n10.0.0.5/24 dev dpdk0\n}\nstatic_routes {\ndefault via 10.0.0.1\n}\n"
    )
    root = of(path, text).root
    assert root.static_ipaddress == (VirtualAddress(addr="10.0.0.5", prefixlen=24, dev="dpdk0"),)
    assert root.static_routes[0].via == "10.0.0.1"


def test_default_is_of_the_gateway_s_family(path: Path) -> None:
    root = of(path, "static_routes {\ndefault via 2001:db8::1\n}\n").root
    assert root.static_routes[0].prefix == "::/0"


def test_unicast_instances_may_share_a_vrid(path: Path) -> None:
    body = VIP + "unicast_peer {\n10.0.0.8\n}\n"
    assert of(path, instance(body=body) + instance(name="W", body=body)).status == 0
    assert of(path, instance() + instance(name="W")).status == 5
