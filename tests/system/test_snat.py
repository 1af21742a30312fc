"""SNAT for hosts without a WAN address (S-008): by hand as in the tutorial, and with keepalived."""

import re
import signal
import sys

import pytest

from tests.netns.director import Core, Director, parse_connections, parse_dests
from tests.netns.dpvs_conf import TWO_ARM as TWO_ARM_DEVICES
from tests.netns.dpvs_conf import dpvs_conf
from tests.netns.plan import TWO_ARM
from tests.netns.topology import Topology
from tests.netns.wait import until
from tests.system.snat_lab import (
    INSIDE,
    LAN_IP,
    N_PINGS,
    OUTSIDE,
    PING_ID,
    WAN_IP,
    SnatLab,
    check_everything,
)

pytestmark = pytest.mark.netns

MATCHES = {
    proto: f"proto={proto},src-range=192.168.100.0-192.168.100.254,oif=dpdk1"
    for proto in ("tcp", "udp", "icmp")
}
COMMANDS = [
    f"dpip addr add {WAN_IP}/16 dev dpdk1 sapool",
    f"dpip addr add {LAN_IP}/24 dev dpdk0",
    *(f"ipvsadm -A -s rr -H {match}" for match in MATCHES.values()),
    *(f"ipvsadm -a -H {match} -r {WAN_IP}:0 -w 100 -J" for match in MATCHES.values()),
]

HEAD = f"""
vrrp_instance VI_SNAT {{
    state MASTER
    interface dpdk0.kni
    dpdk_interface dpdk1
    virtual_router_id 124
    priority 100
    advert_int 1
    virtual_ipaddress {{
        {WAN_IP}/16
        {LAN_IP}/24 dev dpdk0
    }}
}}
"""


def block(proto: str, weight: int) -> str:
    return f"""
virtual_server match SNAT_{proto.upper()} {{
    protocol {proto.upper()}
    lb_algo wrr
    src-range 192.168.100.0-192.168.100.254
    oif dpdk1
    real_server {WAN_IP} 0 {{
        weight {weight}
    }}
}}
"""


def keepalived_conf(tcp_weight: int, *protos: str) -> str:
    weights = {"tcp": tcp_weight}
    return HEAD + "".join(block(proto, weights.get(proto, 4)) for proto in protos)


def n_lines(listing: str, pattern: str) -> int:
    return len(re.findall(pattern, listing, re.MULTILINE))


def test_by_hand() -> None:
    """F-087, F-193, behaviour 20, with one worker."""
    with Topology(TWO_ARM) as net:
        log = str(net["director"].folder / "dpvs.log")
        core = Core(net["director"], dpvs_conf(TWO_ARM_DEVICES, 1, log))
        core.start()
        core.wait_until_it_answers()
        for line in COMMANDS:
            core.tool(*line.split())
        lab = SnatLab(net, core)
        lab.start()
        check_everything(lab)

        listing = core.tool("ipvsadm", "-ln")
        assert re.findall(r"^MATCH (\w+),from=192.168.100.0-192.168.100.254,oif=dpdk1 rr$",
                          listing, re.MULTILINE) == list(MATCHES)  # fmt: skip
        rows = parse_dests(listing)
        assert [(row.server, row.weight) for row in rows] == [(f"{WAN_IP}:0", 100)] * 3
        assert [row.active + row.inactive > 0 for row in rows] == [True] * 3
        _check_counters(core)
        conns = core.tool("ipvsadm", "-lnc")
        assert n_lines(conns, rf"^\[\d+\]icmp .*{INSIDE[0]}.*{OUTSIDE}.*{WAN_IP}") == 1, conns
        saved = core.tool("ipvsadm", "-S", "-n")
        core.tool("ipvsadm", "-C")
        assert lab.hosts[0].run(["curl", "-sm1", f"http://{OUTSIDE}"], check=False).returncode
        core.node.run(["ipvsadm", "-R"], stdin=saved)
        assert core.tool("ipvsadm", "-S", "-n") == saved
        assert lab.pages() == {WAN_IP}
        assert core.stop() == 0


def _check_counters(core: Core) -> None:
    """F-087: "in" is what comes from the world; the downloads came in."""
    stats = core.tool("ipvsadm", "-ln", "--stats", "--exact").splitlines()
    at = next(n for n, line in enumerate(stats) if line.startswith("MATCH tcp"))
    conns, in_pkts, out_pkts, in_bytes, out_bytes = map(int, stats[at + 1].split()[2:])
    assert conns == 6 and min(in_pkts, out_pkts) > conns
    assert in_bytes > 10_000_000 > out_bytes
    core.tool("ipvsadm", "-Z", "-H", MATCHES["tcp"])
    after = core.tool("ipvsadm", "-ln", "--stats", "--exact", "-H", MATCHES["tcp"])
    assert after.splitlines()[-1].split()[2:] == ["0"] * 5
    assert parse_connections(after)[f"{WAN_IP}:0"] == 0


