"""dpip capture: filters by libpcap, pcapng that others read, and its end."""

import io
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import RawPcapNgReader, rdpcap

from dpvs_core.control.messages import CapturePackets, CaptureStart, Code, Failure
from keepalivedpy.cli import pcapng
from keepalivedpy.cli.bpf import compile_filter
from keepalivedpy.cli.capture_records import HEAD, captured
from keepalivedpy.cli.dpip_capture import CaptureForm, Tally, write_stream
from keepalivedpy.cli.errors import CommandError

TIME_NS = 1_700_000_000_123_456_789
DEADLINE_S = 20


def frame(number, size=20):
    return bytes(
        Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
        / IP(src="192.0.2.1", dst="192.0.2.2")
        / UDP(sport=1000 + number, dport=53)
        / bytes(size)
    )


def record(number, sent=False, snaplen=65535):
    data = frame(number)
    kept = data[:snaplen]
    return HEAD.pack(TIME_NS + number, len(data), len(kept), int(sent)) + kept


def message(*records, lost=0):
    return CapturePackets(records=b"".join(records), lost=lost)


def start(core, *words):
    environment = os.environ | {"DPVS_IPC_FILE": core.path}
    environment.pop("PYTHONUNBUFFERED", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "keepalivedpy.programs.dpip", "capture", *words],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    deadline = threading.Timer(DEADLINE_S, process.kill)
    deadline.daemon = True
    deadline.start()
    return process


def test_filters_are_classic_bpf():
    """pcap-filter's "ip" on Ethernet: load the type, compare with 0x800, keep or not."""
    code = compile_filter("ip", 96)
    assert [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)] == [
        (0x28, 0, 0, 12),
        (0x15, 0, 1, 0x800),
        (0x06, 0, 0, 96),
        (0x06, 0, 0, 0),
    ]


def test_filters_are_optimised():
    """The core runs them for every packet."""
    assert compile_filter("ip and ip", 96) == compile_filter("ip", 96)


def test_no_filter_is_no_program():
    assert compile_filter("", 65535) == b""


def test_a_wrong_filter_is_explained():
    with pytest.raises(CommandError, match=r"filter 'tcp prt 80': .*syntax error"):
        compile_filter("tcp prt 80", 65535)


def test_without_libpcap_the_message_names_it():
    with pytest.raises(CommandError, match=r"needs libnone\.so\.0 \(Debian: libpcap0\.8\)"):
        compile_filter("ip", 65535, library="libnone.so.0")


def test_records_are_taken_apart():
    first, second = captured(record(1) + record(2, sent=True, snaplen=14))
    assert first == (TIME_NS + 1, 62, False, frame(1))
    assert second == (TIME_NS + 2, 62, True, frame(2)[:14])


@pytest.mark.parametrize("cut", [1, HEAD.size, HEAD.size + 61])
def test_a_cut_off_record_is_an_error(cut):
    with pytest.raises(ValueError, match="cut off"):
        list(captured(record(1)[:cut]))


def test_scapy_reads_what_is_written(core, tmp_path):
    target = tmp_path / "out.pcapng"
    core.replies[CaptureStart] = [
        message(),
        message(record(1), record(2, sent=True, snaplen=51)),
        message(record(3), lost=4),
    ]
    process = start(core, "-i", "dpdk0", "-f", "udp", "-s", "2000", "-c", "3", "-w", str(target))
    out, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, out, err) == (0, b"", b"3 packets captured, 4 lost\n")
    assert core.requests == [
        CaptureStart(dev="dpdk0", program=compile_filter("udp", 2000), snaplen=2000)
    ]
    packets = rdpcap(str(target))
    assert [bytes(packet) for packet in packets] == [frame(1), frame(2)[:51], frame(3)]
    assert [packet.wirelen for packet in packets] == [62, 62, 62]
    assert [packet.direction for packet in packets] == [1, 2, 1]
    assert all(packet.sniffed_on == "dpdk0" for packet in packets)
    with RawPcapNgReader(str(target)) as reader:
        metadata = [meta for _, meta in reader]
    assert {meta.tsresol for meta in metadata} == {10**9}
    assert [(meta.tshigh << 32) + meta.tslow for meta in metadata] == [
        TIME_NS + 1, TIME_NS + 2, TIME_NS + 3
    ]  # fmt: skip


