"""The scenes of the pair, in order. Each raises ShowError when it did not happen as told."""

import difflib
import re
from collections.abc import Callable
from pathlib import Path

from examples.pair import failover
from examples.pair.stage import Pair, read
from examples.show.answer import in_words, spread
from examples.show.required import require
from examples.show.stage import ROUTE, RS1, RS2, VIP, WEIGHT
from tests.netns.wait import until

PICTURE = """\
 client 192.168.100.146    rs1 192.168.100.2 (nginx)    rs2 192.168.100.3 (nginx)
        |                         |                            |
   -----+-----+-------------------+-------+--------------------+--- 192.168.100.0/24
              |                           |
     +--------+---------+        +--------+---------+
     | director1        |        | director2        |
     |   keepalived   <--- VRRP adverts --->   keepalived
     |   dpvs           |        |   dpvs           |
     |   192.168.100.28 |        |   192.168.100.29 |
     +------------------+        +------------------+

 One of the two is MASTER. It alone has the VIP 192.168.100.254, where clients ask, and the local
 addresses .200 and .201, from which it asks the servers. The other is BACKUP: it checks the
 servers too, hears the master's adverts, and takes over when they stay away.
"""
N_REQUESTS = 10
DOWNLOAD_END_TIMEOUT_S = 10.0
CURL_RECV_ERROR = 56


def network(stage: Pair) -> None:
    """The network, in namespaces of this machine"""
    stage.tell.show(PICTURE)
    for server in stage.servers.values():
        server.start()
    stage.tell.say("client and servers are there; nginx answers on rs1 and rs2")


def files(stage: Pair) -> None:
    """Both directors have the DPVS tutorial's file; the backup's differs in two lines"""
    one, two = (member.director for member in stage.members)
    lines = require_difference(one.keepalived_conf, two.keepalived_conf, {"state", "priority"})
    stage.tell.show("$ diff director1/keepalived.conf director2/keepalived.conf")
    stage.tell.show("\n".join(lines))
    lines = require_difference(one.dpvs_conf, two.dpvs_conf, {"address"})
    stage.tell.show("$ diff director1/dpvs.conf director2/dpvs.conf")
    stage.tell.show("\n".join(lines))


def start(stage: Pair) -> None:
    """The same command on each node"""
    tell = stage.tell
    command = re.sub(r"\S*/director1/(run/)?", "", " ".join(stage.node1.director.command))
    tell.show(f"$ {command}")
    tell.say("keepalived starts dpvs, which forwards, and its own processes for VRRP and checks")
    tell.say("once it answers, the core of each is told its network, as in the tutorial:")
    tell.show(f"$ {' '.join(ROUTE)}")
    stage.start_both()
    for member in stage.members:
        for server in (RS1, RS2):
            member.director.wait_for_dest(server, WEIGHT)
    stage.node1.director.wait_for_address(VIP)
    tell.say("director1 is MASTER, director2 is BACKUP; both have both servers")


def status(stage: Pair) -> None:
    """What each says of itself"""
    for member, word in zip(stage.members, ("MASTER", "BACKUP"), strict=True):
        stage.tell.show(f"{member.name}$ keepalived --status")
        text = member.status()
        stage.tell.show(text)
        said = re.search(rf"^\s*{word}\s+VI_1\b", text, re.MULTILINE)
        require(said is not None, f"keepalived --status of {member.name} should say {word}")


def requests(stage: Pair) -> None:
    """The master serves"""
    tell = stage.tell
    tell.show(f"client$ curl http://{VIP}/      ({N_REQUESTS} times)")
    answers = stage.get_many(N_REQUESTS)
    tell.say(f"answered by: {in_words(spread(answers))}")
    half = N_REQUESTS // 2
    require(spread(answers) == {"rs1": half, "rs2": half}, f"each server should have {half}")
    failover.owner_is(stage, stage.node1)


def master_dies(stage: Pair) -> None:
    """The master dies, while a client asks all the time"""
    download = stage.download()
    failover.dies(stage, failover.TUTORIAL)
    failover.owner_is(stage, stage.node2)
    until("the download's end", lambda: not download.running(), DOWNLOAD_END_TIMEOUT_S)
    status = download.wait(0)
    require(status == CURL_RECV_ERROR, f"curl should have been reset; it ended with {status}")
    stage.tell.say("a download that ran through director1 has been reset, not left hanging:")
    stage.tell.show("its client sends a keep-alive each second, and director2 does not know it")


def master_returns(stage: Pair) -> None:
    """The master returns, and takes over again, for its priority is higher"""
    failover.returns(stage)
    failover.owner_is(stage, stage.node1)


def master_stops(stage: Pair) -> None:
    """The master is stopped in an orderly way, and says goodbye"""
    failover.stops(stage, failover.TUTORIAL)
    failover.owner_is(stage, stage.node2)


def faster(stage: Pair) -> None:
    """The same with adverts every 0.1 s (VRRP version 3)"""
    tell = stage.tell
    stage.node2.terminate()
    for number, member in enumerate(stage.members, start=1):
        member.configure(read(f"node{number}/keepalived.fast.conf"))
    one, two = (member.director.keepalived_conf for member in stage.members)
    require_difference(one, two, {"state", "priority"})
    tell.say("both were stopped; now they have examples/pair/node1 and node2/keepalived.fast.conf")
    stage.start_both()
    tell.say("director1 is MASTER, director2 is BACKUP")


def fast_death(stage: Pair) -> None:
    """The master dies again"""
    failover.dies(stage, failover.FAST)
    failover.owner_is(stage, stage.node2)


def fast_return(stage: Pair) -> None:
    """It returns"""
    failover.returns(stage)
    failover.owner_is(stage, stage.node1)


def fast_stop(stage: Pair) -> None:
    """It is stopped in an orderly way, and started again"""
    failover.stops(stage, failover.FAST)
    failover.returns(stage)


def stop(stage: Pair) -> None:
    """The end"""
    for member in reversed(stage.members):
        exit_status = member.terminate()
        stage.tell.say(f"SIGTERM to keepalived of {member.name}: exit status {exit_status}")
        require(exit_status == 0, "keepalived did not end cleanly")
        require(not member.director.dpvs_pid(), "dpvs left its pid file")


SCENES: tuple[Callable[[Pair], None], ...] = (
    network,
    files,
    start,
    status,
    requests,
    master_dies,
    master_returns,
    master_stops,
    faster,
    fast_death,
    fast_return,
    fast_stop,
)


def require_difference(one: Path, two: Path, keywords: set[str]) -> list[str]:
    """Lines that only one file has, comments aside: "<" the first, ">" the second.

    Their keywords must be these.
    """
    signs = {"-": "<", "+": ">"}
    was, now = (path.read_text(encoding="utf-8").splitlines() for path in (one, two))
    changed = list(difflib.unified_diff(was, now, n=0, lineterm=""))[2:]
    lines = [signs[line[0]] + " " + line[1:] for line in changed if line[0] in signs]
    lines = [line for line in lines if line[2:3] != "!"]
    found = {line.split()[1] for line in lines}
    require(found == keywords, f"{one} and {two} differ in {found}")
    return lines
