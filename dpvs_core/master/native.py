"""The native module: the only file that imports it, and what every call needs.

`native_engine.py` has the calls of a running core, `native_life.py` those that start and stop it.
Structs that are packed in numbers (addresses, routes, dests) are laid out here for `struct`, far
cheaper than one cffi field at a time; tests compare each field with the header's.
"""

from struct import Struct
from typing import Any

from dpvs_core._native import ffi, lib
from dpvs_core.master.errors import EngineError

__all__ = [
    "ADDR", "DEST", "LAYOUTS", "NO_ID", "ROUTE", "SERVICE", "checked", "ffi", "lib", "new_err",
    "text",
]  # fmt: skip

NO_ID = 0xFFFFFFFF

ADDR = Struct("=BBHI16s")
ROUTE = Struct("=BBBxHH16s16s16s")
DEST = Struct("=IBBBxH16s2xIII")
SERVICE = Struct("=BBH16sIBB2xI")
LAYOUTS = {
    "struct core_addr": ADDR, "struct core_route": ROUTE, "struct core_dest": DEST,
    "struct core_service": SERVICE,
}  # fmt: skip

for _name, _layout in LAYOUTS.items():
    if ffi.sizeof(_name) != _layout.size:
        raise ImportError(f"{_name} has {ffi.sizeof(_name)} bytes, native.py packs {_layout.size}")


def checked(call: str, result: int, err: Any = None) -> int:
    """The result if it is not negative; EngineError with `err`'s sentence otherwise."""
    if result < 0:
        raise EngineError(call, -result, text(err) if err is not None else "")
    return result


def text(field: Any) -> str:
    """A char array or pointer of the core as text."""
    return str(ffi.string(field).decode(errors="replace"))


def new_err() -> Any:
    return ffi.new("char[]", lib.CORE_ERR_BYTES)
