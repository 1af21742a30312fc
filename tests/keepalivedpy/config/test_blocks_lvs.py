"""Blocks and lines of virtual servers and what belongs to them; rules across them.

The statuses are what upstream's `keepalived -t` answers, but where a block is DPVS's own.
"""

from pathlib import Path

import pytest

from keepalivedpy.config.dump import dump
from keepalivedpy.config.load import LoadResult, load
from keepalivedpy.lvs.part import checker_part
from keepalivedpy.lvs.plan import problems
from keepalivedpy.model.checks import (
    BfdCheck,
    Checker,
    DnsCheck,
    FileCheck,
    HttpGet,
    MiscCheck,
    PingCheck,
    SmtpCheck,
    SslGet,
    TcpCheck,
    UdpCheck,
)
from keepalivedpy.model.groups import ClientGroup, Ssl, TunnelEntry, TunnelGroup
from keepalivedpy.model.lvs import AddressRange, GroupEntry, GroupMark

HEAD = "lvs_sched rr\nlvs_method {kind}\nprotocol TCP\n"


def service(
    body: str = "",
    *,
    head: str = "10.0.0.1 80",
    kind: str = "NAT",
    server: str = "10.1.0.1 80",
    inside: str = "",
) -> str:
    servers = f"real_server {server} {{\n{inside}\n}}\n"
    return f"virtual_server {head} {{\n{HEAD.format(kind=kind)}{body}\n{servers}}}\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conf") / "keepalived.conf"


def of(path: Path, text: str) -> LoadResult:
    path.write_text(text)
    return load(str(path))


CHECKS: dict[str, tuple[str, type[Checker]]] = {
    "TCP_CHECK": ("", TcpCheck),
    "HTTP_GET": ("url {\npath /\n}", HttpGet),
    "SSL_GET": ("url {\npath /\n}", SslGet),
    "SMTP_CHECK": ("", SmtpCheck),
    "DNS_CHECK": ("", DnsCheck),
    "MISC_CHECK": ("misc_path /no/such", MiscCheck),
    "UDP_CHECK": ("", UdpCheck),
    "PING_CHECK": ("", PingCheck),
    "BFD_CHECK": ("name far", BfdCheck),
    "FILE_CHECK": ("track_file load", FileCheck),
}
ELSEWHERE = "bfd_instance far {\nneighbor_ip 10.8.0.1\n}\ntrack_file load {\nfile /no/such\n}\n"


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_kept_and_asked_or_said(path: Path, name: str) -> None:
    body, kind = CHECKS[name]
    result = of(path, ELSEWHERE + service(inside=f"{name} {{\n{body}\n}}"))
    (check,) = result.root.virtual_servers[0].real_servers[0].checkers
    assert type(check) is kind
    assert result.status == 0
    said = [d.text for d in result.diagnostics if name in d.found]
    (server,) = checker_part(result.root).virtual_servers[0].real_servers
    if kind is TcpCheck:
        assert (said, server.checkers) == ([], (check,))
        return
    effect = "not carried yet: without this check the server counts as up"
    assert said == [f"found {name} in real_server; {effect}"]
    assert server.checkers == ()
    assert problems(checker_part(result.root)) == [
        f"1 checks {kind.__name__} are not carried yet: their servers count as up"
    ]


@pytest.mark.parametrize("name", [name for name, (body, _) in CHECKS.items() if body])
def test_a_check_without_what_it_needs_is_left_out(path: Path, name: str) -> None:
    result = of(path, service(inside=f"{name} {{\n}}"))
    assert result.status == 5
    assert result.root.virtual_servers[0].real_servers[0].checkers == ()
    assert any(d.found.startswith(f"{name} without ") for d in result.errors)


def test_defaults_of_kinds_and_of_blocks_around(path: Path) -> None:
    """retry and delay_before_retry: the kind's own, the loop's, or of the block around."""
    inside = "DNS_CHECK {\n}\nUDP_CHECK {\ndelay_loop 4\n}\nHTTP_GET {\nurl {\npath /\n}\n}\n"
    more = "MISC_CHECK {\nmisc_path /no/such\n}\n"
    checks = of(path, service("delay_loop 7", inside=inside + more)).root.virtual_servers[0]
    dns, udp, http, misc = checks.real_servers[0].checkers
    assert isinstance(dns, DnsCheck) and (dns.retry, dns.delay_before_retry_us) == (3, 7_000_000)
    assert isinstance(udp, UdpCheck) and (udp.retry, udp.delay_before_retry_us) == (1, 4_000_000)
    assert isinstance(http, HttpGet) and http.delay_before_retry_us == 3_000_000
    assert isinstance(misc, MiscCheck) and misc.retry == 0
    outer = service("delay_before_retry 2\nretry 9\nconnect_timeout 8", inside=inside + more)
    for check in of(path, outer).root.virtual_servers[0].real_servers[0].checkers:
        assert not isinstance(check, BfdCheck | FileCheck)
        assert (check.retry, check.delay_before_retry_us) == (9, 2_000_000)
    one = of(path, service("connect_timeout 8", inside="connect_timeout 6\n" + inside))
    assert [
        check.connect_timeout_us
        for check in one.root.virtual_servers[0].real_servers[0].checkers
        if isinstance(check, DnsCheck | UdpCheck | HttpGet)
    ] == [6_000_000] * 3


