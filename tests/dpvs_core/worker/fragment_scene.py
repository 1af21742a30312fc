"""Datagrams in fragments through a balancer of both families."""

from tests.oracle.fragments import cut, piece_of, together
from tests.oracle.wire import UDP, Ip, Udp, bad_checksums, ip_frame, ip_of, read_udp
from tests.steps.core import MAC, StepCore
from tests.steps.places import PLACES, TO_CLIENTS, TO_SERVERS
from tests.steps.scene import balancer6

FAMILIES = [4, 6]
WORKERS = [1, 3]
CLIENTS = {af: at.client for af, at in PLACES.items()}
VIPS = {af: at.vip for af, at in PLACES.items()}
LIPS = {af: at.lip for af, at in PLACES.items()}
SERVERS = {af: at.server for af, at in PLACES.items()}
NEIGHBOUR = "02:cc:00:00:00:01"


def udp_balancer(n_workers: int = 1, **rest: object) -> StepCore:
    return balancer6(n_workers, proto=UDP, **rest)


def payload_of(n_bytes: int, seed: int = 0) -> bytes:
    return bytes((at * 7 + at // 256 + seed) % 251 for at in range(n_bytes))


def datagram(src: str, dst: str, udp: Udp, **ip: int) -> Ip:
    return ip_of(src, dst, UDP, udp.pack(src, dst), **ip)


def asked(af: int, cport: int = 40000, n_bytes: int = 3000, vport: int = 80) -> Ip:
    """A client's datagram."""
    return datagram(CLIENTS[af], VIPS[af], Udp(cport, vport, payload_of(n_bytes)))


def answered(af: int, lport: int, n_bytes: int = 3000) -> Ip:
    """A server's."""
    return datagram(SERVERS[af], LIPS[af], Udp(80, lport, payload_of(n_bytes, 1)))


def frames(packets: list[bytes], dev: int) -> list[bytes]:
    return [ip_frame(MAC[dev], NEIGHBOUR, l3) for l3 in packets]


def client_frames(ip: Ip, ident: int = 7, n_payload: int = 1200) -> list[bytes]:
    return frames(cut(ip, ident, n_payload), TO_CLIENTS)


def server_frames(ip: Ip, ident: int = 7, n_payload: int = 1200) -> list[bytes]:
    return frames(cut(ip, ident, n_payload), TO_SERVERS)


def run(core: StepCore, sent: list[bytes], dev: int = TO_CLIENTS, worker: int = 0) -> list[bytes]:
    """IP packets that left for these frames, which one worker receives in one burst."""
    core.sent.clear()
    core.to_kernel.clear()
    for frame in sent:
        core.send(frame, dev, worker)
    core.step()
    return [frame[14:] for frame in core.sent[TO_SERVERS] + core.sent[TO_CLIENTS]]


def whole(out: list[bytes]) -> tuple[Ip, Udp]:
    """What the receiver puts together, its checksums right."""
    ip = together(out)
    assert bad_checksums(bytes(ip)) == []
    for l3 in out:
        assert "ip" not in bad_checksums(l3)
    return ip, read_udp(ip.payload)


def offsets(out: list[bytes]) -> list[int]:
    places = []
    for l3 in out:
        piece = piece_of(l3)
        assert piece
        places.append(piece.offset)
    return places


def lport_of(core: StepCore, af: int, cport: int = 40000) -> int:
    row = core.find(UDP, CLIENTS[af], cport, VIPS[af], 80)
    assert row
    return row.lport
