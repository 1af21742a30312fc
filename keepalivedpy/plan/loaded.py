"""The configuration that the running daemon has, in a file beside its pid file.

Written whole at start and at each reload, readable by its user only: it has passwords. msgpack,
since ten thousand services must not delay a reload; another program's, or another version's, is
an error that says so.
"""

import contextlib
import os
from pathlib import Path

import msgspec

from dpvs_core import __version__
from keepalivedpy.model.root import Root


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """`config` is the file it came from, `read_at` the time of day in seconds."""

    version: str = __version__
    config: str = ""
    read_at: float = 0.0
    root: Root = Root()


class _Head(msgspec.Struct):
    version: str


class UnreadableError(Exception):
    """Why what runs is not known, in a few words."""


def loaded_path(pid_file: str) -> Path:
    """`/run/keepalived.pid` -> `/run/keepalived.loaded`."""
    return Path(pid_file).with_suffix(".loaded")


def save(path: Path, loaded: Loaded) -> None:
    """Replace the file at once; raises OSError."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(msgspec.msgpack.encode(loaded))
        scratch.replace(path)
    except OSError:
        forget(scratch)
        raise


def read(path: Path) -> Loaded:
    """Raises UnreadableError."""
    try:
        content = path.read_bytes()
        version = msgspec.msgpack.decode(content, type=_Head).version
        if version != __version__:
            raise UnreadableError(f"{path} is of version {version}, this is {__version__}")
        return msgspec.msgpack.decode(content, type=Loaded)
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror or error}") from None
    except msgspec.DecodeError as error:
        raise UnreadableError(f"{path} is not what keepalived writes: {error}") from None


def forget(path: Path) -> None:
    """Remove it, if it is there."""
    with contextlib.suppress(OSError):
        path.unlink()
