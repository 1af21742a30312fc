"""Nobody answers at the next hop: the sender of what waited is told (RFC 792, RFC 4443 3.1), in
every mode, as by a router beside us. DPVS tells nobody."""

import pytest

pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")

from tests.oracle.wire import (
    ICMP,
    ICMP6,
    SYN,
    UDP,
    Tcp,
    Udp,
    bad_checksums,
    icmp,
    icmp6,
    ip_frame,
    ip_of,
    packet,
    read_ip,
)
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    CLIENT_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    VIP6,
    director6,
)

OWN = {4: "192.168.100.1", 6: "fd00:64::1"}
CLIENTS, VIPS = {4: CLIENT, 6: CLIENT6}, {4: VIP, 6: VIP6}
ABSENT = {4: "192.168.100.77", 6: "fd00:64::77"}
LIPS = {4: "192.168.100.200", 6: "fd00:64::200"}
HOST_UNREACHABLE = {4: (3, 1), 6: (1, 3)}
GIVEN_UP_S = 4.0


def scene(n_workers: int, **settings: int) -> StepCore:
    core = director6(n_workers, settings=settings)
    for addr in OWN.values():
        core.addr(addr, TO_SERVERS)
    return core


def balanced(fwd: str, af: int, server_af: int, n_workers: int) -> StepCore:
    core = scene(n_workers)
    laddrs = [LIPS[server_af]] if fwd == "FNAT" else []
    dest = Dest(ABSENT[server_af], 80, id=9, fwd=fwd)
    core.service(VIPS[af], 80, [dest], proto=6, laddrs=laddrs)
    return core


def told(core: StepCore) -> list[bytes]:
    """What left to the clients until the neighbour was given up."""
    core.sent.clear()
    core.pass_time(GIVEN_UP_S, 0.1)
    return core.sent[TO_CLIENTS]


def syn(af: int, cport: int = 40000) -> bytes:
    return packet(ip_of(CLIENTS[af], VIPS[af], 6), Tcp(cport, 80, 7, flags=SYN))


def arrives(core: StepCore, l3: bytes, worker: int = 0) -> None:
    assert core.forward(ip_frame(MAC[TO_CLIENTS], CLIENT_MAC, l3), worker=worker) is not None


def check_error(frame: bytes, af: int, about: bytes, server_af: int = 0) -> None:
    assert frame[:12].hex(":") == f"{CLIENT_MAC}:{MAC[TO_CLIENTS]}"
    ip = read_ip(frame[14:])
    assert (ip.dst, ip.proto) == (CLIENTS[af], ICMP if af == 4 else ICMP6)
    told_as = (1, 0) if (af, server_af) == (6, 4) else HOST_UNREACHABLE[af]  # RFC 7915 4.2
    assert (ip.payload[0], ip.payload[1]) == told_as
    assert ip.payload[4:8] == bytes(4)
    assert bad_checksums(frame[14:]) == []
    quoted = read_ip(ip.payload[8:])
    sent = read_ip(about)
    assert (quoted.src, quoted.dst, quoted.proto) == (sent.src, sent.dst, sent.proto)
    assert quoted.payload[:8] == sent.payload[:8], "ports and numbers as the client sent them"


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize(
    ("fwd", "af", "server_af"),
    [
        ("FNAT", 4, 4), ("FNAT", 6, 6), ("FNAT", 6, 4), ("FNAT", 4, 6), ("NAT", 4, 4),
        ("NAT", 6, 6), ("DR", 4, 4), ("DR", 6, 6), ("TUNNEL", 4, 4), ("TUNNEL", 6, 6),
        ("TUNNEL", 4, 6), ("TUNNEL", 6, 4),
    ],
)  # fmt: skip
def test_a_client_whose_server_does_not_answer_is_told(
    fwd: str, af: int, server_af: int, n_workers: int
) -> None:
    with balanced(fwd, af, server_af, n_workers) as core:
        for i in range(4):
            arrives(core, syn(af, 40000 + i), worker=i % n_workers)
        errors = told(core)
        assert core.verdicts()["unresolved"] == 4
        assert len(errors) == 4
        by_port = sorted(
            errors, key=lambda error: read_ip(read_ip(error[14:]).payload[8:]).payload[:2]
        )
        for i, error in enumerate(by_port):
            check_error(error, af, syn(af, 40000 + i), server_af if fwd == "FNAT" else 0)


@pytest.mark.parametrize("af", [4, 6])
def test_in_transit(af: int) -> None:
    """RFC 1812 4.3.3.1: host unreachable."""
    with scene(1, ip4_forwarding=1, ip6_forwarding=1) as core:
        sent = packet(ip_of(CLIENTS[af], ABSENT[af], UDP), Udp(9, 7, b"any"))
        arrives(core, sent)
        [error] = told(core)
        check_error(error, af, sent)
        assert read_ip(error[14:]).src in (OWN[af], LIPS[af])


@pytest.mark.parametrize("af", [4, 6])
def test_no_error_about_an_error(af: int) -> None:
    """NEGATIVE: RFC 1122 3.2.2, RFC 4443 2.4 (e)."""
    with scene(1, ip4_forwarding=1, ip6_forwarding=1) as core:
        ends = CLIENTS[af], ABSENT[af]
        body = icmp(3, 1, 0, bytes(28)) if af == 4 else icmp6(*ends, 1, 3, 0, bytes(48))
        arrives(core, bytes(ip_of(*ends, ICMP if af == 4 else ICMP6, body)))
        assert told(core) == []
        assert core.verdicts()["unresolved"] == 1


def test_errors_are_limited() -> None:
    """RFC 4443 2.4 (f): icmp_pps a worker, a tenth of it at once."""
    with scene(1, ip4_forwarding=1, icmp_pps=100) as core:
        for i in range(60):
            arrives(core, packet(ip_of(CLIENT, ABSENT[4], UDP), Udp(9, i + 1)))
        assert 10 <= len(told(core)) <= 22, "two turns of the worker, 100 ms apart"
        assert core.verdicts()["unresolved"] == 60


def test_a_neighbour_that_answers_in_time_is_no_error() -> None:
    """NEGATIVE."""
    with balanced("FNAT", 4, 4, 1) as core:
        arrives(core, syn(4))
        core.neigh(ABSENT[4], TO_SERVERS)
        assert told(core) == []
        assert "unresolved" not in core.verdicts()
