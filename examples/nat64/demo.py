"""Clients with IPv6 in front of servers with IPv4: script/demo nat64."""

from examples.show import scenes
from examples.show.client_address import client_address
from examples.show.example import Example, OneDirector
from examples.show.iperf import iperf
from examples.show.required import require
from examples.show.verified import verified
from tests.netns.plan import SERVERS, TWO_ARM_DIRECTOR, Plan, Role, host


def connections(stage: OneDirector) -> None:
    """A connection has a side in each family"""
    stage.tell.show("director# ipvsadm -lnc")
    rows = [line.split() for line in stage.director.tool("ipvsadm", "-lnc").splitlines()]
    ours = [row for row in rows if row[4] == f"[{stage.vip}]:80"]
    for row in ours[:3]:
        stage.tell.show("  ".join(row))
    for _, _, _, client, _, local, server in ours:
        require(client.startswith(f"[{stage.client.address}]:"), f"{client} is not the client")
        right = (*stage.example.seen_as, *(node.address for node in stage.named("servers")))
        hosts = [end.partition(":")[0] for end in (local, server)]
        require(set(hosts) <= set(right), f"{local} and {server} should be of IPv4")
    require(len(ours) > 0, "there should be some")


EXAMPLE = Example(
    name="nat64",
    about="full NAT between the families: clients with IPv6, servers with IPv4",
    plan=Plan(
        (host("client", Role.CLIENT, "wan", "2001:db8:10::48/64"), *SERVERS, TWO_ARM_DIRECTOR)
    ),
    vip="2001:db8:10::100",
    seen_as=("192.168.100.200", "192.168.100.201"),
    scenes=(
        scenes.network,
        scenes.by_hand,
        scenes.load_balancer,
        verified,
        scenes.requests,
        connections,
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
