"""DR (F-084) and tunnel (F-085): every packet of a conversation, against the oracle."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.modes.one_way_scene import (
    DEST_ID,
    MODES,
    TUNNELS,
    Mode,
    arrive,
    first_of,
    later_of,
    to_director,
)
from tests.oracle.wire import (
    ACK,
    DEST_OPTIONS,
    DF,
    FIN,
    PSH,
    SYN,
    TCP,
    UDP,
    Tcp,
    Udp,
    read_ip4,
    text,
)
from tests.steps.core import Dest, StepCore
from tests.steps.scene import LIP, RS, RS6, TO_CLIENTS, TO_SERVERS, VIP

modes = pytest.mark.parametrize("mode", MODES, ids=str)
protocols = pytest.mark.parametrize("proto", [TCP, UDP], ids=["tcp", "udp"])


def variants(mode: Mode, proto: int, cport: int) -> list[bytes]:
    """A client's packets in order; what an outer header takes from them differs in each."""
    special: dict[str, Any] = {"options": b"\x01\x01\x01\x00", "frag": DF}
    fragmentable: dict[str, Any] = {"frag": DF, "ident": 0xFFFF}
    n_headers = (20 if mode.client_af == 4 else 40) + (20 if proto == TCP else 8)
    if mode.client_af == 6:
        special = {"exts": ((DEST_OPTIONS, b"\0\0\1\4\0\0\0\0"),)}
        fragmentable = {"flow": 0xABCDE}
    rows: list[tuple[Tcp | Udp, dict[str, Any]]] = [
        (first_of(proto, cport), {"tos": 0xB9, "ttl": 5}),
        (later_of(proto, b"", cport), {}),
        (later_of(proto, b"odd", cport), {"tos": 3, "ttl": 255}),
        (later_of(proto, b"even", cport), fragmentable),
        (later_of(proto, b"special", cport), special),
        (later_of(proto, bytes(1280 - n_headers), cport), {"tos": 0xFF, "ttl": 1}),
        (later_of(proto, bytes(1281 - n_headers), cport), {"tos": 1, "ttl": 2}),
        (later_of(proto, bytes(1200), cport), {**special, "ttl": 2}),
    ]
    if proto == UDP:
        rows.append((Udp(cport, 80, b"no sum", has_checksum=False), {}))
    else:
        rows.append((Tcp(cport, 80, 5, 9, ACK | PSH, options=bytes(range(8, 16))), {}))
        rows.append((Tcp(cport, 80, 6, 9, ACK | FIN), {}))
    return [mode.packet(transport, **ip) for transport, ip in rows]


def check(core: StepCore, mode: Mode, l3: bytes, worker: int = 0, source: str = "") -> bytes:
    """One packet leaves for `l3`, towards the servers, and it is the right one."""
    (sent,) = arrive(core, l3, worker)
    assert core.sent[TO_SERVERS] == [sent], core.verdicts()
    want = mode.expected(l3, sent, source)
    assert text(sent) == text(want)
    assert sent == want
    return sent


@modes
@protocols
@pytest.mark.parametrize("n_workers", [1, 3])
def test_every_packet(mode: Mode, proto: int, n_workers: int) -> None:
    with mode.balancer(n_workers, proto) as core:
        used = set()
        for cport in range(40000, 40012):
            for n, l3 in enumerate(variants(mode, proto, cport)):
                check(core, mode, l3, (cport + n) % n_workers)
            row = core.find(proto, mode.client, cport, mode.vip, 80)
            assert row
            used.add(row.worker)
        assert used == set(range(n_workers))
        assert core.n_conns() == core.verdicts()["scheduled"] == 12
        assert not any("drop" in name for name in core.verdicts())


@modes
@protocols
def test_known_packets_in_one_burst(mode: Mode, proto: int) -> None:
    """The fast path: a burst of several connections."""
    with mode.balancer(proto=proto) as core:
        for i in range(5):
            check(core, mode, mode.packet(first_of(proto, 40000 + i)))
        core.sent.clear()
        burst = [
            mode.packet(later_of(proto, bytes([i]) * (i % 7), 40000 + i % 5)) for i in range(32)
        ]
        before = core.verdicts()["forward-in"]
        for l3 in burst:
            core.send(to_director(l3), TO_CLIENTS)
        core.step()
        assert [text(sent) for sent in core.sent[TO_SERVERS]] == [
            text(mode.expected(l3, sent))
            for l3, sent in zip(burst, core.sent[TO_SERVERS], strict=True)
        ]
        assert core.verdicts()["forward-in"] == before + 32


@pytest.mark.parametrize("mode", TUNNELS, ids=str)
@given(
    tos=st.integers(0, 255), ttl=st.integers(1, 255), n=st.integers(0, 1400), df=st.booleans(),
    flow=st.integers(0, 0xFFFFF), ident=st.integers(0, 0xFFFF),
)  # fmt: skip
@settings(max_examples=60, deadline=None, database=None)
def test_any_header(
    mode: Mode, tos: int, ttl: int, n: int, df: bool, flow: int, ident: int
) -> None:
    """The outer header follows the inner one; its checksum is right for any of them."""
    free: dict[str, Any] = {"flow": flow}
    if mode.client_af == 4:
        free = {"frag": DF if df else 0, "ident": ident}
    with mode.balancer(proto=UDP) as core:
        arrive(core, mode.packet(first_of(UDP)))
        check(core, mode, mode.packet(Udp(40000, 80, bytes(n)), tos=tos, ttl=ttl, **free))


@pytest.mark.parametrize("n_workers", [1, 3])
def test_outer_identifications_differ(n_workers: int) -> None:
    """RFC 6864 4.1: without DF no two packets between the same ends, of any worker, look alike."""
    mode = Mode("TUNNEL", 4, 4)
    with mode.balancer(n_workers, UDP) as core:
        seen = [
            read_ip4(arrive(core, mode.packet(first_of(UDP, 40000 + i % 40)))[0][14:]).ident
            for i in range(200)
        ]
        assert len(set(seen)) == 200


@modes
@protocols
def test_nothing_is_taken_from_local_addresses(mode: Mode, proto: int) -> None:
    with mode.balancer(proto=proto) as core:
        core.service(mode.vip, 80, [Dest(mode.server, id=DEST_ID, fwd=mode.fwd)], proto=proto)
        check(core, mode, mode.packet(first_of(proto)))
        assert core.ports(LIP)[0] == 0


def test_a_service_may_mix_modes() -> None:
    """Each real server has its own way (-g, -i, -b of ipvsadm)."""
    tunnel, direct = Mode("TUNNEL", 4, 4), Mode("DR", 4, 4)
    with tunnel.balancer() as core:
        dests = [Dest(RS, id=1), Dest(RS, id=2, fwd="DR"), Dest(RS, id=3, fwd="TUNNEL"),
                 Dest(RS6, id=4, fwd="TUNNEL")]  # fmt: skip
        core.service(VIP, 80, dests, laddrs=[LIP])
        lengths = []
        for i in range(8):
            l3 = direct.packet(Tcp(40000 + i, 80, 1, flags=SYN))
            (sent,) = arrive(core, l3)
            lengths.append(len(sent) - 14 - len(l3))
        assert sorted(lengths) == [0, 0, 0, 0, 20, 20, 40, 40]
        assert core.ports(LIP)[0] == 2
        assert {core.dest(i)["conns"] for i in (1, 2, 3, 4)} == {2}
