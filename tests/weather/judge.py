"""Was every packet that left the director right? Each is predicted from what came in.

From a capture of both wires: per connection and direction, the packets that came in are replayed
in the order of time through an oracle, and what left must be its predictions, to the byte and in
order. A packet that came in and has no counterpart is `missing`: the device's ring was full, or
the packet was larger than what the way on carries.
"""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from socket import AF_INET, AF_INET6, inet_ntop

from tests.oracle.fnat import SACK, TOA, walk
from tests.oracle.wire import ETH_BYTES, FIN, RST, SYN, Tcp, read_ip, text
from tests.weather.books import BOOKS, Book, End
from tests.weather.capture import Seen
from tests.weather.modes import SERVER_PORT, Row


@dataclass(slots=True)
class Flow:
    """One connection: what came in and what went out, towards the server and the client."""

    client: End
    server: str = ""
    in_to_server: list[Seen] = field(default_factory=list)
    in_to_client: list[Seen] = field(default_factory=list)
    out_to_server: list[Seen] = field(default_factory=list)
    out_to_client: list[Seen] = field(default_factory=list)


@dataclass(slots=True)
class Verdict:
    """Of one row. `wrong` has a text for each packet that should not have left so."""

    wrong: list[str] = field(default_factory=list)
    n: Counter[str] = field(default_factory=Counter)
    """connections; in-to-server, out-to-server, in-to-client, out-to-client; syn-again,
    synack-again, toa-data-again (sent again), toa, sack; resets before the end."""
    missing_bytes: Counter[int] = field(default_factory=Counter)
    """Lengths of packets that came in and did not go on."""


def judge(row: Row, wan: Iterable[Seen], lan: Iterable[Seen]) -> Verdict:
    verdict = Verdict()
    for flow in _flows(row, wan, lan, verdict):
        verdict.n["connections"] += 1
        _count(flow, verdict.n)
        _replay(BOOKS[row.flag](row, flow.client, flow.server), flow, verdict)
    return verdict


def _flows(row: Row, wan: Iterable[Seen], lan: Iterable[Seen], verdict: Verdict) -> list[Flow]:
    """The row's connections, by their clients."""
    flows: dict[End, Flow] = {}
    for seen in wan:
        if (seen.dst, seen.tcp.dport) == (row.vip, row.vport):
            client = (seen.src, seen.tcp.sport)
            flows.setdefault(client, Flow(client)).in_to_server.append(seen)
        elif (seen.src, seen.tcp.sport) == (row.vip, row.vport) and not row.goes_back_alone:
            client = (seen.dst, seen.tcp.dport)
            if client in flows:
                flows[client].out_to_client.append(seen)
            else:
                verdict.wrong.append(f"an answer to {client}, who has not asked")
    for (near, server), (to_server, to_client) in _by_near_end(row, lan).items():
        client = near if row.flag != "b" else _told_client(to_server)
        if client not in flows:
            verdict.wrong.append(f"{near} at {server}: its client is said to be {client}")
            continue
        flow = flows[client]
        flow.server, flow.out_to_server, flow.in_to_client = server, to_server, to_client
    return list(flows.values())


def _by_near_end(
    row: Row, lan: Iterable[Seen]
) -> dict[tuple[End, str], tuple[list[Seen], list[Seen]]]:
    """By whom the server sees (a local address, or the client) and the server: the packets to the
    server, and those to the other end."""
    flows: dict[tuple[End, str], tuple[list[Seen], list[Seen]]] = defaultdict(lambda: ([], []))
    near_address = row.laddr or row.client
    answering = [] if row.goes_back_alone else row.servers
    for seen in lan:
        if seen.src == near_address and seen.tcp.dport == SERVER_PORT:
            if server := _server(row, seen):
                flows[((seen.src, seen.tcp.sport), server)][0].append(seen)
        elif seen.dst == near_address and seen.src in answering:
            flows[((seen.dst, seen.tcp.dport), seen.src)][1].append(seen)
    return flows


