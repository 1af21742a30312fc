"""Whatever is typed, a tool asks the core or says in one line why not; it never breaks."""

import io
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepalivedpy.cli.dpip_objects import CARRIED, NOT_CARRIED
from keepalivedpy.cli.dpip_options import SWITCHES
from keepalivedpy.cli.ipvsadm_options import COMMANDS, OPTIONS
from keepalivedpy.programs import dpip, ipvsadm

VALUES = (
    "192.0.2.1",
    "192.0.2.1:80",
    "[2001:db8::1]:443",
    "2001:db8::1",
    ":",
    "[",
    "]:",
    "[]:0",
    "-",
    "--",
    "=",
    "-=",
    "rr",
    "conhash",
    "sip",
    "qid",
    "0",
    "-1",
    "65536",
    "99999999999999999999",
    "v2",
    "enable",
    "tcp",
    "1,3s",
    "a,b,c,d",
    "1,1,1s,-",
    "255.255.255.0",
    "af=ipv4",
    "src-range=",
    "src-range=[",
    "tcp:1.1.1.1:1:2.2.2.2:2",
    "tcp:[::1]:1:[::2]:2",
    "tcp:[:",
    "\xe9",
    "ipset:a",
    "10.0.0.1/24",
    "10.0.0.1/",
    "/",
    "default",
    "dpdk0",
    "on",
    "02:00:00:00:00:01",
    "::",
    "\u0663",
    "",
    "\x00",
    "x" * 40,
)
IPVSADM_WORDS = [
    *(f"--{row.long}" for row in (*COMMANDS, *OPTIONS)),
    *(f"-{letter}" for row in (*COMMANDS, *OPTIONS) for letter in row.short),
    "-lnc", "-bw5", "-p=", "--cpu=2", "--stats=",
]  # fmt: skip
DPIP_WORDS = [
    *(name for row in SWITCHES for name in row.names),
    *CARRIED, *NOT_CARRIED, "add", "del", "set", "show", "list", "replace", "flush", "help", "cpu",
    "cpu1", "dev", "via", "scope", "mtu", "src", "metric", "tos", "proto", "lladdr", "sapool",
    "valid_lft", "broadcast", "promisc", "addr", "type", "kni", "nonzero", "--family=inet", "-sv",
]  # fmt: skip


class ReachedError(Exception):
    """A request was made."""


class NoCore:
    dpvs_version = "0"

    def open(self):
        raise ReachedError("open")

    def call(self, request, _reply):
        raise ReachedError(type(request).__name__)


def words(of):
    return st.lists(st.one_of(st.sampled_from(of), st.sampled_from(VALUES)), max_size=9)


@pytest.fixture(autouse=True)
def no_names(monkeypatch):
    def unknown(name):
        raise OSError(f"no host {name}")

    monkeypatch.setattr(socket, "gethostbyname", unknown)


def check(run):
    """A request, or a status with a line for every failure."""
    out, err = io.StringIO(), io.StringIO()
    try:
        status = run(out, err)
    except ReachedError:
        return
    assert status in (0, 1, 2, 255)
    assert bool(err.getvalue()) or status == 0
    assert "no understanding" not in err.getvalue()


PLENTY = settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])


@PLENTY
@given(words(IPVSADM_WORDS))
def test_ipvsadm(line):
    check(lambda out, err: ipvsadm.run(line, NoCore(), io.StringIO(), out, err))


@PLENTY
@given(st.sampled_from(COMMANDS), words(IPVSADM_WORDS))
def test_ipvsadm_commands(command, line):
    first = f"--{command.long}"
    check(lambda out, err: ipvsadm.run([first, *line], NoCore(), io.StringIO(), out, err))


@PLENTY
@given(words(DPIP_WORDS))
def test_dpip(line):
    check(lambda out, err: dpip.run(line, NoCore(), out, err, pause=lambda _s: None))


@PLENTY
@given(st.sampled_from([name for name in CARRIED if name != "capture"]), words(DPIP_WORDS))
def test_dpip_objects(name, line):
    check(lambda out, err: dpip.run([name, *line], NoCore(), out, err, pause=lambda _s: None))


@given(st.lists(st.sampled_from(["-c", "-s", "-f", "help", "-h", "-q", *VALUES]), max_size=6))
def test_dpip_capture_without_a_file(line):
    """Without -w nothing can be written, so nothing may start."""
    check(lambda out, err: dpip.run(["capture", *line], NoCore(), out, err))
