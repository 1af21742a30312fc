"""The native module: the only file that imports it, and what every call needs.

`native_engine.py` has the calls of a running core, `native_life.py` those that start and stop it.
"""

from typing import Any

from dpvs_core._native import ffi, lib
from dpvs_core.master.errors import EngineError
from dpvs_core.master.layouts import LAYOUTS

__all__ = ["LAYOUTS", "checked", "ffi", "lib", "new_err", "text"]

for _name, _layout in LAYOUTS.items():
    if ffi.sizeof(_name) != _layout.size:
        raise ImportError(f"{_name} has {ffi.sizeof(_name)} bytes, layouts.py packs {_layout.size}")


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
