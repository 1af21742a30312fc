"""Asks a process for its status; blocking, with a deadline. Imports nothing slow."""

import socket
import struct
import time
from typing import TypeVar

import msgspec

TIMEOUT_S = 2.0
CHUNK_BYTES = 1 << 16

T = TypeVar("T", bound=msgspec.Struct)


class NoAnswerError(Exception):
    """Why there is no answer, in a few words. `permission`: another user may ask, we may not;
    `absent`: nobody listens there."""

    def __init__(self, reason: str, permission: bool = False, absent: bool = False) -> None:
        super().__init__(reason)
        self.permission, self.absent = permission, absent


def ask(path: str, answer: type[T], timeout_s: float = TIMEOUT_S) -> T:
    """The status that whoever listens on `path` tells. Raises NoAnswerError."""
    try:
        return msgspec.json.decode(_read_all(path, timeout_s), type=answer)
    except PermissionError:
        raise NoAnswerError(f"no permission for {path}", permission=True) from None
    except FileNotFoundError:
        raise NoAnswerError(f"there is no status socket {path}", absent=True) from None
    except ConnectionRefusedError:
        raise NoAnswerError(f"nobody listens on {path}", absent=True) from None
    except (TimeoutError, BlockingIOError):
        raise NoAnswerError(f"no answer on {path} within {timeout_s:g} s") from None
    except OSError as error:
        raise NoAnswerError(f"{path}: {error.strerror or error}") from None
    except msgspec.DecodeError as error:
        raise NoAnswerError(f"{path} does not tell a {answer.__name__}: {error}") from None


def _read_all(path: str, timeout_s: float) -> bytes:
    deadline_s = time.monotonic() + timeout_s
    found = bytearray()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        # A full queue makes connect wait; settimeout would turn that into an error at once.
        whole_s, part_us = divmod(round(timeout_s * 1e6), 1_000_000)
        wait = struct.pack("@ll", whole_s, part_us)
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
        asking.connect(path)
        while True:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            asking.settimeout(left_s)
            chunk = asking.recv(CHUNK_BYTES)
            if not chunk:
                return bytes(found)
            found += chunk
