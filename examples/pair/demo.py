"""The show of two directors, of which one dies.

script/demo [pair] [--keep | --remove]
"""

from examples.pair import scenes
from examples.pair.stage import Pair
from examples.show.program import Show
from tests.netns.plan import PAIR

KEEP_TEXT = """
It is still running. To poke at it:

    client      ip netns exec {name}-client curl http://{vip}/
    directors   export DPVS_IPC_FILE={folder}/director1/run/dpvs.ipc     (or director2)
                .venv/bin/ipvsadm -ln      .venv/bin/dpip addr show
    adverts     ip netns exec {name}-director2 tcpdump -ni dpdk0.kni vrrp
    failure     kill -9 $(ip netns pids {name}-director1)
    logs        tail -f {folder}/director?/keepalived.log
    files       {folder}/director?/keepalived.conf, dpvs.conf
"""

SHOW = Show(
    name="pair",
    about="full NAT, two directors: the master dies, the backup takes over, the master returns",
    plan=PAIR,
    stage=Pair,
    scenes=scenes.SCENES,
    end=(scenes.stop,),
    keep_text=KEEP_TEXT,
)
