"""Corrections and rules about VRRP, trackers, routes and links, with upstream's exit status.

Each row: what the file has, the start of what is said, and the status of a test with it.
"""

from collections.abc import Collection
from pathlib import Path

import pytest

from keepalivedpy.config.load import LoadResult, load

INSTANCE = "vrrp_instance {name} {{\n{interface}virtual_router_id {vrid}\n{body}\n}}\n"
VIP = "virtual_ipaddress {{\n10.0.0.{}\n}}\n"
FILE = "track_file f {\nfile /x\nweight 5\n}\n"
SECURE = "global_defs {\nenable_script_security\n}\n"


def instance(
    body: str = "", name: str = "V", vrid: int = 1, interface: str = "interface eth0\n"
) -> str:
    has_vip = "virtual_ipaddress {" in body
    lines = body if has_vip else f"{body}\n{VIP.format(vrid)}"
    return INSTANCE.format(name=name, vrid=vrid, body=lines, interface=interface)


def group(name: str = "G", *members: str, body: str = "") -> str:
    return f"vrrp_sync_group {name} {{\ngroup {{\n" + "\n".join(members) + f"\n}}\n{body}}}\n"


def of(path: Path, text: str, interfaces: Collection[str] | None = None) -> LoadResult:
    file = path / "keepalived.conf"
    file.write_text(text, "utf-8")
    return load(str(file), interfaces)


BOTH = instance() + instance(name="W", vrid=2)

RULES = {
    "script twice": (
        SECURE + instance("notify_master /no/a\nnotify_master /no/b"),
        "notify_master a second time",
        5,
    ),
    "source of another family": (instance("mcast_src_ip fe80::1"), "mcast_src_ip fe80::1 in", 5),
    "peer of another family": (
        instance("unicast_peer {\n10.0.0.9\nfe80::2\n}"),
        "unicast_peer fe80::2 in vrrp_instance V",
        5,
    ),
    "no peer": (instance("unicast_peer {\n}"), "unicast_peer without a peer", 5),
    "source without a peer": (instance("unicast_src_ip 10.0.0.9"), "unicast_src_ip without", 5),
    "loopback": (instance(interface="interface lo\n"), "interface lo", 5),
    "no interface": (instance(interface=""), "vrrp_instance V without interface", 5),
    "AH and MASTER": (
        instance("state MASTER\npriority 200\nauthentication {\nauth_type AH\nauth_pass x\n}"),
        "state MASTER with auth_type AH",
        5,
    ),
    "type without a password": (
        instance("authentication {\nauth_type PASS\n}"),
        "authentication without auth_type and auth_pass",
        5,
    ),
    "group of one": (instance() + group("G", "V"), "vrrp_sync_group G with one member", 5),
    "instance in two groups": (
        BOTH + instance(name="U", vrid=3) + group("G", "V", "W") + group("H", "V", "U"),
        "instance V in vrrp_sync_group H, which is already in one",
        5,
    ),
    "group twice": (
        BOTH + instance(name="U", vrid=3) + instance(name="T", vrid=4)
        + group("G", "V", "W") + group("G", "U", "T"),
        "vrrp_sync_group G a second time (first: ",
        5,
    ),
    "unknown user of scripts": (
        "global_defs {\nscript_user no-such-user\n}\n" + instance(),
        "the user no-such-user",
        5,
    ),
    "unknown group of scripts": (
        "global_defs {\nscript_user nobody no-such-group\n}\n" + instance(),
        "the group no-such-group",
        5,
    ),
    "unknown user of notify": (
        instance("notify_master /no/such no-such-user"), "the user no-such-user", 0,
    ),
    "an empty list": (
        "global_defs {\nnotification_email {\n}\n}\n" + instance(),
        "notification_email without a line",
        5,
    ),
}  # fmt: skip

