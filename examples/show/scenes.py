"""Scenes that every example with one director has. A docstring is the title on the screen."""

import hashlib
import re
from pathlib import Path

from examples.show.answer import in_words, spread
from examples.show.example import IPERF_PORT, START_TIMEOUT_S, OneDirector
from examples.show.readme import BY_HAND, HOSTS
from examples.show.required import require

N_REQUESTS = 10
N_PINGS = 3
ANSWER_S = 5  # as long may any answer take on a machine that is busy with other things


def network(stage: OneDirector) -> None:
    """The network, in namespaces of this machine"""
    stage.tell.show(stage.readme.picture)
    stage.type_all(HOSTS)
    for server in stage.servers.values():
        server.start()
    stage.start_iperf()
    stage.tell.say(f"nginx and iperf3 listen on {', '.join(stage.servers)}")


def by_hand(stage: OneDirector) -> None:
    """By hand first, as in the DPVS tutorial: dpvs, and a command for each thing"""
    core, tell = stage.core, stage.tell
    core.start()
    core.wait_until_it_answers(START_TIMEOUT_S)
    stage.type_all(BY_HAND)
    _requests(stage)
    tell.show("director# ipvsadm -ln")
    listing = core.tool("ipvsadm", "-ln")
    tell.show(listing)
    stage.by_hand = _programmed(listing)
    require(core.stop() == 0, "dpvs did not end cleanly")


def load_balancer(stage: OneDirector) -> None:
    """Now the same from two files, with health checks: keepalived starts dpvs and programs it"""
    director, tell = stage.director, stage.tell
    conf = director.keepalived_conf
    director.tool("keepalived", "-t", "-f", str(conf))
    tell.show(f"director# keepalived -t -f {conf.name}; echo $?\n0")
    tell.show("director# " + re.sub(r"\S*/director/(run/)?", "", " ".join(director.command)))
    director.start()
    servers = re.findall(r"^\s*real_server (\S+) (\d+)", conf.read_text(), re.MULTILINE)
    for address, port in servers:
        host = f"[{address}]" if ":" in address else address
        director.wait_for_dest(f"{host}:{port}", 1, START_TIMEOUT_S)
    director.wait_for_address(stage.vip, START_TIMEOUT_S)
    rows = _programmed(director.tool("ipvsadm", "-ln"))
    missing = [row for row in stage.by_hand if row not in rows]
    require(not missing, f"by hand there was {missing}, from the file there is {rows}")
    tell.say(f"the core has {stage.vip}, its services and servers, what was typed among them")


def requests(stage: OneDirector) -> None:
    """Requests through the VIP are spread over the servers"""
    _requests(stage)


def download(stage: OneDirector) -> None:
    """A file of 10 MB, compared by its checksum"""
    got = stage.net.folder / "got"
    stage.tell.show(f"client$ curl http://{_host(stage)}/file")
    stage.client.run(["curl", "-sf", "-m60", "-o", str(got), f"http://{_host(stage)}/file"])
    there, here = _sha256(stage.file), _sha256(got)
    require(there == here, f"the file's SHA-256 is {there}, of what came {here}")
    stage.tell.say(f"{got.stat().st_size:,} bytes, SHA-256 {here[:16]}... there and here")


def ping(stage: OneDirector) -> None:
    """The VIP answers echo requests"""
    argv = ["ping", f"-c{N_PINGS}", "-i0.2", f"-W{ANSWER_S}", stage.vip]
    done = stage.client.run(argv, check=False)
    stage.tell.show(f"client$ {' '.join(argv)}")
    stage.tell.show(done.stdout.strip().splitlines()[-2])
    require(f" {N_PINGS} received" in done.stdout, "each should have been answered")


def trace(stage: OneDirector) -> None:
    """The way as traceroute sees it: to the VIP, and through both services to a server"""
    for options, wanted in (
        (("-I",), stage.example.trace_echo),
        (("-T", "-p80"), stage.example.trace_service),
        (("-U", f"-p{IPERF_PORT}"), stage.example.trace_service),
    ):
        hops = list(wanted or (stage.vip,))
        require(traceroute(stage, *options) == hops, f"the hops should be {', '.join(hops)}")


def listing(stage: OneDirector) -> None:
    """What the core has counted"""
    stage.tell.show("director# ipvsadm -ln --stats")
    stage.tell.show(stage.director.tool("ipvsadm", "-ln", "--stats"))


def stop(stage: OneDirector) -> None:
    """The end"""
    status = stage.director.stop()
    stage.tell.say(f"SIGTERM to keepalived: it took dpvs with it, exit status {status}")
    require(status == 0, "keepalived did not end cleanly")
    require(not stage.director.dpvs_pid(), "dpvs left its pid file")


def _requests(stage: OneDirector) -> None:
    """Each server gets as many, and sees whom it should."""
    tell = stage.tell
    tell.show(f"client$ curl http://{_host(stage)}/      ({N_REQUESTS} times)")
    answers = [stage.get(ANSWER_S) for _ in range(N_REQUESTS)]
    for answer in answers[: len(stage.servers)]:
        tell.show(f"Your ip:port : {answer.seen_as}  server {answer.server}")
    tell.say(f"answered by: {in_words(spread(answers))}")
    each = N_REQUESTS // len(stage.servers)
    require(
        spread(answers) == dict.fromkeys(stage.servers, each), f"each server should have {each}"
    )
    if stage.example.seen_as:
        froms = {answer.seen_as.rpartition(":")[0] for answer in answers}
        require(froms <= set(stage.example.seen_as), f"the servers saw {froms}")
        tell.say(f"the servers saw {', '.join(sorted(froms))}, not the client")
    else:
        wrong = [answer for answer in answers if answer.seen_as != answer.client]
        require(not wrong, f"the servers should have seen the client itself: {wrong}")
        tell.say("the servers saw the client's own address and port")


def traceroute(stage: OneDirector, *options: str) -> list[str]:
    """The hops, the first one left out if `-f2` says so; with a mark, "!H", where there is one."""
    argv = ["traceroute", "-n", "-q1", f"-w{ANSWER_S}", "-m8", *options, stage.vip]
    stage.tell.show(f"client# {' '.join(argv)}")
    text = stage.client.run(argv).stdout
    stage.tell.show("\n".join(text.splitlines()[1:]))
    hops = re.findall(r"^ ?\d+  (\S+)(?:  [\d.]+ ms)?( !\S+)?$", text, re.MULTILINE)
    return [address + mark for address, mark in hops]


def _host(stage: OneDirector) -> str:
    """The VIP as a URL has it."""
    return f"[{stage.vip}]" if ":" in stage.vip else stage.vip


def _programmed(listing: str) -> list[str]:
    """Services and servers of `ipvsadm -ln`, without their numbers of connections."""
    rows = [line.split() for line in listing.splitlines()[3:]]
    return [" ".join(row[:4] if row[0] == "->" else row) for row in rows]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
