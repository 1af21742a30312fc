"""Echo requests in fragments to an address of the core are answered (F-004, F-192: DPVS drops all
fragments), whichever worker receives which, in any order, without being put together."""

from itertools import permutations

import pytest

from tests.dpvs_core.worker.fragment_scene import (
    CLIENTS,
    FAMILIES,
    LIPS,
    VIPS,
    WORKERS,
    client_frames,
    offsets,
    payload_of,
    run,
    udp_balancer,
)
from tests.oracle.fragments import piece_of, together
from tests.oracle.wire import ICMP, ICMP6, Ip, bad_checksums, icmp, icmp6, ip_of, read_ip
from tests.steps.core import StepCore, lib
from tests.steps.scene import CLIENT_MAC, TO_CLIENTS

ASKS, ANSWERS = {4: 8, 6: 128}, {4: 0, 6: 129}
ORDERS = list(permutations(range(3)))
REST = 0x12340007  # id and sequence number
LINK_LOCAL = "fe80::10"


def message(kind: int, src: str, dst: str, data: bytes, rest: int = REST) -> Ip:
    if ":" in src:
        return ip_of(src, dst, ICMP6, icmp6(src, dst, kind, 0, rest, data))
    return ip_of(src, dst, ICMP, icmp(kind, 0, rest, data))


def answer_of(out: list[bytes]) -> tuple[str, str, bytes]:
    """Ends and payload of what the asker puts together, its checksum right."""
    ip = together(out)
    assert bad_checksums(bytes(ip)) == []
    assert all("ip" not in bad_checksums(l3) for l3 in out)
    return ip.src, ip.dst, ip.payload


def spread(core: StepCore, frames: list[bytes], n_workers: int) -> list[bytes]:
    """Each fragment to another worker, one after the other."""
    return [l3 for at, one in enumerate(frames) for l3 in run(core, [one], worker=at % n_workers)]


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize("n_workers", WORKERS)
@pytest.mark.parametrize("order", ORDERS)
def test_behaviour_20_in_any_order(af: int, n_workers: int, order: tuple[int, ...]) -> None:
    """F-192. The answer's fragments are those of the question, under a number of ours."""
    ends = CLIENTS[af], VIPS[af]
    with udp_balancer(n_workers) as core:
        for ident in (7, 8, 0x77):
            sent = client_frames(message(ASKS[af], *ends, payload_of(3000)), ident)
            out = spread(core, [sent[i] for i in order], n_workers)
            assert answer_of(out) == (
                VIPS[af], CLIENTS[af],
                message(ANSWERS[af], VIPS[af], CLIENTS[af], payload_of(3000)).payload,
            )  # fmt: skip
            late = [1200 * i for i in order if i]
            assert offsets(out) == [0, *late]
            assert len({piece.ident for l3 in out if (piece := piece_of(l3))}) == 1
        assert core.verdicts()["echo-replied"] == 9
        assert core.mbufs_in_use() == 0


@pytest.mark.parametrize("af", FAMILIES)
def test_the_largest_there_is(af: int) -> None:
    n_bytes = 65535 - (28 if af == 4 else 8)
    ends = CLIENTS[af], VIPS[af]
    with udp_balancer() as core:
        sent = client_frames(message(ASKS[af], *ends, payload_of(n_bytes)), 7, 1448)
        out = [l3 for at in range(0, len(sent), 20) for l3 in run(core, sent[at : at + 20])]
        expected = message(ANSWERS[af], *reversed(ends), payload_of(n_bytes)).payload
        assert answer_of(out) == (*reversed(ends), expected)