def test_with_keepalived() -> None:
    """S-008: three workers; a reload changes what it says; a killed core is programmed again."""
    with Topology(TWO_ARM) as net:
        log = str(net["director"].folder / "dpvs.log")
        conf = dpvs_conf(TWO_ARM_DEVICES, 3, log)
        director = Director(net["director"], keepalived_conf(9, "tcp", "udp", "icmp"), conf)
        lab = SnatLab(net, director)
        lab.start()
        director.start()
        _wait_for(director, [9, 4, 4])
        check_everything(lab)

        _reload(director, keepalived_conf(7, "udp", "tcp", "icmp"), [4, 7, 4])
        assert lab.pages() == {WAN_IP}
        _reload(director, keepalived_conf(7, "tcp", "icmp"), [7, 4])
        assert [said.split()[0] for said in lab.knocks()] == ["silence"] * 2
        old_pid = director.dpvs_pid()
        director.kill_dpvs(signal.SIGKILL)
        director.wait_for_another_dpvs(old_pid)
        _wait_for(director, [7, 4])
        assert lab.pages() == {WAN_IP}
        assert director.stop() == 0


def _reload(director: Director, conf: str, weights: list[int]) -> None:
    director.keepalived_conf.write_text(conf, encoding="utf-8")
    pid = int((director.node.folder / "run/keepalived.pid").read_text())
    director.node.run(["kill", "-HUP", str(pid)])
    _wait_for(director, weights)


def _wait_for(director: Director, weights: list[int]) -> None:
    """Until the match services' WAN addresses have these weights, in the order of the file, and
    the addresses are there."""

    def there() -> bool:
        director.require_running()
        return [dest.weight for dest in director.dests()] == weights

    until(f"weights {weights}", there, 20)
    director.wait_for_address(WAN_IP)
    director.wait_for_address(LAN_IP)


LAN6, WAN6, OUTSIDE6 = "fd00:100::1", "2001:db8:a::100", "2001:db8:a::48"
INSIDE6 = ("fd00:100::2", "fd00:100::3")
COMMANDS6 = [
    f"dpip addr add {WAN6}/64 dev dpdk1 nodad",
    f"dpip addr add {LAN6}/64 dev dpdk0 nodad",
    "ipvsadm -A -s rr -H af=ipv6,iif=dpdk0",
    f"ipvsadm -a -H af=ipv6,iif=dpdk0 -r [{WAN6}]:0 -J",
]


def test_ipv6_by_hand() -> None:
    """F-087 over IPv6: TCP and echo requests of two hosts at once; three workers, one service."""
    with Topology(TWO_ARM) as net:
        log = str(net["director"].folder / "dpvs.log")
        core = Core(net["director"], dpvs_conf(TWO_ARM_DEVICES, 3, log))
        core.start()
        core.wait_until_it_answers()
        for line in COMMANDS6:
            core.tool(*line.split())
        lab = SnatLab(net, core)
        for host, addr in zip(lab.hosts, INSIDE6, strict=True):
            host.run(["ip", "address", "add", f"{addr}/64", "dev", "eth0", "nodad"])
            host.run(["ip", "route", "add", "default", "via", LAN6])
        outside = lab.outside
        outside.run(["ip", "address", "add", f"{OUTSIDE6}/64", "dev", "eth0", "nodad"])
        argv = [sys.executable, "-u", "-m", "http.server", "80", "--bind", OUTSIDE6]
        server = outside.start([*argv, "--directory", str(outside.folder / "tmp")], "http.log")
        server.wait_for_log("Serving HTTP", 10)

        lab.at_once(["curl", "-sf", "-m5", f"http://[{OUTSIDE6}]/"])
        seen = re.findall(r'^(\S+) - - .*"GET / HTTP', server.log_text(), re.MULTILINE)
        assert seen == [WAN6, WAN6]
        pings = lab.at_once(f"ping -n -e {PING_ID} -c {N_PINGS} -i 0.1 -W 2 {OUTSIDE6}".split())
        assert [f"{N_PINGS} received" in said for said in pings] == [True, True]
        refused = [host.run(["curl", "-sm5", f"http://[{OUTSIDE6}]:9/"], check=False).returncode
                   for host in lab.hosts]  # fmt: skip
        assert refused == [7, 7]
        assert core.tool("ipvsadm", "-ln").splitlines()[-2] == "MATCH any,af=ipv6,iif=dpdk0 rr"
        conns = core.tool("ipvsadm", "-lnc")
        for addr in INSIDE6:
            assert n_lines(conns, rf"^\[\d+\]icmpv6 .*{addr}.*{OUTSIDE6}") == 1, conns
        assert core.stop() == 0