LATER = {  # also said: that it is not carried yet
    "group of another family": (instance("mcast_dst_ip ff02::1"), "mcast_dst_ip ff02::1 in", 5),
    "IPv4 and native_ipv6": (instance("native_ipv6"), "native_ipv6 in vrrp_instance V", 5),
    "VMAC and unicast": (
        instance("use_vmac\nunicast_peer {\n10.0.0.9\n}"), "use_vmac with unicast_peer", 5,
    ),
    "xmit_base alone": (instance("vmac_xmit_base"), "vmac_xmit_base without use_vmac", 5),
    "ipvlan without address": (instance("use_ipvlan"), "use_ipvlan without an address", 5),
    "late backup": (
        instance("timer_expired_backup"), "timer_expired_backup without nopreempt", 5,
    ),
    "vrf and interface": (instance("vrf blue"), "vrf together with interface", 5),
    "strict and password": (
        instance("strict_mode\nauthentication {\nauth_type PASS\nauth_pass x\n}"),
        "authentication in strict mode",
        5,
    ),
    "strict and preempt_delay": (
        instance("strict_mode\npreempt_delay 5"), "preempt_delay in strict mode", 5,
    ),
    "strict and advert before giving way": (
        instance("strict_mode\nhigher_prio_send_advert"), "higher_prio_send_advert in strict", 5,
    ),
    "strict and missed adverts": (
        instance("strict_mode\ndown_timer_adverts 4"), "down_timer_adverts in strict mode", 5,
    ),
    "strict and a MAC": (
        instance("strict_mode\nuse_vmac 0:1:2:3:4:5"), "a MAC of use_vmac: 0:1:2:3:4:5 in", 5,
    ),
    "strict MASTER": (
        instance("strict_mode\nstate MASTER\npriority 200"), "state MASTER with priority 200 in", 5,
    ),
    "script without a command": ("vrrp_script s {\n}\n" + instance(), "vrrp_script s without", 5),
    "script without a name": (
        "vrrp_script {\nscript /x\n}\n" + instance(), "vrrp_script without a name", 2,
    ),
    "script that is not there": (
        "vrrp_script s {\nscript /no/such\n}\n" + instance(), "the script '/no/such'", 5,
    ),
    "script for a shell": (
        "vrrp_script s {\nscript </dev/tcp/10.0.0.1/80\n}\n" + instance(), "vrrp_script", 0,
    ),
    "script of an unknown user": (
        "vrrp_script s {\nscript </x\nuser no-such-user\n}\n" + instance(), "the user no-such", 5,
    ),
    "file without a path": ("track_file f {\n}\n" + instance(), "track_file f without file", 5),
    "file twice in a tracker": (
        "track_file f {\nfile /x\nfile /y\n}\n" + instance(), "file a second time", 5,
    ),
    "process without a command": (
        "vrrp_track_process p {\n}\n" + instance(), "vrrp_track_process p without process", 5,
    ),
    "quorum_max below quorum": (
        "vrrp_track_process p {\nprocess x\nquorum 3\nquorum_max 2\n}\n" + instance(),
        "quorum_max 2 with quorum 3",
        5,
    ),
    "init_file beyond a priority": (
        "track_file f {\nfile /x\ninit_file 255\n}\n" + instance(), "init_file 255", 5,
    ),
    "neighbour missing": ("bfd_instance b {\n}\n" + instance(), "bfd_instance b without", 5),
    "neighbour of another family": (
        "bfd_instance b {\nneighbor_ip 10.0.0.9\nsource_ip fe80::1\n}\n" + instance(),
        "source_ip fe80::1 with neighbor_ip 10.0.0.9",
        5,
    ),
    "long name of bfd": (
        f"bfd_instance {'b' * 32} {{\nneighbor_ip 10.0.0.9\n}}\n" + instance(),
        "bfd_instance with a name of 32 characters",
        5,
    ),
    "unknown script": (instance("track_script {\ns\n}"), "s in track_script", 5),
    "unknown file": (instance("track_file {\nf\n}"), "f in track_file", 5),
    "unknown process": (instance("track_process {\np\n}"), "p in track_process", 5),
    "unknown bfd": (instance("track_bfd {\nb\n}"), "b in track_bfd", 5),
    "unknown file of a group": (
        BOTH + group("G", "V", "W", body="track_file {\nf\n}\n"), "f in track_file", 5,
    ),
    "tracked twice": (
        FILE + instance("track_file {\nf\nf\n}"), "f a second time in track_file", 5,
    ),
    "tracker twice": (FILE + FILE + instance(), "track_file f a second time (first: ", 0),
    "own interface watched": (
        instance("track_interface {\neth0\n}"), "eth0, which is the instance's interface", 5,
    ),
    "weight of an interface": (
        instance("track_interface {\neth1 weight 5\n}"), "weight in track_interface", 0,
    ),
    "weight and nopreempt": (
        FILE + instance("nopreempt\ntrack_file {\nf\n}"), "f with a weight together with", 0,
    ),
    "weight of an owner": (
        FILE + instance("priority 255\ntrack_file {\nf\n}"), "f with a weight in an instance", 5,
    ),
    "rule without a number": (
        instance("virtual_rules {\nfrom 10.0.0.0/8 table 7\n}"), "a rule without preference", 5,
    ),
    "old or": (
        instance("virtual_routes {\n10.9.0.0/16 via 10.0.0.2 or 10.0.0.3\n}"), "or, an old word", 5,
    ),
    "expires of IPv4": (
        instance("virtual_routes {\n10.9.0.0/16 dev eth0 expires 5\n}"), "expires of an IPv4", 5,
    ),
    "unknown track_group": (
        "static_ipaddress {\n10.0.0.8 dev eth0 track_group g\n}\n" + instance(),
        "track_group g",
        5,
    ),
    "unknown member of track_group": (
        "track_group g {\ngroup {\nX\n}\n}\n" + instance(), "instance X in track_group g", 0,
    ),
    "old word": (
        "global_defs {\nvrrp_iptables\n}\n" + instance(), "vrrp_iptables, an old word", 5,
    ),
    "route in another table": (
        instance("virtual_routes {\n10.9.0.0/16 dev eth0 table 7\n}"),
        "a route with table in virtual_routes",
        0,
    ),
    "blackhole": (
        instance("virtual_routes {\nblackhole 10.9.0.0/16\n}"),
        "a route with type blackhole in virtual_routes",
        0,
    ),
    "peer of an address": (
        instance("virtual_ipaddress {\n10.0.0.1 peer 10.0.0.2\n}"), "peer in virtual_ipaddress", 0,
    ),
    "TTL of a peer": (
        instance("unicast_peer {\n10.0.0.9 min_ttl 3\n}"), "min_ttl in unicast_peer", 0,
    ),
    "unicast without interface": (
        instance("unicast_src_ip 10.0.0.8\nunicast_peer {\n10.0.0.9\n}", interface=""),
        "vrrp_instance V without interface",
        0,
    ),
}  # fmt: skip

