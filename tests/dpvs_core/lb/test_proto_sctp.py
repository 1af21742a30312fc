"""F-130: LVS's states of SCTP by the chunks that pass, their time-outs, and what ends."""

import pytest

from tests.dpvs_core.lb.sctp_scene import (
    CLIENT_TAG,
    COOKIE,
    DEST_ID,
    ONE_WAY,
    REWRITING,
    SERVER_PORT,
    SERVER_TAG,
    Association,
    Row,
    framed,
    init,
    unpacked,
)
from tests.oracle.sctp import (
    ABORT,
    CHUNKS,
    COOKIE_ACK,
    COOKIE_ECHO,
    DATA,
    ERROR,
    HEARTBEAT,
    INIT,
    INIT_ACK,
    SACK,
    SHUTDOWN,
    SHUTDOWN_ACK,
    SHUTDOWN_COMPLETE,
    STATES,
    TIMEOUT_S,
    Chunk,
    Sctp,
    crc32c,
    next_state,
)
from tests.steps.core import StepCore
from tests.steps.scene import CLIENT, LIP, RS, TO_CLIENTS, TO_SERVERS, VIP

Sent = tuple[bool, int]
"""From the client?, type of the chunk."""

FNAT = Row("FNAT")


def ways(answers_pass: bool) -> dict[str, list[Sent]]:
    """The shortest chunks behind the first INIT that lead to each state."""
    found: dict[str, list[Sent]] = {"INIT1": []}
    todo = ["INIT1"]
    while todo:
        state = todo.pop(0)
        for client in (True, False) if answers_pass else (True,):
            for chunk in CHUNKS:
                after = next_state(state, chunk, client, answers_pass)
                if after not in found:
                    found[after] = [*found[state], (client, chunk)]
                    todo.append(after)
    return found


BOTH, ALONE = ways(True), ways(False)


def chunk_of(kind: int) -> Chunk:
    return init(kind) if kind in (INIT, INIT_ACK) else Chunk(kind, b"1234")


def run(core: StepCore, row: Row, sent: list[Sent], cport: int = 40000) -> Association:
    one = Association(core, row, cport)
    assert one.client(init())
    for client, kind in sent:
        (one.client if client else one.server)(chunk_of(kind))
    return one


def test_what_chunks_can_reach() -> None:
    assert set(BOTH) == set(STATES) - {"NONE"}
    assert set(ALONE) == {"INIT1", "INIT", "ESTABLISHED", "S-RECEIVED", "CLOSED"}


@pytest.mark.parametrize("state", BOTH)
def test_every_chunk_in_every_state(state: str) -> None:
    with FNAT.balancer() as core:
        events = [(client, kind) for client in (True, False) for kind in CHUNKS]
        for i, (client, kind) in enumerate(events):
            one = run(core, FNAT, BOTH[state], cport=1000 + i)
            assert one.state() == state
            (one.client if client else one.server)(chunk_of(kind))
            assert one.state() == next_state(state, kind, client), (client, kind)


@pytest.mark.parametrize("state", ALONE)
def test_every_chunk_where_answers_go_another_way(state: str) -> None:
    row = Row("DR")
    with row.balancer() as core:
        for i, kind in enumerate(CHUNKS):
            one = run(core, row, ALONE[state], cport=1000 + i)
            assert one.state() == state
            one.client(chunk_of(kind))
            assert one.state() == next_state(state, kind, True, answers_pass=False), kind


@pytest.mark.parametrize("state", BOTH)
def test_time_out_of_the_state(state: str) -> None:
    with FNAT.balancer() as core:
        one = run(core, FNAT, BOTH[state])
        assert one.timeout_s() == TIMEOUT_S[state]
        stats = core.dest(DEST_ID)
        active = state == "ESTABLISHED"
        assert (stats["active"], stats["inactive"]) == (int(active), int(not active))
        core.pass_time(TIMEOUT_S[state] - 0.5, slice_s=2)
        assert one.state() == state
        core.pass_time(2.5)
        assert (one.state(), core.n_conns(), core.ports(LIP)[0]) == ("", 0, 0)


def test_time_outs_are_settings_and_the_services_is_for_established_ones() -> None:
    wanted = [5 + i for i in range(14)]
    for state, way in BOTH.items():
        with FNAT.balancer() as core:
            core.set(sctp_timeout_s=wanted)
            assert run(core, FNAT, way).timeout_s() == wanted[STATES.index(state)]
    with FNAT.balancer(conn_timeout_s=7) as core:
        one = run(core, FNAT, [])
        assert one.timeout_s() == 4
        assert Association(core, FNAT, 40001).open().timeout_s() == 7


@pytest.mark.parametrize(
    "chunks",
    [
        (Chunk(SACK, bytes(12)), Chunk(SHUTDOWN, bytes(4))),
        (Chunk(DATA, b"odd"), Chunk(DATA, b"12345"), Chunk(SHUTDOWN, bytes(4))),
    ],
)
def test_all_chunks_of_a_packet_count(chunks: tuple[Chunk, ...]) -> None:
    with FNAT.balancer() as core:
        one = Association(core).open()
        one.client(*chunks)
        assert one.state() == "S-RECEIVED"


