"""Full NAT over IPv6, with what neighbour discovery has found: script/demo ipv6."""

import json
import re

from examples.show import scenes
from examples.show.client_address import client_address
from examples.show.example import Example, OneDirector
from examples.show.iperf import iperf
from examples.show.required import require
from examples.show.verified import verified
from tests.netns.plan import TWO_ARM_DIRECTOR, Plan, Role, host

SERVERS = {"rs1": "2001:db8:20::2", "rs2": "2001:db8:20::3"}


def neighbours(stage: OneDirector) -> None:
    """Neighbour discovery, as the client has it of the director, and the director of its hosts"""
    tell, vip = stage.tell, stage.vip
    tell.show(f"client$ ip -6 neighbour show {vip}")
    text = stage.client.run(["ip", "-6", "neighbour", "show", vip]).stdout
    tell.show(text)
    link = stage.director.tool("dpip", "link", "show", "dpdk1").lower()
    mac = re.search(r"lladdr (\S+)", text)
    require(mac is not None and f"addr {mac[1]}" in link, "the VIP's MAC should be dpdk1's")

    tell.show("director# dpip neigh show")
    text = stage.director.tool("dpip", "-6", "neigh", "show")
    tell.show(text)
    found = dict(re.findall(r"^ip: (\S+) +mac: (\S+)", text, re.MULTILINE))
    for name in ("client", *SERVERS):
        node = stage.net[name]
        own = json.loads(node.run(["ip", "-j", "link", "show", "eth0"]).stdout)[0]["address"]
        require(found.get(node.address) == own, f"{name} should be there, with {own}")


EXAMPLE = Example(
    name="ipv6",
    about="full NAT over IPv6: clients, servers and local addresses; neighbour discovery",
    plan=Plan(
        (
            host("client", Role.CLIENT, "wan", "2001:db8:10::48/64"),
            *(host(name, Role.SERVER, "lan", f"{addr}/64") for name, addr in SERVERS.items()),
            TWO_ARM_DIRECTOR,
        )
    ),
    vip="2001:db8:10::100",
    seen_as=("2001:db8:20::200", "2001:db8:20::201"),
    scenes=(
        scenes.network,
        scenes.by_hand,
        scenes.load_balancer,
        verified,
        scenes.requests,
        neighbours,
        client_address,
        scenes.download,
        iperf,
        scenes.ping,
        scenes.trace,
        scenes.listing,
    ),
    end=(scenes.stop,),
)

SHOW = EXAMPLE.show()
