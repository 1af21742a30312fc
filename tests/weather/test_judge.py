"""The judge sees what is wrong with a director: a mistake a test."""

import struct
from pathlib import Path

import pytest

from tests.oracle.fnat import Fnat
from tests.oracle.nat import Nat
from tests.oracle.wire import ACK, FIN, RST, SYN, Ip4, Tcp, ip_frame, packet
from tests.weather.capture import Seen, tcp_packets
from tests.weather.judge import Verdict, judge, toa
from tests.weather.modes import CLIENT4, ROWS, SERVER_PORT

MAC = "02:00:00:00:00:01"
SERVER = "192.168.100.2"
PORT = 40000


def pcap(path: Path, packets: list[tuple[int, bytes]]) -> list[Seen]:
    """Written as tcpdump does, and read again."""
    content = struct.pack("@IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    for at_us, l3 in packets:
        frame = ip_frame(MAC, MAC, l3)
        content += struct.pack("@IIII", 1, at_us, len(frame), len(frame)) + frame
    path.write_bytes(content)
    return list(tcp_packets(path))


class Scene:
    """A NAT connection of three packets each way, as it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        row = ROWS["nat44"]
        book = Nat(CLIENT4, PORT, row.vip, row.vport, SERVER, SERVER_PORT)
        self.wan: list[tuple[int, bytes]] = []
        self.lan: list[tuple[int, bytes]] = []
        for number, flags in enumerate((SYN, ACK, FIN | ACK)):
            asks = Tcp(PORT, row.vport, seq=number, flags=flags, payload=b"?" * number)
            came = packet(Ip4(CLIENT4, row.vip, 6), asks)
            self.wan.append((10 * number, came))
            self.lan.append((10 * number + 1, book.from_client(came)))
            says = Tcp(SERVER_PORT, PORT, seq=number, flags=flags | ACK, payload=b"!" * number)
            answer = packet(Ip4(SERVER, CLIENT4, 6), says)
            self.lan.append((10 * number + 2, answer))
            self.wan.append((10 * number + 3, book.from_server(answer)))

    def judged(self) -> Verdict:
        wan, lan = pcap(self.path / "wan", self.wan), pcap(self.path / "lan", self.lan)
        return judge(ROWS["nat44"], wan, lan)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_all_is_right(scene: Scene) -> None:
    verdict = scene.judged()
    assert verdict.wrong == []
    assert not verdict.missing_bytes
    ways = ("in-to-server", "out-to-server", "in-to-client", "out-to-client")
    assert [verdict.n[way] for way in (*ways, "connections", "resets")] == [3, 3, 3, 3, 1, 0]


def test_a_changed_byte(scene: Scene) -> None:
    at_us, sent = scene.lan[2]
    scene.lan[2] = (at_us, sent[:-1] + b"x")
    verdict = scene.judged()
    assert len(verdict.wrong) == 1
    assert "to the server wrong" in verdict.wrong[0]


def test_a_lost_packet(scene: Scene) -> None:
    lost = scene.lan.pop(2)
    verdict = scene.judged()
    assert verdict.wrong == []
    assert verdict.missing_bytes == {len(lost[1]): 1}


def test_a_doubled_packet(scene: Scene) -> None:
    scene.wan.append((90, scene.wan[-1][1]))
    assert "1 to the client wrong: nothing came for" in scene.judged().wrong[0]


def test_two_in_the_wrong_order(scene: Scene) -> None:
    scene.wan[1], scene.wan[3] = (3, scene.wan[3][1]), (13, scene.wan[1][1])
    assert scene.judged().wrong != []


def test_a_reset_before_the_end_counts_one_after_it_does_not(scene: Scene) -> None:
    reset = packet(Ip4(CLIENT4, ROWS["nat44"].vip, 6), Tcp(PORT, 80, flags=RST))
    scene.wan.append((90, reset))
    assert scene.judged().n["resets"] == 0
    scene.wan.append((5, reset))
    assert scene.judged().n["resets"] == 1


def test_the_wrong_client_is_told(tmp_path: Path) -> None:
    row = ROWS["fnat44"]
    syn = packet(Ip4(CLIENT4, row.vip, 6), Tcp(PORT, row.vport, flags=SYN))
    liar = Fnat(CLIENT4, PORT + 1, row.vip, row.vport, SERVER, SERVER_PORT)
    sent = packet(Ip4(row.laddr, SERVER, 6), Tcp(2000, SERVER_PORT, flags=SYN))
    answer = packet(Ip4(SERVER, row.laddr, 6), Tcp(SERVER_PORT, 2000, flags=SYN | ACK, ack=1))
    third = packet(Ip4(CLIENT4, row.vip, 6), Tcp(PORT, row.vport, seq=1, ack=1))
    lan = [(1, liar.from_client(syn, sent)), (2, answer)]
    wan = [(0, syn), (3, liar.from_server(answer, answer)), (4, third)]
    lan.append((5, liar.from_client(third, sent)))
    verdict = judge(row, pcap(tmp_path / "wan", wan), pcap(tmp_path / "lan", lan))
    assert verdict.wrong[0] == f"an answer to ('{CLIENT4}', {PORT + 1}), who has not asked"
    assert f"its client is said to be ('{CLIENT4}', {PORT + 1})" in verdict.wrong[1]


def test_option_254_of_both_families() -> None:
    assert toa(bytes.fromhex("0101fe089c4f0a000030")) == ("10.0.0.48", 40015)
    six = bytes.fromhex("fe149c4f20010db8000a00000000000000000048")
    assert toa(six) == ("2001:db8:a::48", 40015)
    assert toa(bytes.fromhex("fe049c4f")) is None
