"""The IPv6 flow hash: even over buckets, tags and groups, for tuples that differ in little."""

import ctypes
import os
import shutil
import struct
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address
from pathlib import Path
from random import Random

import pytest

HERE = Path(__file__).resolve().parent
CORE = HERE.parents[2] / "dpvs_core"
N_KEYS = 1 << 16
SEEDS = [0, 0x5EED, 0xFFFFFFFF]

Hashes = Callable[[Iterable[bytes], int], list[int]]


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    cc = os.environ.get("CC", "gcc")
    if not shutil.which(cc) or not shutil.which("pkg-config"):
        pytest.skip(f"compiles a probe: needs {cc} and pkg-config (apt-get install gcc pkg-config)")
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "libdpdk"], text=True)
    library = tmp_path_factory.mktemp("hash") / "probe.so"
    source = HERE / "hash_probe.c"
    subprocess.check_call(
        [cc, "-O1", "-shared", "-fPIC", f"-I{CORE}", source, "-o", library, *flags.split()]
    )
    return ctypes.CDLL(str(library))


@pytest.fixture(scope="module")
def hashes(probe: ctypes.CDLL) -> Hashes:
    def run(keys: Iterable[bytes], seed: int) -> list[int]:
        raw = b"".join(keys)
        out = (ctypes.c_uint * (len(raw) // 40))()
        probe.hash_all(raw, len(out), ctypes.c_uint(seed), out)
        return list(out)

    return run


def key(src: int, sport: int, dst: int = 0x20010DB8 << 96 | 0x100, dport: int = 80) -> bytes:
    ends = IPv6Address(src).packed + IPv6Address(dst).packed
    return ends + struct.pack("!HH", sport, dport) + struct.pack("=I", 6)


NET = 0x20010DB8 << 96


def random_keys() -> list[bytes]:
    random = Random(1)
    return [key(random.getrandbits(128), random.getrandbits(16)) for _ in range(N_KEYS)]


POPULATIONS = {
    "one host's ports": [key(NET + 0x48, i) for i in range(N_KEYS)],
    "hosts one after the other": [key(NET + i, 40000) for i in range(N_KEYS)],
    "networks one after the other": [key(NET + (i << 64) + 1, 40000) for i in range(N_KEYS)],
    "high words": [key((i << 96) + 1, 40000) for i in range(N_KEYS)],
    "hosts and ports": [key(NET + i % 256, 1024 + i // 256) for i in range(N_KEYS)],
    "local ports of servers": [
        key((0xFD << 120) + i % 16, 80, (0xFD << 120) + 200, 1025 + i // 16) for i in range(N_KEYS)
    ],
    "random": random_keys(),
}


def chi_square_is_likely(cells: Iterable[int], n_cells: int, n: int) -> bool:
    """Within five standard deviations of its mean, n_cells - 1: neither lumpy nor too even, as a
    hash that kept the population's pattern would be."""
    count, mean = Counter(cells), n / n_cells
    chi = sum((count[i] - mean) ** 2 / mean for i in range(n_cells))
    return abs(chi - (n_cells - 1)) < 5 * (2 * (n_cells - 1)) ** 0.5


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", POPULATIONS)
def test_even_over_buckets_tags_and_groups(
    hashes: Hashes, probe: ctypes.CDLL, name: str, seed: int
) -> None:
    found = hashes(POPULATIONS[name], seed)
    groups = [probe.group_of(ctypes.c_uint(h)) for h in found]
    for cells, n_cells in (
        ([h * 10_000 >> 32 for h in found], 10_000),  # buckets
        ([(h & 0xFFFF) >> 2 for h in found], 1 << 14),  # tags
        (groups, 64),
    ):
        assert chi_square_is_likely(cells, n_cells, N_KEYS)
    # a worker's groups fill all of its buckets
    mine = [h * 1000 >> 32 for h, g in zip(found, groups, strict=True) if g < 16]
    assert chi_square_is_likely(mine, 1000, len(mine))


def crc32c_words(data: bytes, crc: int = 0) -> int:
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc


def crc_silent_words() -> list[int]:
    """Changes of an address's low 64 bits that no CRC32C notices, whatever it began with."""
    basis: dict[int, tuple[int, int]] = {}
    silent = []
    for bit in range(64):
        change = 1 << bit
        crc = crc32c_words(change.to_bytes(8, "big") + bytes(24))
        while crc and crc.bit_length() in basis:
            other_crc, other = basis[crc.bit_length()]
            crc, change = crc ^ other_crc, change ^ other
        if crc:
            basis[crc.bit_length()] = crc, change
        else:
            silent.append(change)
    return silent


def test_addresses_of_one_network_cannot_be_chosen_to_collide(hashes: Hashes) -> None:
    """With a CRC, these 65,536 hosts of one /64 would all have the same hash under every key."""
    silent = crc_silent_words()[:16]
    assert len(silent) == 16
    hosts = [0]
    for change in silent:
        hosts += [host ^ change for host in hosts]
    keys = [key(NET + host, 40000) for host in hosts]
    assert len({crc32c_words(k) for k in keys[:64]}) == 1
    found = hashes(keys, 0x5EED)
    assert chi_square_is_likely([h * 10_000 >> 32 for h in found], 10_000, len(found))
