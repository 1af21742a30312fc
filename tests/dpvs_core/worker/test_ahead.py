"""A burst of first packets: what is fetched ahead for them changes nothing of what they do."""

from random import Random

import pytest

from tests.oracle.wire import UDP, Udp, bad_checksums, read_ip, transport_of
from tests.steps.core import Dest, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    LIP,
    LIP6,
    RS,
    RS6,
    TO_CLIENTS,
    TO_SERVERS,
    client_udp,
    director6,
)

N_SERVICES, PORTS_A_VIP, FIRST_PORT, FIRST_DPORT, BURST = 1000, 8, 2000, 10000, 32
"""More than enough for the directory of pages that is fetched ahead."""


def vip_of(i: int, af: int) -> str:
    n = i // PORTS_A_VIP
    return f"10.0.{1 + n // 100}.{100 + n % 100}" if af == 4 else f"2001:db8::1:{n:x}"


def port_of(i: int) -> int:
    return FIRST_PORT + i % PORTS_A_VIP


def add_services(core: StepCore, af: int) -> None:
    """Service i's server listens on a port of its own, by which it is known."""
    with core.edit() as edit:
        for i in range(N_SERVICES):
            dest = Dest(RS if af == 4 else RS6, FIRST_DPORT + i, id=i)
            laddrs = [LIP if af == 4 else LIP6]
            assert edit.put(vip_of(i, af), port_of(i), [dest], proto=UDP, laddrs=laddrs) == 0


def frame_to(i: int, af: int, cport: int, port: int) -> bytes:
    caddr = CLIENT if af == 4 else CLIENT6
    return client_udp(Udp(cport, port, b"x" * 20), caddr, vip_of(i, af))


@pytest.mark.parametrize("af", [4, 6])
def test_each_packet_of_a_burst_reaches_the_server_of_its_own_service(af: int) -> None:
    rng = Random(af)
    with director6() as core:
        add_services(core, af)
        for burst in range(20):
            services = [rng.randrange(N_SERVICES) for _ in range(BURST - 4)]
            frames = [frame_to(i, af, 3000 + BURST * burst + k, port_of(i))
                      for k, i in enumerate(services)]  # fmt: skip
            frames.insert(5, frame_to(3, af, 2999, FIRST_PORT - 1))  # no service at that port
            frames.insert(9, frames[1])  # its connection begins in this burst
            frames.insert(12, frames[0][:30])  # no packet at all
            for frame in frames:
                core.send(frame, TO_CLIENTS)
            core.sent.clear()
            core.step()
            out = [read_ip(frame[14:]) for frame in core.sent[TO_SERVERS]]
            wanted = [*services[:8], services[1], *services[8:]]
            assert [transport_of(ip).dport - FIRST_DPORT for ip in out] == wanted
            assert not any(bad_checksums(frame[14:]) for frame in core.sent[TO_SERVERS])
        assert core.n_conns() == 20 * (BURST - 4)


@pytest.mark.parametrize("af", [4, 6])
def test_padding_behind_a_first_packet_is_no_part_of_it(af: int) -> None:
    with director6() as core:
        add_services(core, af)
        frame = frame_to(1, af, 3000, port_of(1))
        (out,) = core.forward(frame + bytes(9), TO_CLIENTS)
        assert len(out) == len(frame)
