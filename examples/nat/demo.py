"""NAT, the servers' gateway being the director: script/demo nat."""

from examples.show import scenes
from examples.show.example import Example, OneDirector
from examples.show.iperf import iperf
from examples.show.required import require
from examples.show.wire import crossing, ends
from tests.netns.plan import ONE_ARM_DIRECTOR, SERVERS, Cable, NodePlan, Plan, Role, host

VIP, CLIENT, ROUTER = "192.168.100.254", "10.0.0.48", "10.0.0.1"

PLAN = Plan(
    (
        host("client", Role.CLIENT, "wan", f"{CLIENT}/16"),
        NodePlan(
            "router",
            Role.ROUTER,
            (Cable("eth0", "wan", f"{ROUTER}/16"), Cable("eth1", "lan", "192.168.100.9/24")),
        ),
        *SERVERS,
        ONE_ARM_DIRECTOR,
    )
)


def both_ways(stage: OneDirector) -> None:
    """What the director changes: the destination on the way in, the source on the way out"""
    lines = crossing(stage, f"host {CLIENT} and tcp port 80", lambda: stage.get(scenes.ANSWER_S))
    stage.tell.show("switch# tcpdump -nq port 80      (on the director's cable; the first four)")
    stage.tell.show("\n".join(lines[:4]))
    ways = {ends(line)[0] for line in lines}
    (server,) = {to for _, to in ways} - {VIP, CLIENT}
    wanted = {(CLIENT, VIP), (CLIENT, server), (server, CLIENT), (VIP, CLIENT)}
    require(ways == wanted, f"there should have been {wanted}, and there was {ways}")
    stage.tell.say(f"client -> VIP became client -> {server}, and the answer the reverse")


EXAMPLE = Example(
    name="nat",
    about="NAT, the director is the servers' gateway",
    plan=PLAN,
    vip=VIP,
    trace_echo=(ROUTER, VIP),
    trace_service=(ROUTER, VIP),
    scenes=(
        scenes.network,
        scenes.by_hand,
        scenes.load_balancer,
        scenes.requests,
        both_ways,
        scenes.download,
        iperf,
        scenes.ping,
        scenes.trace,
        scenes.listing,
    ),
    end=(scenes.stop,),
)

SHOW = EXAMPLE.show()
