"""One request through the VIP, and how many of them each server answered."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.netns.node import Node


@dataclass(frozen=True, slots=True)
class Answer:
    """Who served the request, and the client's own end of the connection."""

    server: str  # "" if nobody
    client: str  # ADDRESS:PORT
    seen_as: str  # the client as the server's socket saw it


def ask(client: Node, vip: str, timeout_s: float = 2.0) -> Answer:
    """One `curl` from the client to the VIP, on a connection of its own."""
    host = f"[{vip}]" if ":" in vip else vip
    ends = "%{local_ip}:%{local_port}"
    argv = ["curl", "-s", "-m", f"{timeout_s:g}", "-w", ends, f"http://{host}/"]
    done = client.run(argv, check=False)
    page, _, end = done.stdout.rpartition("\n")
    match = re.fullmatch(r"Your ip:port : (\S+)  server (\S+)", page)
    if done.returncode != 0 or match is None:
        return Answer("", end, "")
    return Answer(match[2], end, match[1])


def spread(answers: Iterable[Answer]) -> dict[str, int]:
    """How many answers each server gave; "" counts the requests that nobody answered."""
    servers = [answer.server for answer in answers]
    return {server: servers.count(server) for server in sorted(set(servers))}


def in_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{server or 'nobody'} {count}" for server, count in counts.items())