@pytest.mark.skipif(not shutil.which("tcpdump"), reason="needs tcpdump: apt install tcpdump")
def test_tcpdump_shows_packets_while_the_capture_runs(core):
    """`-w -` hands over every packet at once: tcpdump prints before the capture ends."""
    core.hang_up_after_capture = False
    core.replies[CaptureStart] = [message(record(1)), message(record(2))]
    process = start(core, "-i", "dpdk0", "-w", "-")
    reader = subprocess.Popen(
        ["tcpdump", "-n", "-l", "--nano", "-tt", "-r", "-"],
        stdin=process.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout and process.stderr and reader.stdout
    process.stdout.close()
    assert reader.stdout.readline().startswith("1700000000.123456790 IP 192.0.2.1.1001 > ")
    assert " 192.0.2.1.1002 > " in reader.stdout.readline()
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.stderr.read() == b"2 packets captured, 0 lost\n"
    assert process.wait(DEADLINE_S) == 0
    assert reader.wait(DEADLINE_S) == 0
    process.stderr.close()
    reader.stdout.close()


class Flushed(io.BytesIO):
    """Remembers how much was there at each flush."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def flush(self):
        self.sizes.append(self.tell())


@pytest.mark.parametrize("live", [True, False])
def test_live_means_every_packet_at_once(live):
    out, tally = Flushed(), Tally()
    form = CaptureForm(dev="dpdk0", file="-")
    write_stream([message(record(1), record(2), record(3))], out, form, live, tally)
    block_bytes = len(pcapng.packet(TIME_NS, 62, frame(1), sent=False))
    head_bytes = out.tell() - 3 * block_bytes
    after = [head_bytes + n * block_bytes for n in range(4)]
    assert sorted(set(out.sizes)) == (after if live else [after[0], after[3]])
    assert tally.written == 3


def test_interrupted_before_anything_came(core, tmp_path):
    """Even then the file is a valid one, and the count is said."""
    core.hang_up_after_capture = False
    core.replies[CaptureStart] = []
    target = tmp_path / "empty"
    process = start(core, "-i", "dpdk0", "-w", str(target))
    assert core.capture_started.wait(DEADLINE_S)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, err) == (0, b"0 packets captured, 0 lost\n")
    assert len(rdpcap(str(target))) == 0


def test_a_reader_that_leaves_ends_the_capture(core):
    core.replies[CaptureStart] = [message(record(1) * 2000)] * 9
    process = start(core, "-i", "dpdk0", "-w", "-")
    assert process.stdout and process.stderr
    process.stdout.read(10)
    process.stdout.close()
    assert b" packets captured, 0 lost\n" in process.stderr.read()
    assert process.wait(DEADLINE_S) == 0
    process.stderr.close()


def test_a_core_that_goes_away_is_an_error_after_the_count(core, tmp_path):
    core.replies[CaptureStart] = [message(record(1))]
    process = start(core, "-i", "dpdk0", "-w", str(tmp_path / "x"))
    _, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1
    assert err.startswith(b"1 packets captured, 0 lost\ndpip: no connection to dpvs: ")


def test_a_file_that_cannot_be_written(core, tmp_path):
    core.replies[CaptureStart] = [message()]
    process = start(core, "-i", "dpdk0", "-w", str(tmp_path))
    _, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1
    assert err == f"dpip: cannot write {tmp_path}: Is a directory\n".encode()


def test_a_device_the_core_does_not_have(core, tmp_path):
    core.replies[CaptureStart] = [Failure(code=Code.NODEV, message="no device", value="nodev")]
    process = start(core, "-i", "nodev", "-w", str(tmp_path / "x"))
    _, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, err) == (1, b"dpip: no such device: no device (nodev)\n")
    assert not (tmp_path / "x").exists()


def test_the_filter_is_kept_in_the_file():
    block = pcapng.interface("dpdk0", 96, "tcp port 80")
    assert b"\x0b\x00\x0c\x00\x00tcp port 80" in block
    assert len(block) == struct.unpack_from("=I", block, 4)[0]
