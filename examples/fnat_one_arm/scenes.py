"""The scenes of the demo, in order. Each raises ShowError when it did not happen as told."""

import json
import re
import time
from collections.abc import Callable

from examples.fnat_one_arm.stage import KEEPALIVED_CONF, OneArm
from examples.show.answer import Answer, in_words, spread
from examples.show.required import require
from examples.show.stage import LADDRS, ROUTE, RS1, RS2, VIP, WEIGHT
from tests.netns import toa
from tests.netns.program import Program
from tests.netns.wait import until

PICTURE = """\
 client 192.168.100.146            rs1 192.168.100.2 (nginx)
        |                                 |
   -----+--------------+------------------+------- 192.168.100.0/24
                       |                  |
                       |           rs2 192.168.100.3 (nginx)
              wire0 = dpdk0
       +---------------+-----------------------+
       | director      |                       |
       |   dpvs: a DPDK worker forwards        |  VIP 192.168.100.254:80
       |   keepalived: VRRP, health checks  ---+--- on dpdk0.kni 192.168.100.28
       +---------------------------------------+  local addresses .200, .201
"""

N_REQUESTS = 10

# delay_loop, two more tries (nb_sock_retry) a second apart; and a second for a busy machine.
DOWN_WITHIN_S = 3 + 2 * 1 + 1
UP_WITHIN_S = 3 + 1

CAPTURE_S = 5


def network(stage: OneArm) -> None:
    """The network, in namespaces of this machine"""
    stage.tell.show(PICTURE)
    for server in stage.servers.values():
        server.start()
    stage.tell.say("client and servers are there; nginx answers on rs1 and rs2")


def load_balancer(stage: OneArm) -> None:
    """One command is the whole load balancer"""
    director, tell = stage.director, stage.tell
    command = " ".join(director.command)
    tell.show("$ " + re.sub(r" (?=--with-dpvs|-n |-p )", " \\\\\n    ", command))
    tell.say(f"(conf/{KEEPALIVED_CONF} is the DPVS tutorial's file, unchanged)")
    start_s = time.monotonic()
    director.start()
    director.wait_for_dest(RS1, WEIGHT)
    director.wait_for_dest(RS2, WEIGHT)
    tell.say(
        f"both servers passed their checks, {time.monotonic() - start_s:.1f} s after the start"
    )
    director.wait_for_address(VIP)
    tell.say(f"VRRP is MASTER: the core answers for {VIP}")
    tell.say("the tutorial's route for the core, so that it finds clients and servers:")
    tell.show(f"$ {' '.join(ROUTE)}")
    director.tool(*ROUTE)


def requests(stage: OneArm) -> None:
    """Requests through the VIP are spread over the servers"""
    tell = stage.tell
    tell.show(f"client$ curl http://{VIP}/      ({N_REQUESTS} times)")
    answers = stage.get_many(N_REQUESTS)
    for answer in answers[:2]:
        tell.show(f"Your ip:port : {answer.seen_as}  server {answer.server}")
    tell.say(f"answered by: {in_words(spread(answers))}")
    _require_both(answers)
    froms = {answer.seen_as.split(":")[0] for answer in answers}
    require(froms <= set(LADDRS), f"the servers saw {froms}, which are not the local addresses")
    tell.say("the servers' sockets see a local address (full NAT), not the client")


def client_address(stage: OneArm) -> None:
    """The client's real address travels in a TCP option (TOA, 254)"""
    captures = [stage.net[name].start_module(toa, "eth0") for name in sorted(stage.servers)]
    for capture in captures:
        capture.wait_for_log("ready\n", CAPTURE_S)
    answer = stage.get()
    require(answer.server != "", "the request was not answered")
    capture = captures[sorted(stage.servers).index(answer.server)]
    told = until(f"option 254 on {answer.server}'s wire", lambda: told_by(capture), CAPTURE_S)
    for capture in captures:
        capture.end()
    stage.tell.say(f"the client's end of the connection:   {answer.client}")
    stage.tell.say(f"{answer.server}'s socket saw it come from:     {answer.seen_as}")
    stage.tell.say(f"option 254 on {answer.server}'s wire says:     {told.get(answer.seen_as)}")
    require(told.get(answer.seen_as) == answer.client, "option 254 does not name the client")


def listing(stage: OneArm) -> None:
    """What the core says"""
    stage.tell.show("director$ ipvsadm -ln")
    stage.tell.show(stage.director.tool("ipvsadm", "-ln"))
    stage.tell.show("director$ ipvsadm -ln --stats")
    stage.tell.show(stage.director.tool("ipvsadm", "-ln", "--stats"))


def server_stops(stage: OneArm) -> None:
    """A server stops, and is taken out"""
    tell = stage.tell
    stage.servers["rs1"].stop()
    tell.say("nginx on rs1 was stopped; its check looks every 3 s and tries 3 times")
    seconds, answers = _requests_until(stage, weight=0)
    tell.say(f"after {seconds:.1f} s rs1 has weight 0 (inhibit_on_failure keeps it in the list)")
    tell.say(f"meanwhile: {in_words(spread(answers))}")
    require(seconds <= DOWN_WITHIN_S, f"more than {DOWN_WITHIN_S} s")
    later = stage.get_many(N_REQUESTS)
    tell.say(f"{N_REQUESTS} requests after that: {in_words(spread(later))}")
    require(spread(later) == {"rs2": N_REQUESTS}, "rs2 should have answered all")


def server_returns(stage: OneArm) -> None:
    """The server comes back"""
    tell = stage.tell
    stage.servers["rs1"].start()
    tell.say("nginx on rs1 runs again")
    seconds, answers = _requests_until(stage, weight=WEIGHT)
    tell.say(f"after {seconds:.1f} s rs1 has its weight {WEIGHT} again")
    require(seconds <= UP_WITHIN_S, f"more than {UP_WITHIN_S} s")
    require("" not in spread(answers), "a request failed while rs1 was out")
    later = stage.get_many(N_REQUESTS)
    tell.say(f"{N_REQUESTS} requests after that: {in_words(spread(later))}")
    _require_both(later)


def stop(stage: OneArm) -> None:
    """The end"""
    status = stage.director.stop()
    stage.tell.say(f"SIGTERM to keepalived: it took dpvs with it, exit status {status}")
    require(status == 0, "keepalived did not end cleanly")
    require(not stage.director.dpvs_pid(), "dpvs left its pid file")


SCENES: tuple[Callable[[OneArm], None], ...] = (
    network,
    load_balancer,
    requests,
    client_address,
    listing,
    server_stops,
    server_returns,
)


def told_by(capture: Program) -> dict[str, str]:
    """What option 254 said of each connection: source as the server sees it -> client."""
    rows = [json.loads(line) for line in capture.log_text().splitlines() if line[:1] == "{"]
    return {row["source"]: row["client"] for row in rows}


def _require_both(answers: list[Answer]) -> None:
    half = len(answers) // 2
    require(
        spread(answers) == {"rs1": half, "rs2": half}, f"round robin should give each server {half}"
    )


def _requests_until(stage: OneArm, weight: int) -> tuple[float, list[Answer]]:
    """Ask for pages until rs1 has this weight: seconds, and what the requests got meanwhile."""
    start_s = time.monotonic()
    answers = []
    while not any(d.server == RS1 and d.weight == weight for d in stage.director.dests()):
        require(time.monotonic() - start_s < 30, f"rs1 has not got weight {weight} in 30 s")
        answers.append(stage.get(0.5))
        time.sleep(0.1)
    return time.monotonic() - start_s, answers
