"""SNAT for hosts without an address of the world: script/demo snat."""

import re
from concurrent.futures import ThreadPoolExecutor

from examples.show import scenes
from examples.show.answer import ask
from examples.show.example import Example, OneDirector
from examples.show.iperf import iperf
from examples.show.required import require
from tests.netns.node import Node
from tests.netns.plan import TWO_ARM_DIRECTOR, Cable, NodePlan, Plan, Role, host
from tests.netns.wait import until

WAN, GATEWAY, SERVER, ROUTER = "203.0.113.9", "192.168.100.1", "198.51.100.80", "203.0.113.1"
N_SERVICES, N_PINGS, PING_ID, NOBODY = 3, 3, 4711, 9
ECHO = re.compile(r"IP (\S+) > \S+: ICMP echo request, id (\d+)")

PLAN = Plan(
    (
        host("client1", Role.CLIENT, "lan", "192.168.100.2/24"),
        host("client2", Role.CLIENT, "lan", "192.168.100.3/24"),
        TWO_ARM_DIRECTOR,
        NodePlan(
            "router",
            Role.ROUTER,
            (Cable("eth0", "wan", f"{ROUTER}/24"), Cable("eth1", "world", "198.51.100.1/24")),
        ),
        host("server", Role.SERVER, "world", f"{SERVER}/24"),
    )
)

KEEP_TEXT = """
It is still running. To poke at it:

    inside      ip netns exec {name}-client1 curl http://{vip}/
                ip netns exec {name}-client2 ping {vip}
    director    export DPVS_IPC_FILE={folder}/director/run/dpvs.ipc
                .venv/bin/ipvsadm -ln --stats      .venv/bin/dpip -s addr show
                .venv/bin/ipvsadm -lnc             .venv/bin/dpip drops
    outside     ip netns exec {name}-server tcpdump -ni eth0
    log         tail -f {folder}/director/keepalived.log
    files       {folder}/director/keepalived.conf, dpvs.conf
"""


def from_files(stage: OneDirector) -> None:
    """Now the same from two files: keepalived starts dpvs and programs it"""
    director, tell = stage.director, stage.tell
    conf = director.keepalived_conf
    director.tool("keepalived", "-t", "-f", str(conf))
    tell.show(f"director# keepalived -t -f {conf.name}; echo $?\n0")
    director.start()
    for address in (WAN, GATEWAY):
        director.wait_for_address(address)

    def programmed() -> bool:
        director.require_running()
        return [dest.server for dest in director.dests()] == [f"{WAN}:0"] * N_SERVICES

    until(f"{N_SERVICES} services with {WAN}", programmed, 20)
    tell.show("director# ipvsadm -ln")
    tell.show(director.tool("ipvsadm", "-ln"))


def at_once(stage: OneDirector) -> None:
    """Both hosts ask at once; outside there is one address"""
    stage.tell.show(f"client1$ curl http://{SERVER}/ & client2$ curl http://{SERVER}/")

    def seen_as(client: Node) -> str:
        return ask(client, SERVER).seen_as

    with ThreadPoolExecutor(len(stage.clients)) as pool:
        seen = list(pool.map(seen_as, stage.clients))
    for client, end in zip(stage.clients, seen, strict=True):
        stage.tell.say(f"{client.name}, {client.address}, was seen as {end or 'nobody'}")
    require(len(set(seen)) == len(seen), "each should have had a port of its own")
    require({end.rpartition(":")[0] for end in seen} == {WAN}, f"not all were seen as {WAN}")


def pings(stage: OneDirector) -> None:
    """Both ping the same host under the same id; outside there are two"""
    watch = stage.net["server"].start(["tcpdump", "-nlt", "-i", "eth0", "icmp"], "tcpdump.log")
    watch.wait_for_log("listening on", 20)
    argv = ["ping", "-n", "-e", str(PING_ID), f"-c{N_PINGS}", "-i0.2", "-W2", SERVER]
    stage.tell.show(f"both$ {' '.join(argv)}")
    with ThreadPoolExecutor(len(stage.clients)) as pool:
        said = list(pool.map(lambda client: client.run(argv, check=False).stdout, stage.clients))
    for client, text in zip(stage.clients, said, strict=True):
        require(f" {N_PINGS} received" in text, f"{client.name} should have had all answers")
    n_asked = N_PINGS * len(stage.clients)
    until("all requests", lambda: len(ECHO.findall(watch.log_text())) >= n_asked, 20)
    watch.end()
    asked = sorted(set(ECHO.findall(watch.log_text())))
    for source, ident in asked:
        stage.tell.say(f"the server was asked by {source}, id {ident}")
    require({source for source, _ in asked} == {WAN}, f"all should have come from {WAN}")
    require(len(asked) == len(stage.clients), "there should have been an id for each host")


def refused(stage: OneDirector) -> None:
    """A port where nobody listens: the refusal comes back"""
    argv = ["curl", "-s", "-S", "-m3", f"http://{SERVER}:{NOBODY}/"]
    stage.tell.show(f"client1$ {' '.join(argv)}")
    done = stage.client.run(argv, check=False)
    stage.tell.show(done.stderr.strip())
    require(done.returncode == 7, f"curl should have been refused (7), not {done.returncode}")


def trace(stage: OneDirector) -> None:
    """The way as traceroute sees it: by echo requests, TCP and UDP"""
    scenes.trace(stage)


EXAMPLE = Example(
    name="snat",
    about="SNAT, hosts inside reach the world under the director's address",
    plan=PLAN,
    vip=SERVER,
    seen_as=(WAN,),
    trace_echo=(ROUTER, SERVER),
    trace_service=(ROUTER, SERVER),
    scenes=(
        scenes.network,
        scenes.by_hand,
        from_files,
        at_once,
        scenes.download,
        iperf,
        pings,
        refused,
        trace,
        scenes.listing,
    ),
    end=(scenes.stop,),
    keep_text=KEEP_TEXT,
)

SHOW = EXAMPLE.show()
