"""Where the fuzzer begins: inputs with every row's packets, answers, ICMP errors and fragments."""

import struct
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from socket import AF_INET6, inet_aton, inet_pton
from typing import Any

from tests.fuzz import script as s
from tests.fuzz import seeds_filters, seeds_links, seeds_pieces, seeds_sctp
from tests.fuzz.hosts import (
    CLIENT,
    ERRORS,
    FULL_OPTIONS,
    LADDR,
    MAC,
    NEIGHBOUR,
    ONE_PACKET_PORT,
    OUTSIDE,
    OWN,
    SACK,
    SYN_OPTIONS,
    TCP_PORT,
    UDP_PORT,
    UNKNOWN,
    ends,
    l2,
    server,
    tcp,
    udp,
    vip,
    with_options,
)
from tests.fuzz.rows import Row, rows
from tests.fuzz.script import Script
from tests.oracle.nd import Station
from tests.oracle.wire import (
    ACK,
    DF,
    FIN,
    ICMP,
    ICMP6,
    IP4_TYPE,
    PSH,
    RST,
    SYN,
    Tcp,
    Udp,
    frame,
    icmp,
    icmp6,
    ip_of,
    packet,
)

WORKERS = (0, s.THREE_WORKERS)
Named = tuple[str, Script]


def talk_tcp(row: Row, number: int, script: Script) -> Script:
    src, dst, dev = ends(row, number)
    ip = {"frag": DF} if row.client_af == 4 else {}

    def from_client(**fields: Any) -> bytes:
        return tcp(src, dst, Tcp(40000, TCP_PORT, **fields), dev, **ip)

    script.frame(from_client(seq=1000, flags=SYN, options=SYN_OPTIONS), dev)
    script.answer(1 - dev, queue=1)
    script.frame(from_client(seq=1001, ack=70001), dev, queue=2)
    for options in (FULL_OPTIONS, FULL_OPTIONS[:20], SACK):
        script.frame(from_client(seq=1001, ack=70001, options=options), dev)
    script.frame(from_client(seq=1001, ack=70001, flags=ACK | PSH, payload=b"x" * 99), dev)
    script.answer(1 - dev, flags=s.PADDED, c=9)
    script.frame(from_client(seq=1100, ack=70002, options=SACK), dev)
    script.frame(from_client(seq=1100, ack=70001, flags=FIN | ACK), dev)
    script.answer(1 - dev, a=FIN | ACK)
    return script.frame(from_client(seq=1101, flags=RST), dev)


def talk_udp(row: Row, number: int, script: Script) -> Script:
    src, dst, dev = ends(row, number)
    for has_checksum, n_bytes in ((True, 30), (False, 31), (True, 1472)):
        datagram = Udp(40000, UDP_PORT, b"q" * n_bytes, has_checksum)
        script.frame(udp(src, dst, datagram, dev), dev).answer(1 - dev)
    return script


def talk_echo(row: Row, number: int, script: Script) -> Script:
    src, dst, dev = ends(row, number)
    for kind in (8, 13) if row.client_af == 4 else (128,):
        rest, data = 0x12340001, b"ping" * 9
        message = (
            icmp(kind, 0, rest, data)
            if row.client_af == 4
            else icmp6(src, dst, kind, 0, rest, data)
        )
        l3 = bytes(ip_of(src, dst, ICMP if row.client_af == 4 else ICMP6, message))
        script.frame(l2(l3, dev), dev, queue=2).answer(1 - dev, queue=1)
    return script.error(*ERRORS[row.client_af][1], dev=1 - dev)


def talk_one_packet(row: Row, number: int, script: Script) -> Script:
    """To a service without connections: what comes again, later, is an answer, large, in pieces."""
    src, dst, dev = ends(row, number)
    for n_bytes in (0, 31, 1472):
        datagram = udp(src, dst, Udp(40000, ONE_PACKET_PORT, b"1" * n_bytes), dev)
        script.frame(datagram, dev).answer(1 - dev).frame(datagram, dev, queue=1)
        script.error(*ERRORS[row.server_af][1], dev=1 - dev, where=s.ROUTER_SAYS)
    for size, order in ((5, 0), (6, 1), (7, 2), (7, 4)):
        script.frame(datagram, dev, s.RIGHT | s.CUT, b=size, c=order).answer(1 - dev, s.CUT, b=size)
    script.add(s.CHANGE, a=s.QUIESCE).frame(datagram, dev).add(s.CHANGE, a=s.STANDBY)
    return script.frame(datagram, dev)