LINKS = {
    "interface": (instance(interface="interface eth9\n"), 5),
    "of an address": (instance("virtual_ipaddress {\n10.0.0.1 dev eth9\n}"), 5),
    "of a route": (instance("virtual_routes {\n10.9.0.0/16 dev eth9\n}"), 5),
    "watched": (instance("track_interface {\neth9\n}"), 5),
    "watched by a group": (
        BOTH + group("G", "V", "W", body="track_interface {\neth9\n}\n"), 5,
    ),
    "of a static address": ("static_ipaddress {\n10.0.0.8 dev eth9\n}\n" + instance(), 5),
    "paced": ("garp_group {\ngarp_interval 1\ninterface eth9\n}\n" + instance(), 5),
    "polled": ("linkbeat_interfaces {\neth9\n}\n" + instance(), 4),
    "delayed": ("interface_up_down_delays {\neth9 1\n}\n" + instance(), 4),
}  # fmt: skip


@pytest.mark.parametrize("text, found, status", RULES.values(), ids=RULES)
def test_rule(tmp_path: Path, text: str, found: str, status: int) -> None:
    result = of(tmp_path, text)
    said = [d.found for d in result.diagnostics if "which is missing" not in d.found]
    assert len([what for what in said if what.startswith(found)]) == 1, said
    assert len(said) == 1, said
    assert result.status == status


@pytest.mark.parametrize("text, found, status", LATER.values(), ids=LATER)
def test_rule_of_what_is_kept_only(tmp_path: Path, text: str, found: str, status: int) -> None:
    result = of(tmp_path, text)
    said = [d.found for d in result.diagnostics]
    assert len([what for what in said if what.startswith(found)]) == 1, said
    assert result.status == status, said


@pytest.mark.parametrize("text, status", LINKS.values(), ids=LINKS)
def test_an_interface_that_is_not_there(tmp_path: Path, text: str, status: int) -> None:
    known = {"lo", "eth0", "eth1"}
    result = of(tmp_path, text, known)
    said = [d.found for d in result.diagnostics]
    assert said.count("interface eth9, which is not there") == 1, said
    assert (result.status, result.errors) == (status, ())
    assert of(tmp_path, text, known | {"eth9"}).status == 0
    assert of(tmp_path, text).status == 0
    assert of(tmp_path, "global_defs {\ndynamic_interfaces\n}\n" + text, known).status == 0


def test_devices_of_dpvs_are_no_interfaces(tmp_path: Path) -> None:
    text = instance("dpdk_interface dpdk0\nvirtual_ipaddress {\n10.0.0.1 dev dpdk1\n}")
    static = "static_ipaddress {\n10.0.0.8 dev dpdk0\n}\n"
    assert of(tmp_path, text + static, {"eth0"}).diagnostics == ()


def test_an_address_twice_is_one(tmp_path: Path) -> None:
    """The order stays; of another device it is another address."""
    lines = ("192.0.2.3", "192.0.2.1", "192.0.2.3/24", "192.0.2.1 dev eth1")
    path = tmp_path / "f"
    path.write_text(instance("virtual_ipaddress {\n" + "\n".join(lines) + "\n}"))
    result = load(str(path))
    vips = result.root.vrrp_instances[0].virtual_ipaddress
    assert [(vip.addr, vip.prefixlen, vip.dev) for vip in vips] == [
        ("192.0.2.3", 32, None),
        ("192.0.2.1", 32, None),
        ("192.0.2.1", 32, "eth1"),
    ]
    assert result.status == 5 and "192.0.2.3 more than once" in result.warnings[0].text
