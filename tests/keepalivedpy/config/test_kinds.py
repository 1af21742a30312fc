"""Kinds of mistakes, each once, with the exit status that upstream's `keepalived -t` gives."""

import os
import pwd
from pathlib import Path

import pytest

from keepalivedpy.config import check_mail, scripts
from keepalivedpy.config.load import LoadResult, load

N_CPUS = os.sysconf("SC_NPROCESSORS_ONLN")
VIP = "virtual_ipaddress {\n10.0.0.1\n}\n"
INSTANCE = f"vrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\n%s{VIP}}}\n"
ADDRESS = INSTANCE.replace("10.0.0.1", "%s").replace("1\n%s", "1\n", 1)
SERVER = "real_server 10.0.0.2 80 {\n%s}\n"
SERVICE = f"virtual_server 10.0.0.1 80 {{\nprotocol TCP\nlb_algo rr\n%s{SERVER}}}\n"
MISC = SERVICE % ("lb_kind NAT\n", "MISC_CHECK {\nmisc_path /bin/sh\n%s}\n")


def of_globals(lines: str) -> str:
    return f"global_defs {{\n{lines}\n}}\n" + INSTANCE % ""


def of_lines(block: str, line: str) -> str:
    return INSTANCE % f"{block} {{\n{line}\n}}\n"


def of_delays(line: str) -> str:
    return f"interface_up_down_delays {{\n{line}\n}}\n" + INSTANCE % ""


KINDS: dict[str, tuple[str, int]] = {
    "a pipe twice": (of_globals("notify_fifo /a\nnotify_fifo /b"), 5),
    "its script twice": (of_globals("notify_fifo_script /a/x\nnotify_fifo_script /b/x"), 5),
    "a startup script twice": (of_globals("startup_script /a/x\nstartup_script /a/x"), 5),
    "a startup script of nobody": (of_globals("startup_script /a/x no-such-user"), 5),
    "a pipe's script of nobody": (of_globals("notify_fifo_script /a/x no-such-user"), 0),
    "a prefix twice": (of_globals("vmac_prefix a\nvmac_prefix a"), 5),
    "a table twice": (of_globals("nftables_ipvs a\nnftables_ipvs a"), 5),
    "two words for one": (of_globals("snmp_socket a b"), 5),
    "a dump file and more": (of_globals("state_dump_file /a b"), 5),
    "a dump file without a path": (of_globals("state_dump_file"), 5),
    "a CPU that is not there": (of_globals(f"vrrp_cpu_affinity {N_CPUS}"), 5),
    "the last CPU": (of_globals(f"vrrp_cpu_affinity {N_CPUS - 1}"), 0),
    "an unknown check of includes": (of_globals("include_check readable"), 5),
    "two checks of includes": (of_globals("include_check read match"), 5),
    "a check of includes and one more": (of_globals("include_check read +match"), 0),
    "a word behind the time": (of_globals("vrrp_garp_extra_if all 5 x"), 5),
    "a sync daemon of no instance": (of_globals("lvs_sync_daemon eth0"), 0),
    "an instance of the program twice": ("instance a\ninstance b\n" + INSTANCE % "", 5),
    "a group without a pace": ("garp_group {\ninterface eth0\n}\n" + INSTANCE % "", 5),
    "an empty track_group": ("track_group g {\ngroup {\n}\n}\n" + INSTANCE % "", 5),
    "a script without name and block": ("vrrp_script\n" + INSTANCE % "", 2),
    "a member twice": ("vrrp_sync_group G {\ngroup {\nV\nV\n}\n}\n" + INSTANCE % "", 5),
    "an unknown interface's delay": (of_delays("eth9 5"), 4),
    "an interface without delay": (of_delays("eth0"), 0),
    "a delay with a fraction": (of_delays("eth0 1.5 0.5"), 0),
    "a name with a slash": (INSTANCE % "use_vmac a/b\n", 5),
    "owner_ignore_adverts of no owner": (INSTANCE % "owner_ignore_adverts\n", 5),
    "owner_ignore_adverts of the owner": (INSTANCE % "priority 255\nowner_ignore_adverts\n", 0),
    "brd of IPv6": (ADDRESS % "2001:db8::1/64 brd +", 5),
    "brd of the other family": (ADDRESS % "10.0.0.1/24 brd fe80::1", 5),
    "brd of a small network": (ADDRESS % "10.0.0.1/31 brd +", 5),
    "brd and peer": (ADDRESS % "10.0.0.1 peer 10.0.0.2 brd 10.0.0.3", 5),
    "a peer of a network": (ADDRESS % "10.0.0.1/24 peer 10.0.0.2", 5),
    "a peer of the other family": (ADDRESS % "10.0.0.1 peer fe80::1", 5),
    "a peer": (ADDRESS % "10.0.0.1 peer 10.0.0.2", 0),
    "a label of IPv6": (ADDRESS % "2001:db8::1/64 label eth0:1", 5),
    "a scope of IPv6": (ADDRESS % "2001:db8::1/64 scope link", 5),
    "a slash and no length": (ADDRESS % "10.0.0.1/ dev eth0", 0),
    "a route cut off": (of_lines("virtual_routes", "10.1.0.0/16 dev"), 2),
    "a type alone": (of_lines("virtual_routes", "blackhole"), 2),
    "a route of both families": (of_lines("virtual_routes", "10.1.0.0/16 via fe80::1 dev eth0"), 5),
    "an old word of routes": (of_lines("virtual_routes", "10.1.0.0/16 gw 10.0.0.9 dev eth0"), 5),
    "too many hops": (of_lines("virtual_routes", "10.1.0.0/16 dev eth0 hoplimit 256"), 5),
    "pref of IPv4": (of_lines("virtual_routes", "10.1.0.0/16 dev eth0 pref low"), 5),
    "a protocol that is tracked": (
        of_lines("virtual_routes", "10.1.0.0/16 dev eth0 protocol static"), 5,
    ),
    "a protocol that is not": (
        of_lines("virtual_routes", "10.1.0.0/16 dev eth0 protocol static no_track"), 0,
    ),
    "a rule cut off": (of_lines("virtual_rules", "from 10.0.0.1 table"), 2),
    "a rule of both families": (
        of_lines("virtual_rules", "from fd00::/8 to 10.0.0.1 table 5 priority 1"), 5,
    ),
    "table 0": (of_lines("virtual_rules", "from 10.0.0.1 table 0 priority 1"), 5),
    "two actions": (of_lines("virtual_rules", "l3mdev table 5 priority 1"), 5),
    "a jump back": (of_lines("virtual_rules", "from 10.0.0.1 goto 5 priority 5"), 5),
    "a jump": (of_lines("virtual_rules", "from 10.0.0.1 goto 6 priority 5"), 0),
    "a rule's protocol by name": (
        of_lines("virtual_rules", "protocol static table 5 priority 1"), 5,
    ),
    "a rule of an unknown interface": (
        of_lines("virtual_rules", "iif eth9 table 5 priority 1"), 5,
    ),
    "reverse of nothing": (of_lines("track_interface", "eth1 reverse 5"), 5),
    "two weights": (of_lines("track_interface", "eth1 weight 2 weight 3"), 5),
    "noreverse": (of_lines("track_interface", "eth1 weight 2 noreverse"), 5),
    "the largest weight and one": (of_lines("track_interface", "eth1 weight 254"), 5),
    "the largest weight": (of_lines("track_interface", "eth1 weight 253"), 0),
    "the own interface with a weight": (of_lines("track_interface", "eth0 weight 5"), 5),
    "a peer with a length": (of_lines("unicast_peer", "10.0.0.9/24"), 0),
    "no TTL that fits": (of_lines("unicast_peer", "10.0.0.9 min_ttl 9 max_ttl 5"), 5),
    "a kind of its own": (SERVICE % ("", "lvs_method NAT\n"), 0),
    "no kind at all": (SERVICE % ("", ""), 5),
    "NAT and more": (SERVICE % ("lb_kind NAT more\n", ""), 5),
    "a check's script": (MISC % "", 6),
    "a check's script of nobody": (MISC % "user no-such-user\n", 5),
    "a script in an unknown block": ("unknown {\nscript /bin/sh\n}\n" + INSTANCE % "", 5),
    "a script where none is known": (INSTANCE % "script /bin/sh\n", 5),
    "a word behind a script": (
        "vrrp_script s {\nscript /bin/sh no-such-user\n}\n" + INSTANCE % "", 6,
    ),
    "a script of a file without instance": ("vrrp_script s {\nscript /bin/sh\n}\n", 0),
    "a script of a block that does not end": (
        INSTANCE % "" + "vrrp_script s {\nscript /bin/sh\n", 6,
    ),
}  # fmt: skip