GROUP_LINES = {
    "10.0.0.1": GroupEntry(addrs=AddressRange(first="10.0.0.1"), port=0),
    "10.0.0.1-9 80": GroupEntry(addrs=AddressRange(first="10.0.0.1", n=9), port=80),
    "10.0.0.1-10.0.0.1 80": GroupEntry(addrs=AddressRange(first="10.0.0.1"), port=80),
    "10.0.0.0/24 80": GroupEntry(addrs=AddressRange(first="10.0.0.0", n=256), port=80),
    "10.0.0.0/8 80": GroupEntry(addrs=AddressRange(first="10.0.0.0", n=2**24), port=80),
    "fd00::/120 80": GroupEntry(addrs=AddressRange(first="fd00::", n=256), port=80),
    "10.0.0.1-10.2.0.5 80": GroupEntry(addrs=AddressRange(first="10.0.0.1", n=131077), port=80),
    "fwmark 4": GroupMark(fwmark=4),
    "fwmark 0 inet6": GroupMark(fwmark=0, family=6),
}


@pytest.mark.parametrize("line", GROUP_LINES)
def test_a_line_of_a_virtual_server_group(path: Path, line: str) -> None:
    """K-012."""
    result = of(path, f"virtual_server_group G {{\n{line}\n}}\n")
    assert result.status == 0
    assert result.root.virtual_server_groups[0].entries == (GROUP_LINES[line],)
    again = of(path, dump(result.root))
    assert again.root.virtual_server_groups[0].entries == (GROUP_LINES[line],)


BAD_GROUP_LINES = {
    "10.0.0.1 70000": 5,
    "10.0.0.1-300 80": 5,
    "10.0.0.1-1 80": 5,
    "10.0.0.9-5 80": 5,
    "10.0.0.7/24 80": 5,
    "10.0.0.0/33 80": 5,
    "10.0.0.0/0 80": 5,
    "0.0.0.0/0 80": 5,
    "10.0.0.0/ 80": 5,
    "fd00::/129 80": 5,
    "fwmark x": 5,
    "fwmark 4 foo": 5,
    "fwmark": 2,
    "foo 1": 5,
}


@pytest.mark.parametrize("line", BAD_GROUP_LINES)
def test_a_bad_line_of_a_virtual_server_group(path: Path, line: str) -> None:
    result = of(path, f"virtual_server_group G {{\n10.9.9.9 80\n{line}\n}}\n")
    assert result.status == BAD_GROUP_LINES[line]
    assert len(result.root.virtual_server_groups[0].entries) == 1


def test_lines_of_a_group_that_make_no_service_are_said(path: Path) -> None:
    group = "virtual_server_group G {\n10.0.0.1 80\nfwmark 3\n10.0.0.0/8 80\n}\n"
    result = of(path, group + service(head="group G"))
    said = [d.found for d in result.warnings]
    assert said == [
        "fwmark in virtual_server_group",
        "more than 65536 addresses in a line of virtual_server_group",
    ]
    part = checker_part(result.root)
    assert len(part.virtual_server_groups[0].entries) == 1
    assert any("2 lines" in text for text in problems(part))


def test_groups_of_clients(path: Path) -> None:
    """K-002: kept, and who names one is told that it has no effect yet."""
    groups = "deny_address_group bad {\n10.0.0.1-9\nipset:evil\n}\nallow_address_group good {\n}\n"
    result = of(path, groups + service("daddr_group_name bad\nwaddr_group_name good"))
    entries = (AddressRange(first="10.0.0.1", n=9), "evil")
    assert result.root.deny_address_groups == (
        ClientGroup(name="bad", entries=entries, place=f"{path}:1"),
    )
    assert [group.name for group in result.root.allow_address_groups] == ["good"]
    assert [d.text for d in result.diagnostics] == [
        "found daddr_group_name; not carried yet: the clients of the deny_address_group are let in",
        "found waddr_group_name; "
        "not carried yet: clients outside of the allow_address_group are let in",
    ]
    assert of(path, "deny_address_group bad {\n10.0.0.9-1\n}\n").status == 5
    assert of(path, "deny_address_group bad {\nipset:\n}\n").status == 5


