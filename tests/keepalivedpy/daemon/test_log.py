"""The log never waits; what it writes looks as keepalived's."""

import os
import re
import socket
import threading
from pathlib import Path

from keepalivedpy.daemon import log as log_module
from keepalivedpy.daemon.facility import facility
from keepalivedpy.daemon.log import Log, LogSettings, open_log
from keepalivedpy.daemon.log_sinks import DescriptorSink, SyslogSink


class StuckSink:
    """Blocks until released, as a full pipe would."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.texts: list[str] = []

    def write(self, when_s: float, severity: int, text: str) -> bool:
        self.release.wait(10)
        self.texts.append(text)
        return True


def test_a_stuck_sink_delays_nobody() -> None:
    sink = StuckSink()
    log = Log([sink])
    for n in range(log_module.MAX_WAITING + 500):  # would take ages if one of them waited
        log(f"line {n}")
    assert sink.texts == []
    sink.release.set()
    log.close(10)
    n_taken = log_module.MAX_WAITING
    assert sink.texts[:n_taken] == [f"line {n}" for n in range(n_taken)]
    assert len(sink.texts) <= n_taken + 1  # one more may be in the sink's hands


def test_the_loss_is_said_when_there_is_room_again() -> None:
    sink = StuckSink()
    log = Log([sink])
    for n in range(log_module.MAX_WAITING + 500):
        log(f"line {n}")
    sink.release.set()
    while not log.is_idle():
        threading.Event().wait(0.001)
    log("after")
    log.close(10)
    assert sink.texts[-1] == "after"
    assert re.fullmatch(r"(499|500) log lines were dropped: too slow a log", sink.texts[-2])


def test_console_lines() -> None:
    read, write = os.pipe()
    log = Log([DescriptorSink(write)])
    log("Starting\nTwice")
    log.close()
    os.close(write)
    lines = os.read(read, 4096).decode().splitlines()
    os.close(read)
    stamp = r"^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}: "
    assert [re.sub(stamp, "", line) for line in lines] == ["Starting", "Twice"]


def test_a_closed_pipe_is_given_up() -> None:
    read, write = os.pipe()
    os.close(read)
    assert DescriptorSink(write).write(0.0, 6, "text") is False
    os.close(write)


def test_syslog_lines_and_a_daemon_that_comes_late(tmp_path: Path) -> None:
    path = tmp_path / "log"
    sink = SyslogSink("Keepalived_vrrp", 3, str(path))
    assert sink.write(0.0, 6, "lost") is True
    for _ in range(2):  # the second time it was restarted
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
            daemon.bind(str(path))
            daemon.settimeout(5)
            sink.write(0.0, 6, "text")
            line = daemon.recv(4096).decode()
        pattern = (
            rf"<30>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d Keepalived_vrrp\[{os.getpid()}\]: text"
        )
        assert re.fullmatch(pattern, line)


def test_each_process_has_its_own_file(tmp_path: Path) -> None:
    settings = LogSettings(syslog=False, file=str(tmp_path / "ka.log"))
    log = open_log(settings, "Keepalived_vrrp", "_vrrp")
    log("one line")
    log.close()
    assert (tmp_path / "ka_vrrp.log").read_text().endswith(": one line\n")


def test_facilities() -> None:
    words = ("daemon", "user", "0", "local7", "LOCAL1", "8", "mail")
    assert [facility(word) for word in words] == [3, 1, 16, 23, 17, None, None]
