"""Room for option 254: what is thrown out, in which order, when it is left out (F-090..F-093)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.fnat import with_toa
from tests.oracle.wire import ACK, FIN, PSH, RST, SYN, bad_checksums
from tests.steps.core import StepCore
from tests.steps.scene import CLIENT, Flow, balancer, tcp_of

TOA = b"\xfe\x08\x9c\x40\x0a\x00\x00\x30"
"""Port 40000, 10.0.0.48."""
NOP, TIMESTAMP = b"\x01", b"\x08\x0a" + bytes(8)
FAKE = b"\xfe\x08\x00\x16\x7f\x00\x00\x01"
SACK1 = b"\x05\x0a" + bytes(8)
SACK3 = b"\x05\x1a" + bytes(24)


def handshake(core: StepCore) -> Flow:
    """Up to the SYN-ACK: the client's next segments carry its address."""
    flow = Flow(core)
    flow.syn()
    flow.server(SYN | ACK, seq=0)
    return flow


def options_sent(options: bytes, n_payload: int = 0, mtu: int = 1500) -> bytes:
    with balancer(mtu=mtu) as core:
        (out,) = handshake(core).client(ACK, options=options, payload=bytes(n_payload))
        assert bad_checksums(out[14:]) == []
        assert len(out) - 14 <= mtu
        assert tcp_of(out).payload == bytes(n_payload)
        return tcp_of(out).options


CASES = {
    "in front of the others": (NOP * 2 + TIMESTAMP, TOA + NOP * 2 + TIMESTAMP),
    "up to the last byte": (NOP * 32, TOA + NOP * 32),
    "NOPs and a client's own go first": (
        NOP * 2 + FAKE + NOP * 2 + TIMESTAMP + NOP * 2 + SACK1 + NOP * 2,
        TOA + TIMESTAMP + SACK1,
    ),
    "then all but timestamps": (NOP * 2 + SACK3 + NOP * 2 + TIMESTAMP, TOA + TIMESTAMP + NOP * 2),
    "a client's own stays where there is room": (FAKE, TOA + FAKE),
    "no room at all": (TIMESTAMP * 4, TIMESTAMP * 4),
}


def test_cases() -> None:
    assert {name: options_sent(options) for name, (options, _) in CASES.items()} == {
        name: want for name, (_, want) in CASES.items()
    }


def test_mtu_takes_the_padding_first() -> None:
    """1500 bytes: 20 + 20 + options + payload."""
    padded = NOP * 2 + TIMESTAMP
    assert options_sent(padded, 1440) == TOA + padded
    assert options_sent(padded, 1441) == padded  # without its padding it is 12 again
    assert options_sent(NOP * 12, 1448) == TOA
    assert options_sent(NOP * 4 + SACK1 + NOP * 2, 1444) == TOA
    assert options_sent(b"", 1460) == b""


@given(
    parts=st.lists(
        st.sampled_from([NOP, TIMESTAMP, FAKE, SACK1, SACK3, b"\x13\x05xyz", b"\x00", b"\x08\x01"]),
        max_size=12,
    ),
    n_spare=st.integers(-4, 12),
)
@settings(max_examples=200, deadline=None, database=None)
def test_pruning_is_the_oracles(parts: list[bytes], n_spare: int) -> None:
    """Packets that end just below or above the room there is."""
    options = b""
    for part in parts:
        if len(options) + len(part) <= 40:
            options += part
    options += NOP * (-len(options) % 4)
    n_payload = min(1500 - 40 - len(options), 1452 - len(options) + n_spare)
    want = with_toa(options, CLIENT, 40000, 40 + n_payload, 1500)
    assert options_sent(options, n_payload) == want


def test_which_segments_carry_it() -> None:
    """F-091: what acknowledges exactly the server's SYN, until the client has more."""
    with balancer() as core:
        flow = handshake(core)

        def carries(flags: int, ack: int = 1, seq: int = 1) -> bool:
            (out,) = flow.client(flags, seq=seq, ack=ack, payload=b"x")
            return tcp_of(out).options == TOA

        assert carries(ACK)
        assert carries(ACK | PSH, seq=2)
        assert carries(ACK | PSH, seq=3)
        assert not carries(ACK, ack=0)
        assert not carries(SYN | ACK)
        assert carries(FIN | ACK, seq=4)
        assert not carries(RST | ACK)
        flow = Flow(core, cport=50000)
        flow.syn()
        flow.server(SYN | ACK, seq=0)
        assert tcp_of(flow.client(ACK, ack=2)[0]).options == b""


def test_no_room_is_counted() -> None:
    with balancer() as core:
        handshake(core).client(ACK, options=TIMESTAMP * 4)
        assert core.verdicts()["toa-no-room"] == 1