def test_tunnels_and_ssl(path: Path) -> None:
    """K-003."""
    entry = "tunnel_entry t1 {\nkind gre\nremote 10.0.0.2\nlocal 10.0.0.1\nif dpdk0\n}\n"
    result = of(path, f"tunnel_group T {{\n{entry}}}\nSSL {{\nca /c\n}}\n")
    tunnel = TunnelEntry(name="t1", kind="gre", remote="10.0.0.2", local="10.0.0.1", dev="dpdk0")
    assert result.root.tunnel_groups == (
        TunnelGroup(name="T", entries=(tunnel,), place=f"{path}:1"),
    )
    assert result.root.ssl == Ssl(ca="/c")
    assert [d.text for d in result.diagnostics] == ["found tunnel_group; not carried yet, ignored"]


# name: (file, exit status, what is said begins so)
RULES = {
    "no address": ("virtual_server {\nreal_server 10.1.0.1 80 {\n}\n}\n", 2, "virtual_server with"),
    "no name": ("virtual_server_group {\n10.0.0.1 80\n}\n", 2, "virtual_server_group without"),
    "no server's address": (service("real_server {\n}"), 2, "real_server without an address"),
    "bad address": (service(head="foo 80"), 5, "'foo'"),
    "bad mark": (service(head="fwmark abc"), 5, "'abc'"),
    "mark with a protocol": (service(head="fwmark 5"), 5, "protocol in a service of a firewall"),
    "mark with a port": (
        service(head="fwmark 5", kind="DR").replace("protocol TCP\n", ""),
        5,
        "real_server 10.1.0.1 80 behind a firewall mark",
    ),
    "only a sorry server": (
        "virtual_server 10.0.0.1 80 {\nsorry_server 10.1.0.9 80\n}\n",
        5,
        "virtual_server without a real server",
    ),
    "family of the address": (service("ip_family inet6"), 5, "ip_family inet6 of 10.0.0.1"),
    "server of another family": (
        service(server="fd00::1 80"),
        5,
        "real_server fd00::1 of another family than 10.0.0.1",
    ),
    "sorry server of another family": (
        service("sorry_server fd00::1 80"),
        5,
        "sorry_server fd00::1 of another family",
    ),
    "inhibit without a sorry server": (
        service("sorry_server_inhibit"),
        5,
        "sorry_server_inhibit without sorry_server",
    ),
    "method without a sorry server": (
        service("sorry_server_lvs_method DR"),
        5,
        "sorry_server_lvs_method without sorry_server",
    ),
    "inhibit of a server that is also the sorry one": (
        service("sorry_server 10.1.0.1 80", inside="inhibit_on_failure"),
        5,
        "sorry_server 10.1.0.1 80, which is a real_server",
    ),
    "port that DR cannot change": (
        service(kind="DR", server="10.1.0.1 81"),
        5,
        "real_server 10.1.0.1 81 behind port 80",
    ),
    "sorry server's port that DR cannot change": (
        service("sorry_server 10.1.0.9 81", kind="DR"),
        5,
        "sorry_server 10.1.0.9 81 behind port 80",
    ),
    "service of all ports": (service(head="10.0.0.1"), 5, "virtual_server 10.0.0.1 without a port"),
    "group of all ports": (
        "virtual_server_group G {\n10.0.0.1\n}\n" + service(head="group G"),
        5,
        "virtual_server G without a port",
    ),
    "servers without weight": (service(inside="weight 0"), 5, "quorum 1 of servers without weight"),
    "flag of another scheduler": (service("sh-port"), 5, "sh-port with lb_algo rr"),
    "ops of TCP": (service("ops"), 5, "ops"),
    "gue without a port": (service(kind="TUN type gue"), 5, "a gue tunnel without a port"),
    "ipip with a checksum": (service(kind="TUN type ipip csum"), 5, "csum of a ipip tunnel"),
    "type without a word": (service(kind="TUN type"), 5, "the end of the line"),
    "word that is none of TUN's": (service(kind="TUN foo"), 5, "'foo'"),
    "link-local target": (
        service(inside="TCP_CHECK {\nconnect_ip fe80::1\n}"),
        5,
        "TCP_CHECK of the link-local address fe80::1 without bind_if",
    ),
    "source of another family": (
        service(inside="TCP_CHECK {\nbindto fd00::1\n}"),
        5,
        "bindto fd00::1 of another family than 10.1.0.1",
    ),
    "reply that cannot come": (
        service(inside="UDP_CHECK {\nmin_reply_length 5\nmax_reply_length 3\n}"),
        5,
        "min_reply_length 5 above max_reply_length 3",
    ),
    "page without a path": (
        service(inside="HTTP_GET {\nurl {\n}\nurl {\npath /\n}\n}"),
        5,
        "url without a path",
    ),
    "session that is nowhere": (service(inside="BFD_CHECK {\nname x\n}"), 5, "name x"),
    "file that is nowhere": (service(inside="FILE_CHECK {\ntrack_file x\n}"), 5, "track_file x"),
    # What keepalived says nothing of.
    "regex": (
        service(inside='HTTP_GET {\nurl {\npath /\nregex "a("\n}\n}'),
        0,
        "regex 'a('",
    ),
    "regex option": (
        service(inside="HTTP_GET {\nurl {\npath /\nregex_options caseless foo\n}\n}"),
        0,
        "'foo' after caseless",
    ),
    "regex offset": (
        service(inside="HTTP_GET {\nurl {\npath /\nregex_min_offset -1\n}\n}"),
        0,
        "'-1' after regex_min_offset",
    ),
    "number as a mask": (service("persistence_granularity 24"), 0, "granularity 24 of IPv4"),
    "mask with holes": (
        service("persistence_granularity 255.0.255.0"),
        0,
        "granularity 255.0.255.0",
    ),
    "label": (
        service(inside=f"DNS_CHECK {{\nname {'a' * 64}.org\n}}"),
        0,
        f"'{'a' * 64}.org' after name",
    ),
    "group twice": (
        "virtual_server_group G {\n10.0.0.1 80\n}\n" * 2,
        0,
        "virtual_server_group G a second time (first: ",
    ),
    "missing group of clients": (
        service("daddr_group_name nobody"),
        0,
        "daddr_group_name nobody",
    ),
    "local address without a route": (
        "static_ipaddress {\n10.2.0.1/24 dev dpdk0\n}\n"
        "local_address_group lips {\n10.3.0.5 dpdk0\n}\n",
        0,
        "local address 10.3.0.5 outside of all addresses and routes of dpdk0",
    ),
    "tunnel that the core has not": (
        service(kind="TUN type gre"),
        0,
        "lvs_method TUN type gre",
    ),
}


