"""The show of one director in front of two web servers.

script/demo single [--keep | --remove]
"""

from examples.fnat_one_arm import scenes
from examples.fnat_one_arm.stage import OneArm
from examples.show.program import Show
from tests.netns.plan import ONE_ARM

KEEP_TEXT = """
It is still running. To poke at it:

    client      ip netns exec {name}-client curl http://{vip}/
                ip netns exec {name}-client ping {vip}
    director    export DPVS_IPC_FILE={folder}/director/run/dpvs.ipc
                .venv/bin/ipvsadm -ln --stats      .venv/bin/dpip link show
                .venv/bin/ipvsadm -lnc             .venv/bin/dpip drops
    kernel port ip netns exec {name}-director tcpdump -ni dpdk0.kni
    servers     ip netns exec {name}-rs1 tcpdump -nvi eth0 port 80
    log         tail -f {folder}/director/keepalived.log
    files       {folder}/director/keepalived.conf, dpvs.conf
"""

SHOW = Show(
    name="single",
    about="full NAT, one director in the network of clients and servers; a server stops, returns",
    plan=ONE_ARM,
    stage=OneArm,
    scenes=scenes.SCENES,
    end=(scenes.stop,),
    keep_text=KEEP_TEXT,
)