@pytest.mark.parametrize("af", FAMILIES)
def test_two_at_once_are_two_answers_with_two_numbers(af: int) -> None:
    with udp_balancer() as core:
        parts = [
            client_frames(message(ASKS[af], CLIENTS[af], dst, payload_of(2000, n)), 7)
            for n, dst in enumerate((VIPS[af], LIPS[af]))
        ]
        out = run(core, [frame for both in zip(*parts, strict=True) for frame in both])
        for n, dst in enumerate((VIPS[af], LIPS[af])):
            mine = [l3 for l3 in out if read_ip(l3).src == dst]
            assert answer_of(mine) == (
                dst, CLIENTS[af],
                message(ANSWERS[af], dst, CLIENTS[af], payload_of(2000, n)).payload,
            )  # fmt: skip
        assert len({piece.ident for l3 in out if (piece := piece_of(l3))}) == 2


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize("n_workers", WORKERS)
@pytest.mark.parametrize("kind", [(0, 129), (13, 130), (3, 1)], ids=["answer", "other", "error"])
def test_other_messages_are_linuxs(af: int, n_workers: int, kind: tuple[int, int]) -> None:
    """NEGATIVE: an answer to Linux's own question among them; all of their fragments arrive."""
    ip = message(kind[af == 6], CLIENTS[af], VIPS[af], payload_of(3000))
    with udp_balancer(n_workers) as core:
        sent = client_frames(ip)
        assert run(core, [sent[1], sent[2], sent[0]], worker=n_workers - 1) == []
        assert sorted(core.to_kernel[0]) == sorted(sent)


@pytest.mark.parametrize("af", FAMILIES)
def test_without_its_first_fragment_nothing_is_answered(af: int) -> None:
    """NEGATIVE: it waits, bounded and timed out as those of balanced packets."""
    with udp_balancer() as core:
        sent = client_frames(message(ASKS[af], CLIENTS[af], VIPS[af], payload_of(3000)))
        assert run(core, sent[1:]) == []
        assert core.verdicts()["fragment-waiting"] == 2
        core.pass_time(3)
        assert core.verdicts()["fragment-lost"] == 2
        assert core.mbufs_in_use() == 0


@pytest.mark.parametrize("af", FAMILIES)
def test_a_damaged_message_is_not_mended(af: int) -> None:
    """NEGATIVE: its checksum is the asker's to judge, and stays as wrong as it was."""
    with udp_balancer() as core:
        sent = client_frames(message(ASKS[af], CLIENTS[af], VIPS[af], payload_of(3000)))
        sent[1] = sent[1][:-1] + bytes([sent[1][-1] ^ 1])
        assert bad_checksums(bytes(together(run(core, sent)))) != []


def test_no_more_than_icmp_pps() -> None:
    with udp_balancer(settings={"icmp_pps": 2}) as core:
        sent = client_frames(message(8, CLIENTS[4], VIPS[4], payload_of(3000)))
        assert len(run(core, sent)) == 1
        assert core.verdicts()["icmp-rate-limit"] == 2


def test_a_link_local_address_is_asked() -> None:
    """F-221: where it is, and from there; on the other device it is Linux's."""
    with udp_balancer() as core:
        core.addr(LINK_LOCAL, TO_CLIENTS)
        core.neigh("fe80::48", TO_CLIENTS, CLIENT_MAC)
        ip = message(128, "fe80::48", LINK_LOCAL, payload_of(2000))
        out = run(core, list(reversed(client_frames(ip))))
        assert answer_of(out)[2] == message(129, LINK_LOCAL, "fe80::48", payload_of(2000)).payload
        assert {frame[:6].hex(":") for frame in core.sent[TO_CLIENTS]} == {CLIENT_MAC}


@pytest.mark.parametrize("af", FAMILIES)
def test_an_address_of_linux_is_not_asked_here(af: int) -> None:
    """NEGATIVE: scope kni_host: all fragments are Linux's, and none waits."""
    with udp_balancer() as core:
        theirs = "10.0.0.77" if af == 4 else "2001:db8::77"
        core.addr(theirs, TO_CLIENTS, kind=lib.CORE_ADDR_KERNEL)
        sent = client_frames(message(ASKS[af], CLIENTS[af], theirs, payload_of(2000)))
        assert run(core, sent[1:]) == []
        assert core.to_kernel[0] == sent[1:]
