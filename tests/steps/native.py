"""C functions of the native module that dpvs_core.h does not declare, for tests of one file alone.

They are reached by ctypes in the module that is loaded already: the shipped code, no second build.
"""

import ctypes as c

from dpvs_core import _native

C = c.CDLL(_native.__file__)


class Wish(c.Structure):
    """struct lport_wish"""

    _fields_ = [("table", c.c_void_p), ("number", c.c_uint8)]


class WishTable(c.Structure):
    """struct lport_wish_table"""

    _fields_ = [("blocks", c.c_uint64 * 64), ("of_word", c.c_uint8 * 16)]


class Toeplitz(c.Structure):
    """struct toeplitz"""

    _fields_ = [("key", c.c_uint8 * 64), ("low", c.c_uint8 * (72 * 16))]


class PortStats(c.Structure):
    """struct core_laddr_stats"""

    _fields_ = [("used", c.c_uint64), ("free", c.c_uint64), ("miss", c.c_uint64)]


class _Env(c.Structure):
    """struct env as far as laddr_create reads it"""

    _fields_ = [("ops", c.c_void_p), ("pool", c.c_void_p), ("limits", c.c_uint32 * 2)]


C.laddr_create.restype = c.c_void_p
C.laddr_create.argtypes = [c.c_void_p, c.c_uint32, c.c_uint8, c.c_char_p, c.c_uint32, c.c_uint32]
C.laddr_destroy.argtypes = [c.c_void_p, c.c_void_p]
C.laddr_count.argtypes = [c.c_void_p, c.POINTER(PortStats)]
C.lport_take.restype = c.c_uint16
C.lport_take.argtypes = [c.c_void_p, c.c_uint8, c.c_uint32, Wish]
C.lport_give.argtypes = [c.c_void_p, c.c_uint32, c.c_uint16]
C.toeplitz_hash.restype = c.c_uint32
C.toeplitz_hash.argtypes = [c.c_char_p, c.c_char_p, c.c_uint]
C.toeplitz_make.argtypes = [c.POINTER(Toeplitz), c.c_uint32]


class LocalAddress:
    """A struct laddr of a plain environment."""

    def __init__(self, n_pools: int = 16, first: int = 0) -> None:
        self._env = _Env(ops=c.addressof(c.c_char.in_dll(C, "env_plain")))
        self._laddr = C.laddr_create(c.byref(self._env), 0, 4, bytes(16), n_pools, first)
        assert self._laddr
        self._table = WishTable()

    def __enter__(self) -> "LocalAddress":
        return self

    def __exit__(self, *_: object) -> None:
        C.laddr_destroy(c.byref(self._env), self._laddr)

    def take(self, group: int, pool: int = 0, wanted: list[int] | None = None) -> int:
        """A port, 0: none; `wanted`: 16 words of blocks that are preferred."""
        if wanted is None:
            return int(C.lport_take(self._laddr, group, pool, Wish(None, 0)))
        number = 5  # any: word i is at place number ^ of_word[i] of the table
        for i, word in enumerate(wanted):
            self._table.of_word[i] = i
            self._table.blocks[number ^ i] = word
        wish = Wish(c.addressof(self._table), number)
        return int(C.lport_take(self._laddr, group, pool, wish))

    def give(self, port: int, pool: int = 0) -> None:
        C.lport_give(self._laddr, pool, port)

    def count(self) -> tuple[int, int, int]:
        """Used, free, missed."""
        stats = PortStats()
        C.laddr_count(self._laddr, c.byref(stats))
        return stats.used, stats.free, stats.miss


def toeplitz_hash(key: bytes, data: bytes) -> int:
    return int(C.toeplitz_hash(key, data, len(data)))


def toeplitz_make(seed: int) -> Toeplitz:
    made = Toeplitz()
    C.toeplitz_make(c.byref(made), seed)
    return made