TALKS = {"tcp": talk_tcp, "udp": talk_udp, "echo": talk_echo, "one-packet": talk_one_packet}


def talks() -> Iterator[Named]:
    for (number, row), (name, talk), workers in product(enumerate(rows()), TALKS.items(), WORKERS):
        script = talk(row, number, Script(workers | (s.XMIT_TTL if number % 2 else 0)))
        yield f"{row.name}-{name}-{workers}", script


def with_errors() -> Iterator[Named]:
    """About the first packet, and about its answer, from routers and hosts, with short quotes."""
    for number, row in enumerate(rows()):
        src, dst, dev = ends(row, number)
        first = udp(src, dst, Udp(40000, UDP_PORT, b"q" * 300), dev)
        syn = tcp(src, dst, Tcp(40000, TCP_PORT, 7, flags=SYN, options=SYN_OPTIONS), dev)
        for i, (kind, code) in enumerate(ERRORS[row.server_af]):
            workers = WORKERS[(number + i) // 2 % 2]
            script = Script(workers).frame(syn if i % 2 else first, dev)
            script.error(kind, code, 1 - dev, where=s.ROUTER_SAYS, c=170, queue=1)
            script.error(kind, code, 1 - dev, where=0x10, c=0)
            script.error(kind, code, 1 - dev, c=90)
            yield f"{row.name}-error-{kind}-{code}-{workers}", script
        for i, (kind, code) in enumerate(ERRORS[row.client_af]):
            workers = WORKERS[(number + i) // 2 % 2]
            script = Script(workers).frame(syn if i % 2 else first, dev).answer(1 - dev)
            script.error(kind, code, dev, where=s.ROUTER_SAYS, c=170)
            script.error(kind, code, dev, flags=s.ANSWERED, c=100)
            yield f"{row.name}-back-{kind}-{code}-{workers}", script


def with_small_mtus() -> Iterator[Named]:
    small = s.SMALL_SERVERS | s.SMALL_CLIENTS
    for (number, row), frag in product(enumerate(rows()), (0, DF)):
        src, dst, dev = ends(row, number)
        ip = {"frag": frag} if row.client_af == 4 else {}
        script = Script(small | s.XMIT_TTL)
        large = udp(src, dst, Udp(40000, UDP_PORT, b"m" * 1400), dev, **ip)
        script.frame(large, dev).frame(large, dev, s.RIGHT | s.CUT, b=7).answer(1 - dev)
        syn = Tcp(40000, TCP_PORT, 7, flags=SYN, payload=b"m" * 670)
        script.frame(tcp(src, dst, syn, dev, **ip), dev).add(s.CHANGE, a=s.ROUTE_MTU, b=2)
        script.frame(tcp(src, dst, syn, dev, **ip), dev).frame(large, dev)
        yield f"{row.name}-mtu-{frag:x}", script


def with_options_in_front() -> Iterator[Named]:
    for (number, row), workers in product(enumerate(rows()), WORKERS):
        src, dst, dev = ends(row, number)
        script = Script(workers)
        for ip in with_options(ip_of(src, dst, 17)):
            script.frame(l2(packet(ip, Udp(40000, UDP_PORT, b"o" * 50)), dev), dev).answer(1 - dev)
        for ip in with_options(ip_of(src, dst, 17)):
            large = l2(packet(ip, Udp(40000, UDP_PORT, b"o" * 900)), dev)
            script.frame(large, dev, s.RIGHT | s.CUT, b=5)
        script.options |= s.SMALL_SERVERS | s.SMALL_CLIENTS
        yield f"{row.name}-options-{workers}", script


def arp(op: int, sender: str, target: str, mac: str = NEIGHBOUR) -> bytes:
    body = struct.pack("!HHBBH", 1, IP4_TYPE, 6, 4, op) + bytes.fromhex(mac.replace(":", ""))
    body += inet_aton(sender) + bytes(6) + inet_aton(target)
    return frame("ff:ff:ff:ff:ff:ff", mac, body, 0x0806)


def of_neighbours() -> Iterator[Named]:
    """ARP and neighbour discovery: asked, answered, in conflict, for packets that wait."""
    script = Script()
    for op, sender, target in (
        (1, CLIENT[4], vip(0, 4)), (2, CLIENT[4], vip(0, 4)), (1, vip(0, 4), CLIENT[4]),
        (1, CLIENT[4], OUTSIDE[4]), (1, "0.0.0.0", vip(0, 4)), (1, CLIENT[4], OWN[4][1]),
    ):  # fmt: skip
        script.frame(arp(op, sender, target), flags=0)
    yield "arp", script.add(s.CHANGE, a=s.ANNOUNCE, b=0)
    station = Station(NEIGHBOUR, CLIENT[6])
    for options in (0, s.VERIFIED):
        script = Script(options).frame(bytes(station.asks(vip(1, 6))), flags=0)
        script.frame(bytes(station.asks_again(vip(1, 6), MAC[0])), flags=0)
        script.frame(bytes(station.says()), flags=0).add(s.TIME, time=20)
        script.frame(bytes(Station(NEIGHBOUR, vip(1, 6)).probes()), flags=0)
        script.frame(bytes(Station(NEIGHBOUR, OWN[6][0]).says()), flags=0).add(s.TIME, time=20)
        yield f"nd-{options}", script.add(s.CHANGE, a=s.ANNOUNCE, b=3)
    for number, row in enumerate(rows()):
        src, dst, dev = ends(row, number)
        script = Script()
        if row.mode == "SNAT":
            script.frame(udp(src, UNKNOWN[row.client_af], Udp(1, 2), dev), dev)
        forgotten = (len(rows()) + number) << 1 | (row.server_af == 6)
        script.add(s.CHANGE, a=s.FORGET, b=forgotten)
        script.frame(udp(src, dst, Udp(9, UDP_PORT, b"w"), dev), dev).answer(1 - dev)
        script.frame(udp(src, dst, Udp(8, UDP_PORT, b"w"), dev), dev)
        yield f"{row.name}-resolved", script.add(s.TIME, time=22)
        yield (
            f"{row.name}-unresolved",
            Script(s.FORWARDING, s.RATES)
            .add(s.CHANGE, a=s.FORGET, b=forgotten)
            .frame(udp(src, dst, Udp(9, UDP_PORT, b"w"), dev), dev)
            .add(s.TIME, time=23),
        )


def of_control() -> Iterator[Named]:
    """What keeps a cluster alive, for Linux; and headers that lead nowhere."""
    script = Script()
    for af in (4, 6):
        own = OWN[af][0]
        script.frame(tcp(CLIENT[af], own, Tcp(179, 9))).frame(udp(CLIENT[af], own, Udp(9, 3784)))
        for proto in (112, 89, 50):
            script.frame(l2(bytes(ip_of(CLIENT[af], own, proto, b"control!"))))
    yield "control", script
    long_chain = tuple((60, bytes(8)) for _ in range(9))
    script = Script()
    for exts in (
        long_chain,
        ((43, bytes.fromhex("0000000300000000")),),
        ((0, b"\0\xff" + bytes(6)),),
    ):
        script.frame(l2(packet(ip_of(CLIENT[6], vip(1, 6), 17, exts=exts), Udp(1, UDP_PORT))))
    yield "chains", script


def left_alone() -> Iterator[Named]:
    """Established, then idle: both ends are told by resets."""
    for (number, row), workers in product(enumerate(rows()), WORKERS):
        src, dst, dev = ends(row, number)
        script = Script(workers)
        script.frame(tcp(src, dst, Tcp(40000, TCP_PORT, 1000, flags=SYN), dev), dev)
        script.answer(1 - dev).frame(tcp(src, dst, Tcp(40000, TCP_PORT, 1001, 70001), dev), dev)
        yield f"{row.name}-idle-{workers}", script.add(s.TIME, time=23).add(s.TIME, time=23)


def of_hosts() -> Iterator[Named]:
    """Unknown neighbours, a router, hop limits, resets, echo."""
    for af in (4, 6):
        script = Script(s.FORWARDING).frame(udp(OUTSIDE[af], UNKNOWN[af], Udp(1, 2), 0), 0)
        script.answer(1, pick=0).frame(udp(OUTSIDE[af], UNKNOWN[af], Udp(1, 2, b"x"), 0), 0)
        yield f"unknown-neighbour-{af}", script.frame(udp(CLIENT[af], OWN[af][0], Udp(1, 2)))
        script = Script(s.XMIT_TTL | s.FORWARDING)
        for ttl, dst in product((1, 0, 2), (vip(0, af), vip(1, af), OUTSIDE[af])):
            script.frame(udp(CLIENT[af], dst, Udp(7, UDP_PORT, b"t"), ttl=ttl))
        yield f"hop-limits-{af}", script
        script = Script(s.DEFENCE)
        for dst, port in product((LADDR[af], vip(0, af), vip(1, af)), (80, 6000, 9)):
            script.frame(tcp(CLIENT[af], dst, Tcp(5, port, 9, 8, ACK)))
            script.frame(udp(CLIENT[af], dst, Udp(5, port)))
        yield f"strays-{af}", script
        script = Script()
        for dst in (vip(0, af), vip(1, af), OWN[af][0]):
            rest = 0x10002
            l3 = ip_of(CLIENT[af], dst, ICMP if af == 4 else ICMP6)
            message = icmp(8, 0, rest) if af == 4 else icmp6(CLIENT[af], dst, 128, 0, rest)
            script.frame(l2(bytes(ip_of(CLIENT[af], dst, l3.proto, message))))
        yield f"echo-{af}", script


def of_the_world() -> Iterator[Named]:
    """Linux's frames, other stations and types, another director, scarce memory."""
    other = frame(MAC[0], NEIGHBOUR, b"\x88\xcc" + bytes(40), 0x88CC)
    tagged = frame(MAC[0], NEIGHBOUR, b"\0\5" + struct.pack("!H", IP4_TYPE) + bytes(30), 0x8100)
    script = Script().frame(other, flags=0).frame(tagged, flags=0).frame(b"\0" * 9, flags=0)
    script.frame(udp(CLIENT[4], vip(0, 4), Udp(1, 2, bytes(2500))), flags=s.RIGHT)
    for af in (4, 6):
        script.add(s.KERNEL, 0, 0, data=tcp(OWN[af][0], CLIENT[af], Tcp(179, 179)))
        script.add(s.KERNEL, 0, 1, data=udp(OWN[af][1], server(0, af), Udp(3784, 3784), 1))
    yield "others", script
    for scarcity, change in product((0, s.RATES, s.PACKETS, s.CONNS, s.TX), (0, s.QUIESCE)):
        script = Script(s.THREE_WORKERS | s.ONE_SENDS, scarcity)
        for i in range(6):
            script.frame(udp(CLIENT[4], vip(0, 4), Udp(100 + i, UDP_PORT, b"s")), queue=i)
            script.frame(tcp(CLIENT[6], vip(1, 6), Tcp(100 + i, TCP_PORT, 3, flags=SYN)), queue=i)
        script.add(s.CHANGE, a=change).answer(1).frame(
            udp(CLIENT[4], vip(0, 4), Udp(100, UDP_PORT))
        )
        yield f"scarce-{scarcity}-{change}", script
    for card in (s.NIC_RSS, s.NIC_FLOW, s.CAPTURE, s.NO_NAT):
        script = talk_tcp(rows()[0], 0, Script(s.THREE_WORKERS, card))
        yield f"card-{card}", script.add(s.CHANGE, a=s.STANDBY).answer(1).add(s.CHANGE, a=s.ACTIVE)
    for number, row in enumerate(rows()):
        for card in (s.NO_NAT, s.NO_NAT | s.NIC_RSS, s.NO_NAT | s.NIC_FLOW):
            script = Script(s.THREE_WORKERS, card)
            src, dst, dev = ends(row, number)
            for queue in range(3):
                script.frame(
                    udp(src, dst, Udp(50000 + queue, UDP_PORT, b"o"), dev), dev, queue=queue
                )
                script.answer(1 - dev, queue=(queue + 1) % 3)
            yield f"{row.name}-owner-{card}", script


def malformed() -> Iterator[Named]:
    """Every header, option and quote that ends too early, with checksums that are right."""
    src = CLIENT[6]
    for target, kind in product((vip(1, 6), OUTSIDE[6]), (135, 136)):
        script = Script()
        bodies = [inet_pton(AF_INET6, target)[:n] for n in (0, 4, 15, 16)]
        options = (b"\1", b"\1\0" + bytes(6), b"\1\3" + bytes(6), b"\2\1\2", b"\2\1\3" + bytes(5))
        bodies += [inet_pton(AF_INET6, target) + option for option in options]
        for body in bodies:
            message = icmp6(src, target, kind, 0, 0, body)
            script.frame(l2(bytes(ip_of(src, vip(1, 6), ICMP6, message, ttl=255))))
        yield f"malformed-nd-{kind}-{target}", script
    for number, af in ((0, 4), (1, 6)):
        script, dst = Script(), vip(number, af)
        begin = Tcp(40000, TCP_PORT, 1, flags=SYN, options=SYN_OPTIONS)
        script.frame(tcp(CLIENT[af], dst, begin)).answer(1)
        at = 40 if af == 4 else 60  # of the option in front, behind both headers
        for back, (kind, length) in enumerate(((5, 255), (2, 255), (8, 1), (5, 3)), 1):
            script.answer(1, pick=back, data=bytes([at, kind, at + 1, length]))
        for odd in ("05ff0000", "01010105", "fe080000", "0502ffff", "080a0000"):
            segment = Tcp(40000, TCP_PORT, 2, 70001, options=bytes.fromhex(odd))
            script.frame(tcp(CLIENT[af], dst, segment), flags=0)
        for proto, n_bytes in product((6, 17, 1, 58), (0, 3, 7, 12, 19)):
            script.frame(l2(bytes(ip_of(CLIENT[af], dst, proto, bytes(n_bytes)))), flags=0)
        yield f"malformed-l4-{af}", script
    for number, row in enumerate(rows()):
        src, dst, dev = ends(row, number)
        script = Script().frame(udp(src, dst, Udp(40000, UDP_PORT, b"q"), dev), dev)
        quoted = packet(ip_of(src, dst, 17), Udp(40000, UDP_PORT, b"q"))
        for n_bytes in (0, 8, 19, 20, 24, 27, 39, 40, 44, 47):
            for quote in (quoted[:n_bytes], (b"\x4f" + quoted[1:])[:n_bytes]):
                af = row.client_af
                error = icmp(3, 1, 0, quote) if af == 4 else icmp6(dst, src, 1, 0, 0, quote)
                proto = ICMP if af == 4 else ICMP6
                script.frame(l2(bytes(ip_of(dst, src, proto, error)), 1 - dev), 1 - dev)
        yield f"{row.name}-malformed-quotes", script


def found() -> Iterator[Named]:
    """What the fuzzer showed once, so that it is shown again."""
    # A route's MTU above the device's was believed for a connection's first packets.
    script = Script(s.SMALL_SERVERS).add(s.CHANGE, a=s.ROUTE_MTU, b=1)
    large = Tcp(40000, TCP_PORT, 7, flags=SYN, payload=b"m" * 670)
    yield "found-route-mtu", script.frame(tcp(CLIENT[4], vip(0, 4), large, frag=DF))
    # And where the packet waits for its neighbour, which answers then.
    script = Script(s.SMALL_SERVERS).add(s.CHANGE, a=s.ROUTE_MTU, b=1)
    script.add(s.CHANGE, a=s.FORGET, b=len(rows()) << 1)
    script.frame(tcp(CLIENT[4], vip(0, 4), large, frag=DF)).add(s.CHANGE, a=s.LEARN)
    yield "found-route-mtu-waiting", script.answer(1, pick=1).answer(1, pick=0)
    # With no fragment waiting, the oldest room was number 65535 of 128.
    script = Script().frame(udp(CLIENT[4], vip(0, 4), Udp(1, UDP_PORT, bytes(99))), 0, s.CUT, c=2)
    yield "found-no-room", script.add(s.TIME, time=20).add(s.TIME, time=20)
    # In transit, nothing behind the IP header and no hop left: an ICMP type was looked for there.
    script = Script(s.FORWARDING)
    for af, ttl in product((4, 6), (1, 0)):
        script.frame(l2(bytes(ip_of(OUTSIDE[af], UNKNOWN[af], 50, b"", ttl=ttl))))
    yield "found-empty-in-transit", script


KINDS = (
    talks, with_errors, with_small_mtus, with_options_in_front, left_alone,
    of_neighbours, of_control, of_hosts, of_the_world, malformed, found, *seeds_sctp.KINDS,
    *seeds_pieces.KINDS, *seeds_links.KINDS, *seeds_filters.KINDS,
)  # fmt: skip


def scripts() -> dict[str, bytes]:
    return {name: bytes(script) for kind in KINDS for name, script in kind()}


def write(folder: Path) -> int:
    """Into an empty folder, a file each; their number."""
    folder.mkdir(parents=True, exist_ok=True)
    made = scripts()
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return len(made)