@pytest.mark.parametrize("text, status, found", RULES.values(), ids=RULES)
def test_rule(path: Path, text: str, status: int, found: str) -> None:
    result = of(path, text)
    said = [d for d in result.diagnostics if d.found.startswith(found)]
    assert len(said) == 1, [d.text for d in result.diagnostics]
    assert result.status == status, [d.text for d in result.diagnostics if d.exit_status]


RIGHT = {
    "TUN crosses families": service(kind="TUN", server="fd00::1 80"),
    "FNAT crosses families": service(
        "laddr_group_name l", head="2001:db8::1 80", kind="FNAT"
    )
    + "local_address_group l {\n10.2.0.9 dpdk0\n}\n",
    "all ports of a persistent service": service("persistence_timeout", head="10.0.0.1"),
    "mark without a protocol": service(head="fwmark 5", kind="DR", server="10.1.0.1").replace(
        "protocol TCP\n", ""
    ),
    "group of marks without a protocol": "virtual_server_group G {\nfwmark 3\n}\n"
    + service(head="group G").replace("protocol TCP\n", ""),
    "DR of a server without a port": service(kind="DR", server="10.1.0.1"),
    "local address with a route": (
        "static_ipaddress {\n10.2.0.1/24 dev dpdk0\n}\n"
        "static_routes {\n10.3.0.0/16 via 10.2.0.254 dev dpdk0\n}\n"
        "local_address_group lips {\n10.3.0.5 dpdk0\n10.2.0.9 dpdk0\n10.4.0.1 dpdk1\n}\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(path: Path, text: str) -> None:
    result = of(path, text)
    assert result.status == 0, [d.text for d in result.diagnostics]
    assert not [d.text for d in result.diagnostics if "not carried" not in d.effect]


def test_corrections(path: Path) -> None:
    """What keepalived corrects, it corrects here too."""

    (server,) = of(path, service(kind="DR", server="10.1.0.1 81")).root.virtual_servers
    assert server.real_servers[0].port == 80
    (every_port,) = of(path, service(head="10.0.0.1")).root.virtual_servers
    assert every_port.persistence_timeout_s == 360
    sorry = service("sorry_server 10.9.9.9\nsorry_server_inhibit\nsorry_server_lvs_method DR")
    stands_in = of(path, sorry).root.virtual_servers[0].sorry_server
    assert stands_in is not None
    assert (stands_in.inhibit_on_failure, stands_in.lb_kind, stands_in.port) == (True, "DR", 80)