def _server(row: Row, seen: Seen) -> str:
    """Whom a packet to the servers is for, if it is of this row; of DR the frame alone knows."""
    if row.flag == "i":
        return read_ip(seen.outer).dst if seen.outer and seen.dst == row.vip else ""
    if row.flag == "g":
        return "any" if seen.dst == row.vip and not seen.outer else ""
    return seen.dst if seen.dst in row.servers else ""


def _told_client(to_server: list[Seen]) -> End:
    """As the first option 254 says; port 0 without any."""
    return next((told for seen in to_server if (told := toa(seen.tcp.options))), ("", 0))


def toa(options: bytes) -> End | None:
    """The client that option 254 names (F-090)."""
    for kind, raw in walk(options):
        if kind == TOA and len(raw) in (8, 20):
            address = inet_ntop(AF_INET if len(raw) == 8 else AF_INET6, raw[4:])
            return address, int.from_bytes(raw[2:4], "big")
    return None


def _replay(book: Book, flow: Flow, verdict: Verdict) -> None:
    came = [(seen, True) for seen in flow.in_to_server]
    came += [(seen, False) for seen in flow.in_to_client]
    left = {True: deque(flow.out_to_server), False: deque(flow.out_to_client)}
    differs: dict[bool, str] = {}
    for seen, to_server in sorted(came, key=lambda pair: pair[0].at_us):
        if not (queue := left[to_server]):
            verdict.missing_bytes[len(seen.l3)] += 1
            continue
        sent = queue[0].sent
        right = book.to_server(seen.l3, sent) if to_server else book.to_client(seen.l3, sent)
        if sent == right:
            queue.popleft()
        else:
            verdict.missing_bytes[len(seen.l3)] += 1
            differs.setdefault(to_server, f"{_text(right)}\nis right; it sent\n{_text(sent)}")
    for to_server, queue in left.items():
        if queue:
            first = differs.get(to_server) or f"nothing came for\n{_text(queue[0].sent)}"
            way = "server" if to_server else "client"
            verdict.wrong.append(f"{flow.client}: {len(queue)} to the {way} wrong: {first}")


def _text(l3: bytes) -> str:
    return text(bytes(ETH_BYTES - 2) + (b"\x86\xdd" if l3[0] >> 4 == 6 else b"\x08\0") + l3)


def _count(flow: Flow, n: Counter[str]) -> None:
    n["in-to-server"] += len(flow.in_to_server)
    n["in-to-client"] += len(flow.in_to_client)
    n["out-to-server"] += len(flow.out_to_server)
    n["out-to-client"] += len(flow.out_to_client)
    n["syn-again"] += _again(seen.tcp.seq for seen in flow.out_to_server if seen.tcp.flags & SYN)
    n["synack-again"] += _again(s.tcp.seq for s in flow.out_to_client if s.tcp.flags & SYN)
    told = [s.tcp for s in flow.out_to_server if toa(s.tcp.options)]
    n["toa"] += len(told)
    n["toa-data-again"] += _again(tcp.seq for tcp in told if tcp.payload)
    n["sack"] += sum(_has_sack(s.tcp) for s in flow.out_to_server + flow.out_to_client)
    n["resets"] += _resets(flow.in_to_server, flow.in_to_client)
    n["resets"] += _resets(flow.out_to_server, flow.out_to_client)


def _resets(to_server: list[Seen], to_client: list[Seen]) -> int:
    """Before both ends have closed. A late duplicate that finds its connection over is answered
    with a reset by any host (RFC 9293 3.10.7.1)."""
    ways = (to_server, to_client)
    closed_us = [min((s.at_us for s in way if s.tcp.flags & FIN), default=0) for way in ways]
    over_us = max(closed_us) if all(closed_us) else math.inf
    return sum(s.at_us < over_us for s in to_server + to_client if s.tcp.flags & RST)


def _again(numbers: Iterable[int]) -> int:
    """How many are not the first with their number."""
    counted = Counter(numbers)
    return counted.total() - len(counted)


def _has_sack(tcp: Tcp) -> bool:
    return any(kind == SACK for kind, _ in walk(tcp.options))
