"""Frames of a network device: a packet socket (packet(7)) with a classic BPF filter."""

import ctypes
import socket
import struct

from tests.netns import arrival

SO_ATTACH_FILTER = 26
SNAP_BYTES = 128

# One instruction: code, jump if true, jump if false, operand (linux/filter.h, sock_filter).
Instruction = tuple[int, int, int, int]

RETURN_ALL: Instruction = (0x06, 0, 0, 0x40000)
RETURN_NONE: Instruction = (0x06, 0, 0, 0)
LOAD_BYTE, LOAD_HALF, LOAD_WORD = 0x30, 0x28, 0x20
JUMP_IF_EQUAL = 0x15


def equal(load: int, offset: int, value: int, n_left: int) -> tuple[Instruction, Instruction]:
    """Two instructions: go on if the field at `offset` of the frame is `value`, else leave.

    `n_left` tests of this kind follow, then RETURN_ALL and RETURN_NONE.
    """
    return (load, 0, 0, offset), (JUMP_IF_EQUAL, 0, 2 * n_left + 1, value)


def all_equal(*tests: tuple[int, int, int]) -> tuple[Instruction, ...]:
    """A filter from (load, offset, value) tests, all of which must hold."""
    program: list[Instruction] = []
    for number, (load, offset, value) in enumerate(tests):
        program += equal(load, offset, value, len(tests) - 1 - number)
    return (*program, RETURN_ALL, RETURN_NONE)


def open_device(
    device: str, ethertype: int, program: tuple[Instruction, ...] = ()
) -> socket.socket:
    """A non-blocking, stamped socket on the frames of `device`, both ways; sends whole frames."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    if program:
        attach(sock, program)
    arrival.stamp(sock)
    sock.bind((device, ethertype))
    sock.setblocking(False)
    return sock


def mac_of(device: str) -> bytes:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
        sock.bind((device, 0))
        address: bytes = sock.getsockname()[4]
        return address


def mac_text(mac: bytes) -> str:
    return mac.hex(":")


def attach(sock: socket.socket, program: tuple[Instruction, ...]) -> None:
    """Let only frames through that the program accepts (struct sock_fprog: length, pointer)."""
    code = b"".join(struct.pack("@HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    fprog = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)
