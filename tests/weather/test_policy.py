"""The weather itself: it does what its counts say, and repeats with its seed."""

from collections import Counter
from dataclasses import replace
from random import Random

from tests.oracle.wire import Ip4, Ip6, Tcp, Udp, ip_frame, packet
from tests.weather.policy import Forecast, Weather, tcp_offset

MAC = "02:00:00:00:00:01"
CALM = Forecast(lost_pct=0, lost_early_pct=0, doubled_pct=0, late_pct=0)


def segment(number: int, sport: int = 1000) -> bytes:
    tcp = Tcp(sport, 80, seq=number)
    return ip_frame(MAC, MAC, packet(Ip4("192.0.2.1", "192.0.2.2", 6), tcp))


def tunnel(inner: bytes) -> bytes:
    return ip_frame(MAC, MAC, bytes(Ip6("2001:db8::1", "2001:db8::2", 4, inner)))


def passed(weather: Weather, n_segments: int) -> list[bytes]:
    sent: list[bytes] = []
    for number in range(n_segments):
        sent += weather.arrived(segment(number), now_ms=0)
    return sent + weather.due(now_ms=1_000)


def test_a_calm_day_changes_nothing() -> None:
    weather = Weather(CALM, Random(1))
    assert passed(weather, 50) == [segment(number) for number in range(50)]
    assert weather.counts.as_dict() == {
        "segments": 50, "lost": 0, "lost_early": 0, "doubled": 0, "overtaken": 0, "others": 0,
    }  # fmt: skip


def test_counts_are_what_happened() -> None:
    weather = Weather(Forecast(), Random(1))
    sent, counts = passed(weather, 2_000), weather.counts
    copies = Counter(sent)
    assert counts.segments == 2_000
    assert counts.lost == 2_000 - len(copies) > 10
    assert counts.doubled == sum(n - 1 for n in copies.values()) > 20
    numbers = [int.from_bytes(frame[38:42], "big") for frame in dict.fromkeys(sent)]
    overtaken = sum(n < max(numbers[:at], default=0) for at, n in enumerate(numbers))
    assert counts.overtaken == overtaken > 20


def test_the_same_seed_does_the_same() -> None:
    runs = [passed(Weather(Forecast(), Random(seed)), 500) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_the_first_segments_of_a_flow_suffer_most() -> None:
    """Every other one of them at most."""
    weather = Weather(replace(CALM, lost_early_pct=100, n_early=4), Random(1))
    gone = [not weather.arrived(segment(number), 0) for number in range(6)]
    assert gone == [True, False, True, False, False, False]
    assert weather.arrived(segment(0, sport=1001), 0) == []
    assert weather.counts.lost_early == weather.counts.lost == 3


def test_a_late_segment_goes_after_others_or_in_time() -> None:
    weather = Weather(replace(CALM, late_pct=100, most_behind=1), Random(1))
    assert weather.arrived(segment(0), now_ms=0) == []
    assert weather.holds()
    assert weather.due(now_ms=19) == []
    assert weather.due(now_ms=20) == [segment(0)]
    assert not weather.holds()
    assert weather.counts.overtaken == 0  # none has passed it


def test_what_is_not_tcp_passes() -> None:
    storm = Weather(Forecast(lost_pct=100, lost_early_pct=100), Random(1))
    datagram = ip_frame(MAC, MAC, packet(Ip4("192.0.2.1", "192.0.2.2", 17), Udp(1, 2)))
    assert storm.arrived(datagram, 0) == [datagram]
    assert storm.counts.others == 1


def test_where_tcp_begins() -> None:
    four = packet(Ip4("192.0.2.1", "192.0.2.2", 6, options=bytes(4)), Tcp(1, 2))
    six = packet(Ip6("2001:db8::1", "2001:db8::2", 6), Tcp(1, 2))
    assert tcp_offset(ip_frame(MAC, MAC, four)) == 14 + 24
    assert tcp_offset(ip_frame(MAC, MAC, six)) == 14 + 40
    assert tcp_offset(tunnel(four)) == 14 + 40 + 24
    assert tcp_offset(ip_frame(MAC, MAC, six)[:60]) == 0
