"""Full NAT with clients on one side and servers on the other: script/demo fnat_two_arm."""

from examples.show import scenes
from examples.show.example import Example
from examples.show.iperf import iperf
from tests.netns.plan import TWO_ARM

EXAMPLE = Example(
    name="fnat_two_arm",
    about="full NAT, one director between clients and servers",
    plan=TWO_ARM,
    vip="10.0.0.100",
    seen_as=("192.168.100.200", "192.168.100.201"),
    scenes=(
        scenes.network,
        scenes.by_hand,
        scenes.load_balancer,
        scenes.requests,
        scenes.download,
        iperf,
        scenes.ping,
        scenes.trace,
        scenes.listing,
    ),
    end=(scenes.stop,),
)

SHOW = EXAMPLE.show()
