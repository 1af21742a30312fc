"""Direct routing: servers answer clients themselves. script/demo dr."""

import json

from examples.show import scenes, who_has
from examples.show.example import Example, OneDirector
from examples.show.iperf import iperf
from examples.show.one_way import watched_download
from examples.show.required import require
from tests.netns.node import module_command
from tests.netns.plan import ONE_ARM

VIP = "192.168.100.254"


def owner(stage: OneDirector) -> None:
    """All have the VIP, and the director alone says so"""
    words = ("eth0", stage.client.address, VIP)
    done = stage.client.run(module_command(who_has, *words))
    macs = json.loads(done.stdout)[VIP]
    link = json.loads(stage.director.node.run(["ip", "-j", "link", "show", "wire0"]).stdout)
    stage.tell.say(
        f"the client asks the network (ARP) who has {VIP}: {', '.join(macs) or 'nobody'}"
    )
    require(macs == [link[0]["address"]], "the director alone should answer")
    for name in stage.servers:
        held = stage.net[name].run(["ip", "-br", "address", "show", "lo"]).stdout.strip()
        stage.tell.show(f"{name}$ ip -br address show lo\n{held}")
        require(f"{VIP}/32" in held, f"{name} should have it too")


def answers_pass_by(stage: OneDirector) -> None:
    """A file of 10 MB, of which nothing passes the director"""
    watched_download(stage, "tcp port 80")


EXAMPLE = Example(
    name="dr",
    about="direct routing, the servers answer the clients themselves",
    plan=ONE_ARM,
    vip=VIP,
    iperf_address=VIP,
    scenes=(
        scenes.network,
        scenes.by_hand,
        scenes.load_balancer,
        owner,
        scenes.requests,
        answers_pass_by,
        iperf,
        scenes.ping,
        scenes.trace,
        scenes.listing,
    ),
    end=(scenes.stop,),
)

SHOW = EXAMPLE.show()
