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
    DF,
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