@pytest.mark.parametrize("n_bytes", [0, 1, 3, 5, 200, 65535])
def test_a_chunk_of_a_false_length_hides_what_follows(n_bytes: int) -> None:
    """Nothing is read behind the packet, and the walk ends."""
    lying = bytes([DATA, 0]) + n_bytes.to_bytes(2, "big") + bytes(Chunk(ABORT))
    with FNAT.balancer() as core:
        one = Association(core).open()
        honest = Sctp(40000, 80, SERVER_TAG, ()).pack()[:8] + bytes(4) + lying
        data = honest[:8] + crc32c(honest).to_bytes(4, "little") + lying
        frame = framed(TO_CLIENTS, CLIENT, VIP, data)
        assert len(core.forward(frame, TO_CLIENTS)) == 1
        assert one.state() == ("CLOSED" if n_bytes == 4 else "ESTABLISHED")


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (Sctp(40000, 80, 7, (init(),)), "a tag"),
        (Sctp(40000, 80, 0, (init(), Chunk(DATA, b"1234"))), "not alone"),
        (Sctp(40000, 80, 9, (COOKIE,)), "a cookie of before"),
        (Sctp(40000, 80, 9, (Chunk(DATA, bytes(20)),)), "data"),
    ],
)
def test_only_an_init_begins(packet: Sctp, why: str) -> None:
    with FNAT.balancer() as core:
        core.forward(framed(TO_CLIENTS, CLIENT, VIP, packet.pack()), TO_CLIENTS)
        assert core.n_conns() == 0, why
        assert core.verdicts()["no-connection"] == 1


@pytest.mark.parametrize(
    ("chunks", "told"),
    [
        ([Chunk(DATA, b"1234")], ABORT),
        ([Chunk(HEARTBEAT, b"1234")], ABORT),
        ([Chunk(INIT_ACK, bytes(16))], ABORT),
        ([Chunk(SHUTDOWN_ACK)], SHUTDOWN_COMPLETE),
        ([Chunk(ABORT)], None),
        ([Chunk(DATA, b"1234"), Chunk(ABORT)], None),
        ([Chunk(SHUTDOWN_COMPLETE)], None),
        ([Chunk(COOKIE_ACK)], None),
        ([Chunk(ERROR, b"1234")], None),
    ],
)
@pytest.mark.parametrize("to_laddr", [False, True])
def test_out_of_the_blue(chunks: list[Chunk], told: int | None, to_laddr: bool) -> None:
    """RFC 9260 8.4: the sender of what nobody waits for is told, by its own tag."""
    src, dst, dev = (RS, LIP, TO_SERVERS) if to_laddr else (CLIENT, VIP, TO_CLIENTS)
    sport, dport = (SERVER_PORT, 5000) if to_laddr else (40000, 80)
    with FNAT.balancer() as core:
        data = Sctp(sport, dport, 0xABCD, tuple(chunks)).pack()
        sent = core.forward(framed(dev, src, dst, data), dev)
        assert len(sent) == (told is not None)
        if told is not None:
            ip, sctp = unpacked(sent[0])
            assert (ip.src, ip.dst) == (dst, src)
            assert sctp == Sctp(dport, sport, 0xABCD, (Chunk(told, flags=1),))
            assert core.verdicts()["reset-sent"] == 1
        assert core.verdicts()["no-connection"] == 1


def test_answers_out_of_the_blue_are_limited() -> None:
    with FNAT.balancer() as core:
        core.set(reset_pps=2)
        data = Sctp(40000, 80, 9, (Chunk(DATA, b"1234"),)).pack()
        for _ in range(6):
            core.forward(framed(TO_CLIENTS, CLIENT, VIP, data), TO_CLIENTS)
        verdicts = core.verdicts()
        assert verdicts["reset-sent"] + verdicts["reset-rate-limit"] == 6
        assert verdicts["reset-sent"] <= 3


@pytest.mark.parametrize("row", REWRITING, ids=str)
def test_an_idle_association_ends_with_an_abort_to_each(row: Row) -> None:
    """F-055 for SCTP: with the tags that the two ends expect."""
    with row.balancer() as core:
        one = Association(core, row).open()
        core.sent.clear()
        core.pass_time(903, slice_s=3)
        assert core.n_conns() == 0
        (to_client,) = core.sent[row.client_dev]
        (to_server,) = core.sent[1 - row.client_dev]
        ip, sctp = unpacked(to_client)
        assert (ip.src, ip.dst) == (row.asked, row.client)
        assert sctp == Sctp(80, one.cport, CLIENT_TAG, (Chunk(ABORT),))
        ip, sctp = unpacked(to_server)
        assert (ip.src, ip.dst) == (row.seen, row.server)
        assert sctp == Sctp(one.seen_port, row.server_port, SERVER_TAG, (Chunk(ABORT),))


def test_tags_of_aborts_and_inits_are_not_believed() -> None:
    """They may be the sender's own (8.5.1): an INIT to an established association is one."""
    with FNAT.balancer() as core:
        one = Association(core).open()
        one.client(init())
        assert one.state() == "ESTABLISHED"
        core.sent.clear()
        core.pass_time(903, slice_s=3)
        assert unpacked(core.sent[TO_SERVERS][0])[1].tag == SERVER_TAG


@pytest.mark.parametrize("row", [FNAT, ONE_WAY[0]], ids=str)
def test_no_abort_where_none_is_due(row: Row) -> None:
    """Not of what is closed, or was never answered; nor where answers go another way."""
    with row.balancer() as core:
        closed = Association(core, row, 40001).open()
        closed.client(Chunk(ABORT))
        Association(core, row, 40002).client(init())
        if row.one_way:
            Association(core, row, 40003).open()
        core.sent.clear()
        core.pass_time(905, slice_s=3)
        assert core.n_conns() == 0
        assert (core.sent[0], core.sent[1]) == ([], [])


def test_a_client_that_begins_again_after_the_end() -> None:
    with FNAT.balancer() as core:
        one = Association(core).open()
        one.client(Chunk(SHUTDOWN, bytes(4)))
        one.server(Chunk(SHUTDOWN_ACK))
        one.client(Chunk(SHUTDOWN_COMPLETE))
        assert one.state() == "CLOSED"
        one.open()
        assert core.n_conns() == 1
        assert COOKIE.type == COOKIE_ECHO
