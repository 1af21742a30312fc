"""Two arms by hand: the commands of the DPVS tutorial's first example, one after another."""

import pytest

from tests.netns.director import Core, parse_dests
from tests.netns.dpvs_conf import TWO_ARM as TWO_ARM_DEVICES
from tests.netns.dpvs_conf import dpvs_conf
from tests.netns.plan import TWO_ARM
from tests.netns.topology import Topology
from tests.netns.webserver import WebServer

pytestmark = pytest.mark.netns

COMMANDS = """\
dpip addr add 10.0.0.100/32 dev dpdk1
dpip route add 10.0.0.0/16 dev dpdk1
dpip route add 192.168.100.0/24 dev dpdk0
ipvsadm -A -t 10.0.0.100:80 -s rr
ipvsadm -a -t 10.0.0.100:80 -r 192.168.100.2 -b
ipvsadm -a -t 10.0.0.100:80 -r 192.168.100.3 -b
ipvsadm --add-laddr -z 192.168.100.200 -t 10.0.0.100:80 -F dpdk0
"""

PAGES = {f"Your ip:port : 192.168.100.200  server {name}" for name in ("rs1", "rs2")}


def test_tutorial_by_hand() -> None:
    with Topology(TWO_ARM) as net:
        for name in ("rs1", "rs2"):
            WebServer(net[name]).start()
        log = str(net["director"].folder / "dpvs.log")
        core = Core(net["director"], dpvs_conf(TWO_ARM_DEVICES, 2, log))
        core.start()
        core.wait_until_it_answers()
        for line in COMMANDS.splitlines():
            core.tool(*line.split())

        pages = [net["client"].run(["curl", "-s", "-m3", "http://10.0.0.100/"]) for _ in range(4)]
        assert {_without_port(page.stdout) for page in pages} == PAGES
        listed = parse_dests(core.tool("ipvsadm", "-ln"))
        listed_hosts = [dest.server.split(":")[0] for dest in listed]
        assert listed_hosts == ["192.168.100.2", "192.168.100.3"]
        addresses = core.tool("dpip", "addr", "show")
        assert "inet 10.0.0.100/32 scope global dpdk1" in addresses
        assert "inet 192.168.100.200/32 scope global dpdk0" in addresses
        routes = core.tool("dpip", "route", "show")
        assert "inet 10.0.0.0/16 via 0.0.0.0 src 0.0.0.0 dev dpdk1" in routes
        assert core.stop() == 0


def _without_port(page: str) -> str:
    """`... : 192.168.100.200:1025  server rs1` without the port."""
    before, _, rest = page.strip().rpartition(":")
    return f"{before}  {rest.partition('  ')[2]}"
