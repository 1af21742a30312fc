"""Capture filters compiled by libpcap, through ctypes, to classic BPF programs (pcap-filter(7)).

libpcap is asked for Ethernet programs without a device (pcap_open_dead); the core runs them.
"""

import ctypes

from keepalivedpy.cli.errors import REFUSED, CommandError

LIBRARY = "libpcap.so.0.8"
DLT_EN10MB = 1
NETMASK_UNKNOWN = 0xFFFFFFFF
INSTRUCTION_BYTES = 8


class _Program(ctypes.Structure):
    _fields_ = (("n_instructions", ctypes.c_uint), ("instructions", ctypes.c_void_p))


def _library(name: str) -> ctypes.CDLL:
    try:
        pcap = ctypes.CDLL(name)
    except OSError:
        raise CommandError(
            f"a capture filter needs {name} (Debian: libpcap0.8); capture without -f instead",
            REFUSED,
        ) from None
    pcap.pcap_open_dead.restype = ctypes.c_void_p
    pcap.pcap_open_dead.argtypes = (ctypes.c_int, ctypes.c_int)
    pcap.pcap_compile.argtypes = (
        ctypes.c_void_p, ctypes.POINTER(_Program), ctypes.c_char_p, ctypes.c_int, ctypes.c_uint32
    )  # fmt: skip
    pcap.pcap_geterr.restype = ctypes.c_char_p
    pcap.pcap_geterr.argtypes = (ctypes.c_void_p,)
    pcap.pcap_freecode.argtypes = (ctypes.POINTER(_Program),)
    pcap.pcap_close.argtypes = (ctypes.c_void_p,)
    return pcap


def compile_filter(expression: str, snaplen_bytes: int, library: str = LIBRARY) -> bytes:
    """The program, 8 bytes an instruction; empty for an empty expression, which keeps all.

    CommandError when libpcap is absent or refuses the expression.
    """
    if not expression:
        return b""
    pcap = _library(library)
    handle = pcap.pcap_open_dead(DLT_EN10MB, snaplen_bytes)
    if not handle:
        raise CommandError("libpcap has no memory for a filter", REFUSED)
    program = _Program()
    try:
        failed = pcap.pcap_compile(
            handle, ctypes.byref(program), expression.encode(), 1, NETMASK_UNKNOWN
        )
        if failed:
            reason = pcap.pcap_geterr(handle).decode(errors="replace")
            raise CommandError(f"invalid parameter: filter '{expression}': {reason}", REFUSED)
        n_bytes = program.n_instructions * INSTRUCTION_BYTES
        code = ctypes.string_at(program.instructions, n_bytes)
        pcap.pcap_freecode(ctypes.byref(program))
        return code
    finally:
        pcap.pcap_close(handle)