def of(tmp_path: Path, text: str) -> LoadResult:
    path = tmp_path / "keepalived.conf"
    path.write_text(text)
    return load(str(path), config_id="main", interfaces=("lo", "eth0", "eth1"))


@pytest.mark.parametrize("text, status", KINDS.values(), ids=KINDS)
def test_the_exit_status(
    tmp_path: Path, text: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts.shutil, "which", lambda name: name if name == "/bin/sh" else None)
    result = of(tmp_path, text)
    assert result.status == status, result.diagnostics
    for one in result.diagnostics:
        if one.exit_status:
            assert 0 < one.place.line <= text.count("\n") + 1
            assert one.text


def test_a_mail_server_without_address_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {b"mail.example", b"192.0.2.1"}

    def resolve(host: bytes, port: str) -> list[str]:
        if host not in known:
            raise OSError("no such name")
        return [port]

    monkeypatch.setattr(check_mail.socket, "getaddrinfo", resolve)
    for lines, status in (
        ("smtp_server mail.example", 0),
        ("smtp_server other.example", 5),
        ("smtp_server 192.0.2.1 25", 0),
        ("smtp_server 192.0.2.1\nsmtp_server other.example", 0),
    ):
        assert of(tmp_path, of_globals(lines)).status == status, lines


def test_what_is_amended_counts(tmp_path: Path) -> None:
    result = of(tmp_path, ADDRESS % "2001:db8::1/64 label eth0:1")
    (vip,) = result.root.vrrp_instances[0].virtual_ipaddress
    assert (vip.addr, vip.label) == ("2001:db8::1", None)


def test_the_user_of_these_tests_exists() -> None:
    """Else the cases of nobody would prove nothing."""
    assert scripts.unknown_user(scripts.ScriptUser(pwd.getpwuid(0).pw_name)) == ""
