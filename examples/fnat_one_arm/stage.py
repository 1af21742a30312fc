"""What the scenes stand on: one director with the tutorial's file."""

from pathlib import Path

from examples.show.stage import Stage
from examples.show.teller import Teller
from tests.netns.director import Director, sample
from tests.netns.topology import Topology

HERE = Path(__file__).resolve().parent
KEEPALIVED_CONF = "keepalived.conf.fnat-onearm.sample"


class OneArm(Stage):
    def __init__(self, net: Topology, tell: Teller) -> None:
        super().__init__(net, tell)
        dpvs_conf = (HERE / "dpvs.conf").read_text(encoding="utf-8")
        self.director = Director(net["director"], sample(KEEPALIVED_CONF), dpvs_conf)
        self.directors["director"] = self.director
