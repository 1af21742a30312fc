"""Loading: inheritance, keepalived's corrections, groups, what is left out, exit status."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpvs_core.config.errors import Diagnostic, Location
from keepalivedpy.config.load import LoadResult, load
from keepalivedpy.config.status import exit_status
from keepalivedpy.config.tables import ROOT
from keepalivedpy.config.tables import blocks as blocks_of
from keepalivedpy.lvs.names import blocks
from keepalivedpy.lvs.part import checker_part
from keepalivedpy.model.lvs import AddressRange, GroupEntry, LocalAddress, VirtualServer
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute, VrrpInstance

Load = Callable[[str], LoadResult]


@pytest.fixture
def conf(tmp_path: Path) -> Load:
    def load_text(text: str) -> LoadResult:
        path = tmp_path / "keepalived.conf"
        path.write_text(text)
        return load(str(path))

    return load_text


def instance(conf: Load, body: str, head: str = "") -> VrrpInstance:
    vip = "" if "virtual_ipaddress" in body else "virtual_ipaddress {\n10.0.0.1\n}\n"
    needed = "interface i\nvirtual_router_id 1\n"
    result = conf(f"{head}\nvrrp_instance V {{\n{needed}{vip}{body}\n}}\n")
    assert len(result.root.vrrp_instances) == 1, result.diagnostics
    return result.root.vrrp_instances[0]


def service(conf: Load, body: str) -> VirtualServer:
    needed = "lb_algo rr\nlb_kind FNAT\nprotocol TCP\nladdr_group_name g\n"
    group = "local_address_group g {\n10.0.0.9 dpdk0\n}\n"
    result = conf(f"{group}virtual_server 10.0.0.1 80 {{\n{needed}{body}\n}}\n")
    assert len(result.root.virtual_servers) == 1, result.diagnostics
    return result.root.virtual_servers[0]


def test_instances_inherit_from_global_defs_wherever_it_stands(conf: Load) -> None:
    head = "global_defs {\nvrrp_garp_master_repeat 3\nvrrp_version 3\n}\n"
    found = instance(conf, "garp_master_refresh 7", head)
    assert (found.garp_master_repeat, found.garp_lower_prio_repeat, found.version) == (3, 3, 3)
    assert found.garp_master_refresh_us == 7_000_000
    after = conf(f"vrrp_instance V {{\ninterface i\nvirtual_router_id 1\n}}\n{head}")
    assert after.root.vrrp_instances[0].garp_master_repeat == 3


def test_master_without_priority_is_the_owner(conf: Load) -> None:
    assert instance(conf, "state MASTER").priority == 255
    assert instance(conf, "state BACKUP").priority == 100


@pytest.mark.parametrize(
    "words, head, answers",
    [
        ("", "", False),
        ("dpdk_interface dpdk0", "", True),
        ("dpdk_interface dpdk0\nhigher_prio_send_advert no", "", False),
        ("dpdk_interface dpdk0", "global_defs {\nvrrp_higher_prio_send_advert no\n}\n", False),
        ("higher_prio_send_advert", "", True),
    ],
)
def test_in_the_core_a_master_that_gives_way_says_so(
    conf: Load, words: str, head: str, answers: bool
) -> None:
    assert instance(conf, words, head).higher_prio_send_advert is answers


def test_ipv6_runs_version_3(conf: Load) -> None:
    assert instance(conf, "virtual_ipaddress {\n2001:db8::1\n}").version == 3


@pytest.mark.parametrize(
    "written, version, used_us",
    [
        ("1", 2, 1_000_000),
        ("1.6", 2, 2_000_000),
        ("0.01", 2, 1_000_000),
        ("255", 2, 255_000_000),
        ("0.014", 3, 10_000),
        ("50", 3, 40_950_000),
    ],
)
def test_advert_int_is_rounded(conf: Load, written: str, version: int, used_us: int) -> None:
    found = instance(conf, f"version {version}\nadvert_int {written}")
    assert found.advert_int_us == used_us


def test_nopreempt_needs_a_backup(conf: Load) -> None:
    assert instance(conf, "state BACKUP\nnopreempt").nopreempt
    assert not instance(conf, "state MASTER\npriority 10\nnopreempt").nopreempt
    assert instance(conf, "state BACKUP\nnopreempt\npreempt_delay 5").preempt_delay_us == 0


def test_addresses_and_routes(conf: Load) -> None:
    body = """virtual_ipaddress {
10.0.0.1
10.0.0.2/24 dev eth1 brd + scope link label eth1:0
10.0.0.3/24 sapool dev dpdk1
}
virtual_routes {
default via 10.0.0.254 dev dpdk0
192.168.7.9/24 metric 5 src 10.0.0.1
src 10.0.0.1 to 10.9.0.0/16 gw 10.0.0.254
}
"""
    found = instance(conf, body)
    assert found.virtual_ipaddress == (
        VirtualAddress(addr="10.0.0.1", prefixlen=32),
        VirtualAddress(
            addr="10.0.0.2",
            prefixlen=24,
            dev="eth1",
            broadcast="+",
            scope="link",
            label="eth1:0",
        ),
        VirtualAddress(addr="10.0.0.3", prefixlen=24, dev="dpdk1", sapool=True),
    )
    assert found.virtual_routes == (
        VirtualRoute(prefix="0.0.0.0/0", via="10.0.0.254", dev="dpdk0"),
        VirtualRoute(prefix="192.168.7.0/24", metric=5, src="10.0.0.1"),
        VirtualRoute(prefix="10.9.0.0/16", src="10.0.0.1", via="10.0.0.254"),
    )


def test_options_of_lines_that_are_for_later_are_warned_of(conf: Load) -> None:
    body = "virtual_ipaddress {\n10.0.0.1 no_track\n10.0.0.2 preferred_lft 5\n}"
    found = conf(f"vrrp_instance V {{\ninterface i\nvirtual_router_id 1\n{body}\n}}\n")
    assert [d.found for d in found.diagnostics] == [
        "no_track in virtual_ipaddress",
        "preferred_lft in virtual_ipaddress",
    ]
    assert len(found.root.vrrp_instances[0].virtual_ipaddress) == 2


def test_checks_inherit_from_server_and_service(conf: Load) -> None:
    body = """connect_timeout 9
