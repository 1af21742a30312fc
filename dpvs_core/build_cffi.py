"""Make the C source of the cffi extension from the core's public header.

    build_cffi.py include/dpvs_core.h _native.c

Runs while building (meson.build), not at run time. The header is the only declaration: what it
and those that it includes say is what Python sees as `dpvs_core._native.lib` and `.ffi`. cffi reads
declarations only, so the preprocessor's lines and the comments are taken out; the compiler sees the
headers themselves and thereby checks every struct and prototype against them.
"""

import re
import sys
from pathlib import Path

import cffi

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
PREPROCESSOR = re.compile(r"^[ \t]*#[^\n]*$", re.MULTILINE)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"[ \t]*$', re.MULTILINE)


def whole(path: Path, seen: set[Path]) -> str:
    """The header with those of its folder that it includes in their places, each once."""

    def included(match: re.Match[str]) -> str:
        other = path.parent / match[1]
        return "" if other in seen else whole(other, seen)

    seen.add(path)
    return INCLUDE.sub(included, path.read_text(encoding="utf-8"))


def declarations(header: str) -> str:
    """The header's declarations: structs, enums and functions, on the lines where they stood."""
    without_comments = COMMENT.sub(lambda match: "\n" * match[0].count("\n"), header)
    if re.search(r"^[ \t]*#[^\n]*\\$", without_comments, re.MULTILINE):
        raise SystemExit("build_cffi: a continued preprocessor line: cffi cannot read macros")
    return PREPROCESSOR.sub("", without_comments)


def main(header: str, output: str) -> None:
    ffi = cffi.FFI()
    ffi.cdef(declarations(whole(Path(header), set())))
    ffi.set_source("dpvs_core._native", f'#include "{Path(header).name}"\n')
    ffi.emit_c_code(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
