"""The Toeplitz hash: Microsoft's verification suite, an oracle, and the keys that are made."""

import random

import pytest

from tests.oracle.toeplitz import MICROSOFT_KEY, toeplitz, tuple_bytes
from tests.steps.native import Toeplitz, toeplitz_hash, toeplitz_make

# "Verifying the RSS Hash Calculation": source:port, destination:port, hash with ports.
VECTORS = [
    ("66.9.149.187", 2794, "161.142.100.80", 1766, 0x51CCC178),
    ("199.92.111.2", 14230, "65.69.140.83", 4739, 0xC626B0EA),
    ("24.19.198.95", 12898, "12.22.207.184", 38024, 0x5C2B394A),
    ("38.27.205.30", 48228, "209.142.163.6", 2217, 0xAFC7327F),
    ("153.39.163.191", 44251, "202.188.127.2", 1303, 0x10E828A2),
    ("3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x40207D3D),
    ("3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0xDDE51BBF),
    ("3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024, 0x02D1FEEF),
]
SEEDS = [0, 1, 0x5EED, 0xFFFFFFFF, *range(1000, 1040)]


def by_table(t: Toeplitz, data: bytes) -> int:
    """What toeplitz_group adds up."""
    group = 0
    for i, byte in enumerate(data):
        group ^= t.low[2 * i * 16 + (byte >> 4)] ^ t.low[(2 * i + 1) * 16 + (byte & 15)]
    return group


@pytest.mark.parametrize(("src", "sport", "dst", "dport", "expected"), VECTORS)
def test_verification_suite(src: str, sport: int, dst: str, dport: int, expected: int) -> None:
    data = tuple_bytes(src, sport, dst, dport)
    assert toeplitz_hash(MICROSOFT_KEY + bytes(24), data) == expected
    assert toeplitz(MICROSOFT_KEY, data) == expected


def test_random_tuples_and_keys_against_the_oracle() -> None:
    rng = random.Random(1)
    for n_bytes in (12, 36):
        for _ in range(50):
            key, data = rng.randbytes(64), rng.randbytes(n_bytes)
            assert toeplitz_hash(key, data) == toeplitz(key, data)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_table_gives_the_low_bits(seed: int) -> None:
    rng, t = random.Random(seed), toeplitz_make(seed)
    for n_bytes in (12, 36):
        data = rng.randbytes(n_bytes)
        assert by_table(t, data) == toeplitz(bytes(t.key), data) & 63


@pytest.mark.parametrize("seed", SEEDS)
def test_neighbouring_blocks_of_ports_hash_to_all_groups(seed: int) -> None:
    key = bytes(toeplitz_make(seed).key)
    for addr in ("0.0.0.0", "::"):
        groups = {toeplitz(key, tuple_bytes(addr, 0, addr, b * 64)) & 63 for b in range(64)}
        assert len(groups) == 64


def test_a_key_belongs_to_its_seed() -> None:
    keys = {bytes(toeplitz_make(seed).key) for seed in SEEDS}
    assert len(keys) == len(SEEDS)
    assert bytes(toeplitz_make(7).key) == bytes(toeplitz_make(7).key)


def test_groups_of_many_flows_are_even() -> None:
    """Chi-square over 64 groups of one client network, one service: 99.99 % quantile is 112."""
    t, n = toeplitz_make(0x5EED), 64 * 200
    rng, seen = random.Random(2), [0] * 64
    for _ in range(n):
        src, sport = f"10.0.{rng.randrange(256)}.{rng.randrange(256)}", rng.randrange(1024, 65536)
        seen[by_table(t, tuple_bytes(src, sport, "10.0.0.100", 80))] += 1
    assert sum((count - n / 64) ** 2 / (n / 64) for count in seen) < 112