retry 8
weight 7
real_server 10.1.0.1 {
retry 6
TCP_CHECK {
}
}
real_server 10.1.0.2 81 {
weight 5
TCP_CHECK {
connect_timeout 4
}
}
"""
    first, second = service(conf, body).real_servers
    assert (first.port, first.weight) == (80, 7)
    assert (first.checkers[0].connect_timeout_us, first.checkers[0].retry) == (9_000_000, 6)
    assert (second.port, second.weight) == (81, 5)
    assert (second.checkers[0].connect_timeout_us, second.checkers[0].retry) == (4_000_000, 8)


def test_quorum_is_kept_within_the_weights(conf: Load) -> None:
    found = service(conf, "quorum 9\nhysteresis 9\nreal_server 10.1.0.1 80 {\nweight 5\n}")
    assert (found.quorum, found.hysteresis) == (5, 4)


def test_ranges(conf: Load) -> None:
    text = """local_address_group g {
10.0.0.1-3 dpdk0
2001:db8::a-1f dpdk1
}
virtual_server_group v {
10.0.0.250-10.0.1.5 80
10.0.0.7
}
"""
    root = conf(text).root
    assert root.local_address_groups[0].addrs == (
        LocalAddress(addrs=AddressRange(first="10.0.0.1", n=3), dev="dpdk0"),
        LocalAddress(addrs=AddressRange(first="2001:db8::a", n=22), dev="dpdk1"),
    )
    assert root.virtual_server_groups[0].entries == (
        GroupEntry(addrs=AddressRange(first="10.0.0.250", n=12), port=80),
        GroupEntry(addrs=AddressRange(first="10.0.0.7"), port=0),
    )


@pytest.mark.parametrize(
    "line", ["10.0.0.9-8 d", "10.0.0.1-256 d", "10.0.0.1- d", "x-1 d", "::1-g d"]
)
def test_bad_ranges(conf: Load, line: str) -> None:
    result = conf(f"local_address_group g {{\n{line}\n}}\n")
    assert result.status == 5
    assert result.root.local_address_groups[0].addrs == ()


def test_a_service_of_a_firewall_mark_is_kept_and_not_programmed(conf: Load) -> None:
    """K-012."""
    body = "lb_algo rr\nlb_kind DR\nreal_server 10.1.0.1 {\n}\n"
    result = conf(f"virtual_server fwmark 7 {{\n{body}}}\n")
    assert result.root.virtual_servers[0].fwmark == 7
    (said,) = result.diagnostics
    assert said.text == (
        "found virtual_server fwmark 7; not carried yet: the service is not programmed"
    )
    part = checker_part(result.root)
    assert (part.virtual_servers, len(part.left_out)) == ((), 1)


MATCH = "virtual_server match SNAT1 {\nprotocol UDP\nlb_algo wrr\n"
WAN = "real_server 198.51.100.1 0 {\nweight 4\n}\n}\n"


def test_a_match_is_a_service_that_snats(conf: Load) -> None:
    """K-005: lb_kind SNAT goes without saying; ranges in one spelling."""
    ranges = "src-range 192.168.0.1-192.168.0.254:7-7\noif dpdk1\niif dpdk0\n"
    result = conf(f"{MATCH}{ranges}{WAN}")
    assert not result.diagnostics
    (server,) = result.root.virtual_servers
    assert (server.match, server.addr, server.lb_kind) == ("SNAT1", None, "SNAT")
    assert (server.src_range, server.dst_range) == ("192.168.0.1-192.168.0.254:7", "")
    assert (server.iif, server.oif) == ("dpdk0", "dpdk1")
    assert server.real_servers[0].port == 0
    six = conf(f"{MATCH}dst-range [2001:DB8::1-2001:db8::9]:53\n{WAN}").root.virtual_servers[0]
    assert six.dst_range == "[2001:db8::1-2001:db8::9]:53"


@pytest.mark.parametrize("proto", ["TCP", "ICMP", "ICMPV6"])
def test_a_match_may_be_of_icmp(conf: Load, proto: str) -> None:
    """F-193."""
    lines = f"protocol {proto}\nlb_algo rr\ndst-range 2001:db8::1\n"
    result = conf(f"virtual_server match SNAT1 {{\n{lines}{WAN}")
    assert not result.diagnostics
    assert result.root.virtual_servers[0].protocol == proto


def test_a_wan_address_has_no_port(conf: Load) -> None:
    result = conf(f"{MATCH}src-range 192.0.2.1\n{WAN}".replace("198.51.100.1 0", "198.51.100.1 53"))
    (said,) = result.diagnostics
    assert (said.found, said.expected) == (
        "real_server 198.51.100.1 53 in virtual_server match", "real_server 198.51.100.1 0"
    )  # fmt: skip


def test_matches_are_told_apart_by_their_names(conf: Load) -> None:
    one = f"{MATCH}src-range 192.168.0.1\n{WAN}"
    both = conf(one + one.replace("SNAT1", "SNAT2"))
    assert not both.errors
    first, second = both.root.virtual_servers
    names = [(key.name, key.nth) for key in blocks([first, second])]
    assert names == [("match SNAT1", 0), ("match SNAT2", 0)]
    (again,) = conf(one + one).diagnostics
    assert again.found.startswith("virtual_server match SNAT1 UDP a second time")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("", "virtual_server match without src-range and dst-range, or with two families"),
        ("oif dpdk1\n", "virtual_server match without src-range and dst-range, or with two fam"),
        ("src-range 192.0.2.1\ndst-range 2001:db8::1\n", "virtual_server match without src-"),
    ],
)
def test_a_match_without_a_range_is_left_out(conf: Load, lines: str, found: str) -> None:
    result = conf(f"{MATCH}{lines}{WAN}")
    assert result.root.virtual_servers == ()
    assert result.diagnostics[0].found.startswith(found)


def test_wrong_words_of_a_match_are_said(conf: Load) -> None:
    result = conf(f"{MATCH}src-range 192.0.2.9-192.0.2.1\nsrc-range 192.0.2.1\n{WAN}")
    assert [d.found for d in result.diagnostics] == ["'192.0.2.9-192.0.2.1' after src-range"]
    result = conf(f"{MATCH}src-range 192.0.2.1\nlb_kind NAT\n{WAN}")
    assert [d.found for d in result.warnings] == ["lb_kind NAT in virtual_server match"]
    assert result.root.virtual_servers[0].lb_kind == "SNAT"
    plain = "virtual_server 10.0.0.1 80 {\nlb_algo rr\nlb_kind SNAT\nprotocol TCP\n"
    (diagnostic,) = conf(f"{plain}{WAN}").diagnostics
    assert diagnostic.found == "lb_kind SNAT in a service with an address"


def test_what_the_core_lacks_is_said(conf: Load) -> None:
    text = "virtual_server 10.0.0.1 80 {\nlb_algo lblc\nlb_kind DR\nprotocol ICMP\n"
    result = conf(f"{text}real_server 10.1.0.1 80 {{\n}}\n}}\n")
    assert [d.found for d in result.warnings] == ["lb_algo lblc", "protocol ICMP"]
    assert result.status == 0


@pytest.mark.parametrize(("protocol", "warned"), [("UDP", []), ("TCP", ["ops"]), ("SCTP", ["ops"])])
def test_ops_is_for_datagrams(conf: Load, protocol: str, warned: list[str]) -> None:
    text = f"virtual_server 10.0.0.1 80 {{\nlb_algo rr\nlb_kind DR\nprotocol {protocol}\nops\n"
    result = conf(f"{text}real_server 10.1.0.1 80 {{\n}}\n}}\n")
    assert [d.found for d in result.warnings] == warned
    assert result.status == (5 if warned else 0)


def test_missing_file_is_said_but_no_error(tmp_path: Path) -> None:
    result = load(str(tmp_path / "none"))
    assert result.diagnostics[0].found == f"Config files missing '{tmp_path}/none'."
    assert (result.status, result.root) == (0, Root())


def test_a_folder_is_skipped(tmp_path: Path) -> None:
    result = load(str(tmp_path))
    assert (result.status, result.root, len(result.warnings)) == (0, Root(), 1)


def test_scripts_need_script_security(conf: Load) -> None:
    text = "vrrp_instance V {\ninterface i\nvirtual_router_id 1\nnotify_master /bin/sh\n"
    vip = "virtual_ipaddress {\n10.0.0.1\n}\n}\n"
    assert conf(text + vip).status == 6
    assert conf("global_defs {\nenable_script_security\n}\n" + text + vip).status == 0
    assert conf(text.replace("/bin/sh", "/no/such/program") + vip).status == 0


def test_includes_are_read_in_place(tmp_path: Path) -> None:
    (tmp_path / "vips").write_text("10.0.0.1\n10.0.0.2 # second\nnonsense\n")
    main = tmp_path / "main"
    main.write_text(
        "vrrp_instance V {\ninterface i\nvirtual_router_id 1\n"
        "virtual_ipaddress {\ninclude vips\n}\n}\n"
    )
    result = load(str(main))
    assert len(result.root.vrrp_instances[0].virtual_ipaddress) == 2
    (found,) = result.diagnostics
    assert (Path(found.place.file).name, found.place.line) == ("vips", 3)


def test_missing_argument_wins_over_all() -> None:
    def status(*seen: int) -> int:
        place = Location("f", 1)
        return exit_status(
            Diagnostic(place=place, severity="error", found="x", exit_status=s) for s in seen
        )

    assert [status(), status(0), status(5, 4), status(5, 6), status(5, 6, 2)] == [0, 0, 5, 6, 2]


VOCABULARY = sorted(
    {row.name for row in ROOT.rows}
    | {name for block in blocks_of(ROOT) for name in block.table}
    | {"::1", "dev", "via", "default", "group", "V", "on", "MASTER", "TCP", "FNAT", "auth_pass"}
    | {"#", "!", '"', "'", "\\", "1", "255", "300", "0.5", "-", "/", "10.0.0.1", "10.0.0.1-9"}
)
BRACES_AND_LINES = ["{\n", "}\n", "\n", "{", "}"]
ANY_WORD = st.sampled_from(VOCABULARY) | st.sampled_from(BRACES_AND_LINES) | st.text(max_size=5)


@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(
        ANY_WORD,
        max_size=60,
    )
)
def test_no_text_makes_it_fail(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    path = tmp_path_factory.mktemp("random") / "keepalived.conf"
    path.write_bytes(" ".join(words).encode("utf-8", "surrogatepass"))
    result = load(str(path))
    assert result.status in (0, 2, 5, 6)


def test_no_change_of_a_good_file_makes_it_fail(tmp_path: Path) -> None:
    sample = Path(__file__).resolve().parents[3] / "conf/keepalived.conf.fnat-twoarm.sample"
    words = sample.read_text().split(" ")
    rng = random.Random(7)
    path = tmp_path / "keepalived.conf"
    for _ in range(150):
        changed = list(words)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(changed))
            changed[at] = rng.choice([*words, "", "{\n", "}\n", '"', "-1", "\0"])
        path.write_text(" ".join(changed))
        assert load(str(path)).status in (0, 2, 5, 6)
