"""Two hosts inside that reach one outside through SNAT: real programs, and what each saw."""

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.netns import udp_echo, udp_knock, udp_load
from tests.netns.director import Core
from tests.netns.node import Node, module_command
from tests.netns.topology import Topology
from tests.netns.webserver import WebServer

LAN_IP, WAN_IP, OUTSIDE = "192.168.100.1", "10.0.0.100", "10.0.0.48"
INSIDE = ("192.168.100.2", "192.168.100.3")
UDP_PORT, CLOSED_PORT = 7, 9
PING_ID = 4711
N_PINGS = 5


class SnatLab:
    """The servers of the two-armed network are the hosts inside, its client is the world, which has
    no route to them."""

    def __init__(self, net: Topology, core: Core) -> None:
        self.net, self.core = net, core
        self.hosts = [net["rs1"], net["rs2"]]
        self.outside = net["client"]
        self.file = net.folder / "file"

    def director_log(self) -> str:
        return self.core.log

    def start(self) -> None:
        """The hosts' default route leads through the director; the world serves."""
        for host in self.hosts:
            host.run(["ip", "route", "add", "default", "via", LAN_IP])
        self.file.write_bytes(bytes(range(256)) * 20_000)
        WebServer(self.outside, self.file).start()
        echo = self.outside.start_module(udp_echo, self.outside.address, str(UDP_PORT))
        echo.wait_for_log("ready\n", 5)
        self._watch = self.outside.start(
            ["tcpdump", "-i", "eth0", "-nlU", "not arp and not ip6"], "seen"
        )
        self._watch.wait_for_log("listening on", 5)

    def at_once(self, argv: Sequence[str]) -> list[str]:
        """The command on both hosts at the same time; what each wrote."""

        def run(host: Node) -> str:
            return host.run(argv).stdout

        with ThreadPoolExecutor(len(self.hosts)) as pool:
            return list(pool.map(run, self.hosts))

    def pages(self) -> set[str]:
        """Which client the web server saw."""
        pages = self.at_once(["curl", "-sf", "-m5", f"http://{OUTSIDE}/"])
        return {page.split(" : ")[1].rpartition(":")[0] for page in pages}

    def downloads(self) -> list[bool]:
        """Whether the file came whole."""
        url = f"http://{OUTSIDE}/file"
        argv = ["sh", "-c", f"curl -sf -m30 {url} | cmp - {self.file} && echo same"]
        return [said == "same\n" for said in self.at_once(argv)]

    def datagrams(self) -> list[dict[str, int]]:
        """What udp_load says."""
        words = (OUTSIDE, str(UDP_PORT), "200", "1", "20")
        return [json.loads(said) for said in self.at_once(module_command(udp_load, *words))]

    def pings(self) -> list[int]:
        """Answers; both hosts ask under one id."""
        words = f"ping -n -e {PING_ID} -c {N_PINGS} -i 0.1 -W 2 {OUTSIDE}"
        return [int(re.findall(r"(\d+) received", said)[0]) for said in self.at_once(words.split())]

    def knocks(self) -> list[str]:
        """Of a UDP port where nobody listens."""
        return self.at_once(module_command(udp_knock, OUTSIDE, str(CLOSED_PORT)))

    def refused(self) -> list[int]:
        """curl's status for a TCP port where nobody listens: 7 is refused, 28 no answer."""
        argv = ["curl", "-s", "-m5", f"http://{OUTSIDE}:{CLOSED_PORT}/"]
        return [host.run(argv, check=False).returncode for host in self.hosts]

    def seen_outside(self) -> set[str]:
        """Addresses of all packets that came to the world or left it."""
        found = re.findall(r"IP (\S+) > (\S+):", self._watch.log_text())
        return {".".join(end.split(".")[:4]) for pair in found for end in pair}

    def echo_ids(self) -> set[int]:
        """Under which ids the world was asked."""
        return set(map(int, re.findall(r"echo request, id (\d+)", self._watch.log_text())))


def check_everything(lab: SnatLab) -> None:
    """TCP, UDP and ICMP from both hosts at once; errors come back to the right one."""
    assert lab.pages() == {WAN_IP}
    assert lab.downloads() == [True, True]
    for said in lab.datagrams():
        assert said["sent"] == 200 and said["lost"] == said["foreign"] == said["doubled"] == 0
    assert lab.pings() == [N_PINGS, N_PINGS]
    assert len(lab.echo_ids()) == 2
    about = f"about {OUTSIDE}:{CLOSED_PORT}"
    assert lab.knocks() == [f"refused by {OUTSIDE}, {about}\n"] * 2
    assert lab.refused() == [7, 7]
    assert lab.seen_outside() == {WAN_IP, OUTSIDE}
