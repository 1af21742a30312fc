"""dpip capture: a device's packets as pcapng, to a file or to another program.

Its options are its own (tcpdump's letters), so they are read here, not with dpip's.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from types import FrameType
from typing import BinaryIO

import msgspec

from dpvs_core.control.client import Client
from dpvs_core.control.messages import CapturePackets, CaptureStart
from keepalivedpy.cli import dpip_values as values
from keepalivedpy.cli import pcapng
from keepalivedpy.cli.bpf import compile_filter
from keepalivedpy.cli.capture_records import captured
from keepalivedpy.cli.command import Arg, Verb, read_form
from keepalivedpy.cli.errors import REFUSED, CommandError

IDLE_S = 366 * 86400.0
"""A device may be silent for as long as the operator watches it."""

ENDING = (signal.SIGINT, signal.SIGTERM)


class CaptureForm(msgspec.Struct):
    dev: str
    file: str
    filter: str = ""
    snaplen_bytes: int = 65535
    count: int = 0  # 0: until interrupted


class Interrupt:
    """Ctrl-C and SIGTERM that end the wait for a packet, never the writing of one."""

    def __init__(self) -> None:
        self.asked = False
        self._waiting = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self._waiting:
            raise KeyboardInterrupt

    def wait(self, receive: Callable[[], CapturePackets]) -> CapturePackets | None:
        """What `receive` returns; None when interrupted before or meanwhile."""
        try:
            self._waiting = True
            return None if self.asked else receive()
        except KeyboardInterrupt:
            return None
        finally:
            self._waiting = False


class Tally:
    """Packets written, and packets the core could not hand over."""

    def __init__(self) -> None:
        self.written = 0
        self.lost = 0

    def __str__(self) -> str:
        return f"{self.written} packets captured, {self.lost} lost"


def write_stream(
    messages: Iterable[CapturePackets],
    out: BinaryIO,
    form: CaptureForm,
    live: bool,
    tally: Tally,
) -> None:
    """Messages to pcapng until they end or enough packets are written.

    `live` flushes after every packet, for a reader at the other end of a pipe.
    """
    out.write(pcapng.section_header("dpip"))
    out.write(pcapng.interface(form.dev, form.snaplen_bytes, form.filter))
    out.flush()
    for message in messages:
        tally.lost = message.lost
        for record in captured(message.records):
            out.write(
                pcapng.packet(record.time_ns, record.original_bytes, record.data, record.sent)
            )
            tally.written += 1
            if live:
                out.flush()
            if form.count and tally.written >= form.count:
                out.flush()
                return
        out.flush()


def _receive(client: Client) -> CapturePackets:
    """The next message of the stream."""
    message = client.receive()
    if not isinstance(message, CapturePackets):
        raise ValueError(f"{type(message).__name__} in a capture stream")
    return message


def capture(
    form: CaptureForm, stdout: BinaryIO, note: Callable[[str], object], path: str | None = None
) -> None:
    """The whole command. CommandError, CoreError or OSError when it cannot start or breaks."""
    program = compile_filter(form.filter, form.snaplen_bytes)
    request = CaptureStart(dev=form.dev, program=program, snaplen=form.snaplen_bytes)
    tally, interrupt = Tally(), Interrupt()
    with ExitStack() as closing:
        client = closing.enter_context(Client("cli", "dpip capture", path, timeout_s=IDLE_S))
        closing.enter_context(_handled_by(interrupt))
        first = interrupt.wait(lambda: client.call(request, CapturePackets))
        live = form.file == "-"
        out = stdout if live else closing.enter_context(_created(form.file))
        later = iter(lambda: interrupt.wait(lambda: _receive(client)), None)
        messages = chain([first], later) if first else ()
        try:
            write_stream(messages, out, form, live, tally)
        except BrokenPipeError:
            _discard(stdout)
        except OSError as error:
            if isinstance(error, ConnectionError | TimeoutError):
                raise
            raise CommandError(f"cannot write {form.file}: {error.strerror}", REFUSED) from None
        finally:
            note(str(tally))


@contextmanager
def _handled_by(interrupt: Interrupt) -> Iterator[None]:
    """SIGINT and SIGTERM go to `interrupt` for as long as this lasts."""
    saved = {number: signal.signal(number, interrupt) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in saved.items():
            signal.signal(number, handler)


def _discard(out: BinaryIO) -> None:
    """The reader has seen enough: what is still buffered for it goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, out.fileno())
    os.close(nowhere)


def _created(name: str) -> BinaryIO:
    try:
        return open(name, "wb")
    except OSError as error:
        raise CommandError(f"cannot write {name}: {error.strerror}", REFUSED) from None


VERB = Verb(
    ("capture",),
    (
        Arg("dev", ("-i",), "DEV", values.device, missing="no device specified: -i DEV"),
        Arg("filter", ("-f",), "FILTER"),
        Arg("snaplen_bytes", ("-s",), "SNAPLEN", values.number(1, 65535)),
        Arg("count", ("-c",), "COUNT", values.number(1, 2**31 - 1)),
        Arg("file", ("-w",), "FILE|-", missing="no file specified: -w FILE, or -w - for stdout"),
    ),
    CaptureForm,
    lambda _context, _form: None,
)

HELP = """\
Usage:
    dpip capture -i DEV [ -f FILTER ] [ -s SNAPLEN ] [ -c COUNT ] -w FILE|-
    FILTER is one word in the shell's sense, as of pcap-filter(7): -f 'tcp port 80'
    dpip capture -i dpdk0 -w - | tcpdump -n -r -"""


def read_words(words: Sequence[str]) -> CaptureForm:
    """The words behind `capture`."""
    return read_form(VERB, words)
