"""Both decoders find what is wrong with a frame, and nothing in a right one."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.interop import scapy_decoder
from tests.interop.cases import Case, case_named
from tests.interop.configuration import ADDRESS, MULTICAST_GROUP
from tests.interop.decoders import DECODERS
from tests.interop.expectation import Decoded, complaints
from tests.interop.made_up import ethernet, ipv4, ones_complement
from tests.interop.pcap import MAGIC_NANOSECONDS
from tests.interop.required import needs_both_makers

Decode = Callable[[Path], Iterator[Decoded]]
V2, V3 = case_named("v2-1s-pass"), case_named("v3-100ms")
V2_PASS = bytes.fromhex("213396010101cf840a6300647365637265743132")
V3_HEAD, V3_TAIL = bytes.fromhex("31339601000a"), bytes.fromhex("0a630064")
SOURCE = ADDRESS["master"]


def v3_body() -> bytes:
    """Its checksum covers source, destination, protocol and length too (RFC 5798 5.2.8)."""
    pseudo = ipv4(SOURCE, MULTICAST_GROUP, b"")[12:20] + struct.pack("!HH", 112, 12)
    checksum = ones_complement(pseudo + V3_HEAD + bytes(2) + V3_TAIL)
    return V3_HEAD + checksum.to_bytes(2, "big") + V3_TAIL


RIGHT = {"v2": (V2, V2_PASS), "v3": (V3, v3_body())}
WRONG: dict[str, tuple[Case, bytes, int, str]] = {
    "v2 checksum": (V2, V2_PASS[:6] + b"\xcf\x85" + V2_PASS[8:], 255, "checksum"),
    "v3 checksum": (V3, v3_body()[:6] + b"\x12\x34" + V3_TAIL, 255, "checksum"),
    "TTL": (V3, v3_body(), 254, "ttl"),
    "password": (V2, V2_PASS[:-1] + b"3", 255, "authentication"),
    "priority": (V2, V2_PASS[:2] + b"\x97" + V2_PASS[3:], 255, "priority"),
    "interval": (V2, V2_PASS[:5] + b"\x02" + V2_PASS[6:], 255, "interval"),
    "VRID": (V2, V2_PASS[:1] + b"\x34" + V2_PASS[2:], 255, "vrid"),
    "VIP": (V2, V2_PASS[:11] + b"\x65" + V2_PASS[12:], 255, "addresses"),
}


def frame(body: bytes, ttl: int = 255, destination: str = MULTICAST_GROUP) -> bytes:
    return ethernet(0x0800, ipv4(SOURCE, destination, body, ttl))


def capture(folder: Path, *frames: bytes) -> Path:
    file = folder / "made-up.pcap"
    head = struct.pack("<IHHiIII", MAGIC_NANOSECONDS, 2, 4, 0, 0, 262144, 1)
    records = [struct.pack("<IIII", 1, 0, len(one), len(one)) + one for one in frames]
    file.write_bytes(head + b"".join(records))
    return file


@pytest.fixture(params=[pytest.param("tshark", marks=needs_both_makers), "scapy"])
def decode(request: pytest.FixtureRequest) -> Decode:
    return DECODERS[request.param]


@pytest.mark.parametrize(("case", "body"), RIGHT.values(), ids=RIGHT)
def test_a_right_frame(case: Case, body: bytes, decode: Decode, tmp_path: Path) -> None:
    assert complaints(case, decode(capture(tmp_path, frame(body))), "it") == []


@pytest.mark.parametrize("case", [V2, V3], ids=lambda case: case.name)
def test_each_wrong_field_is_named(case: Case, decode: Decode, tmp_path: Path) -> None:
    wrong = [(body, ttl, field) for of, body, ttl, field in WRONG.values() if of is case]
    file = capture(tmp_path, *(frame(body, ttl) for body, ttl, _ in wrong))
    found = complaints(case, decode(file), "it")
    for number, (_, _, field) in enumerate(wrong, 1):
        start = f"it: frame {number}: {field} "
        assert any(words.startswith(start) for words in found), (start, found)


def test_a_destination_of_another_case(decode: Decode, tmp_path: Path) -> None:
    file = capture(tmp_path, frame(V2_PASS, destination=ADDRESS["backup"]))
    assert complaints(V2, decode(file), "it") == [
        "it: frame 1: destination '10.99.0.2', not '224.0.0.18'"
    ]


def test_surplus_bytes_are_named(tmp_path: Path) -> None:
    file = capture(tmp_path, frame(V2_PASS + b"\xab\xcd"))
    assert "it: frame 1: surplus bytes abcd" in complaints(V2, scapy_decoder.decode(file), "it")


def test_a_short_frame_is_named(decode: Decode, tmp_path: Path) -> None:
    assert complaints(V2, decode(capture(tmp_path, frame(V2_PASS[:10]))), "it") != []


def test_what_the_decoder_remarks_is_a_complaint_also_of_arp() -> None:
    malformed = Decoded(1, True, "", {}, "[Malformed Packet]")
    assert complaints(V3, [malformed], "it")[0] == "it: frame 1: [Malformed Packet]"


def test_a_capture_without_adverts_is_no_good_one() -> None:
    assert complaints(V3, [Decoded(1, True, "", {})], "it") == ["it: no advert in the capture"]


def test_a_stranger_is_named() -> None:
    stranger = Decoded(1, False, "10.99.0.9", {})
    assert complaints(V3, [stranger], "it") == ["it: frame 1: from 10.99.0.9: {}"]
