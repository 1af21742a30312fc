"""IP in IP to servers behind a router, which answer clients themselves: script/demo tunnel."""

from examples.show import scenes
from examples.show.example import START_TIMEOUT_S, Example, OneDirector
from examples.show.iperf import iperf
from examples.show.one_way import watched_download
from examples.show.required import require
from examples.show.wire import ends
from tests.netns import decapsulate
from tests.netns.node import Node
from tests.netns.plan import ONE_ARM_DIRECTOR, Cable, NodePlan, Plan, Role, host

VIP, OWN, ROUTER = "192.168.100.254", "192.168.100.1", "192.168.100.9"
CHECKS_FROM = "192.168.100.28"  # the kernel port
DEVICE = "tunl0"

PLAN = Plan(
    (
        host("client", Role.CLIENT, "lan", "192.168.100.146/24"),
        NodePlan(
            "router",
            Role.ROUTER,
            (Cable("eth0", "lan", f"{ROUTER}/24"), Cable("eth1", "far", "192.168.200.1/24")),
        ),
        host("rs1", Role.SERVER, "far", "192.168.200.2/24"),
        host("rs2", Role.SERVER, "far", "192.168.200.3/24"),
        ONE_ARM_DIRECTOR,
    )
)


def tunnel_ends(stage: OneDirector) -> None:
    """Who takes packets out of the tunnel on the servers"""
    servers = [stage.net[name] for name in stage.servers]
    if all(has_device(server) for server in servers):
        stage.tell.say(f"the kernel: it has {DEVICE} (module ipip)")
        return
    stage.tell.say(f"this kernel has no {DEVICE}; on Debian's, modprobe ipip gives it")
    stage.tell.say("tests/netns/decapsulate.py does it instead, a program on each server")
    for server in servers:
        server.start_module(decapsulate, DEVICE).wait_for_log("ready\n", START_TIMEOUT_S)


def has_device(server: Node) -> bool:
    return server.run(["ip", "link", "show", DEVICE], check=False).returncode == 0


def packets_in_packets(stage: OneDirector) -> None:
    """A file of 10 MB: the questions leave the director in a tunnel, no answer comes there"""
    lines = watched_download(stage, f"(tcp port 80 or ip proto 4) and not host {CHECKS_FROM}")
    asked = next(line for line in lines if len(ends(line)) == 1)
    tunnelled = next(line for line in lines if len(ends(line)) == 2)
    stage.tell.show(f"{asked}\n{tunnelled}")
    question = (stage.client.address, VIP)
    servers = {stage.net[name].address for name in stage.servers}
    pairs = [ends(line) for line in lines]
    outer = {pair[0] for pair in pairs if len(pair) == 2}
    require({pair[-1] for pair in pairs} == {question}, "there should be questions only")
    require(
        len(outer) == 1 and outer <= {(OWN, server) for server in servers},
        f"tunnels should go from {OWN} to one of {servers}: {outer}",
    )
    n_tunnelled = sum(len(pair) == 2 for pair in pairs)
    require(2 * n_tunnelled == len(pairs), "each question should be tunnelled once")


def room(stage: OneDirector) -> None:
    """The client has learnt how much fits into a tunnel"""
    argv = ["ip", "route", "get", VIP]
    said = stage.client.run(argv).stdout
    stage.tell.show(f"client$ {' '.join(argv)}\n{said}")
    require(" mtu 1480" in said, "20 of 1500 bytes should be the tunnel's")
    stage.tell.say("its first long packets came back with an ICMP error, fragmentation needed")


def trace(stage: OneDirector) -> None:
    """The way as traceroute sees it, as far as there is a way"""
    tell = stage.tell
    require(scenes.traceroute(stage, "-I") == [VIP], "the VIP should answer")
    hops = scenes.traceroute(stage, "-T", "-p80")
    require(hops == [f"{VIP} !H"], "a packet whose time ends in the tunnel should be reported")
    tell.say("its time ended in the tunnel, which is no hop of the client's: the director says")
    tell.say("that the host was not reached (RFC 2003 section 4). With one more it arrives:")
    hops = scenes.traceroute(stage, "-T", "-p80", "-f2")
    require(hops == [VIP], "a server should answer")


EXAMPLE = Example(
    name="tunnel",
    about="IP in IP to servers in another network, which answer the clients themselves",
    plan=PLAN,
    vip=VIP,
    iperf_address=VIP,
    scenes=(
        tunnel_ends,
        scenes.network,
        scenes.by_hand,
        scenes.load_balancer,
        scenes.requests,
        packets_in_packets,
        iperf,
        room,
        scenes.ping,
        trace,
        scenes.listing,
    ),
    end=(scenes.stop,),
)

SHOW = EXAMPLE.show()
