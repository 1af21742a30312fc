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


class _ConnPool(c.Structure):
    """struct conn_pool"""

    _fields_ = [("unit", c.c_void_p), ("rest", c.c_void_p), *(
        (name, c.c_uint32) for name in ("n_units", "n_fresh", "single", "pair")
    )]  # fmt: skip


class _ConnTable(c.Structure):
    """struct conn_table up to the length of its list of overflow buckets"""

    _fields_ = [("bucket", c.c_void_p), ("overflow", c.c_void_p), ("pool", _ConnPool), *(
        (name, c.c_uint32) for name in (
            "seed", "n_buckets", "n_overflow", "n_used", "free_overflow", "n_free_overflow",
        )
    )]  # fmt: skip


CONN_HASH_AT = 36
"""struct conn_side.hash, of the client's side"""

C.conn_table_create.restype = c.c_void_p
C.conn_table_create.argtypes = [c.c_void_p, c.c_uint32, c.c_uint32]
C.conn_table_destroy.argtypes = [c.c_void_p, c.c_void_p]
C.conn_table_alloc.restype = c.c_void_p
C.conn_table_alloc.argtypes = [c.c_void_p, c.c_uint8, c.c_uint8]
C.conn_table_insert.restype = c.c_bool
C.conn_table_insert.argtypes = [c.c_void_p, c.c_void_p]
C.conn_table_free.argtypes = [c.c_void_p, c.c_void_p]


class ConnTable:
    """A struct conn_table of a plain environment."""

    def __init__(self, n_conns: int) -> None:
        self._env = _Env(ops=c.addressof(c.c_char.in_dll(C, "env_plain")))
        self._table = C.conn_table_create(c.byref(self._env), n_conns, 1)
        assert self._table
        self._fields = _ConnTable.from_address(self._table)

    def __enter__(self) -> "ConnTable":
        return self

    def __exit__(self, *_: object) -> None:
        C.conn_table_destroy(c.byref(self._env), self._table)

    @property
    def n_overflow(self) -> int:
        return int(self._fields.n_overflow)

    @property
    def n_free_overflow(self) -> int:
        return int(self._fields.n_free_overflow)

    def add(self, tuple_hash: int) -> int | None:
        """A connection both of whose tuples have this hash; None: not all of it found a place."""
        conn = C.conn_table_alloc(self._table, 4, 4)
        assert conn
        (c.c_uint32 * 2).from_address(conn + CONN_HASH_AT)[:] = [tuple_hash, tuple_hash]
        if C.conn_table_insert(self._table, conn):
            return int(conn)
        C.conn_table_free(self._table, conn)
        return None

    def free(self, conn: int) -> None:
        C.conn_table_free(self._table, conn)


def toeplitz_hash(key: bytes, data: bytes) -> int:
    return int(C.toeplitz_hash(key, data, len(data)))


def toeplitz_make(seed: int) -> Toeplitz:
    made = Toeplitz()
    C.toeplitz_make(c.byref(made), seed)
    return made
