"""The command line: one row an option, a parser that follows getopt_long, the help text.

keepalived's options with the same letters, plus --with-dpvs, --dpvs-args and --ipc. Options of
keepalived that are not carried yet are rows too: they are refused by name.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

import msgspec

DEFAULT_CONFIG = "/etc/keepalived/keepalived.conf"
DEFAULT_DPVS_CONFIG = "/etc/dpvs.conf"


class Takes(Enum):
    """What follows an option; MAYBE is attached (-tFILE, --config-test=FILE)."""

    NOTHING = "nothing"
    COUNT = "nothing, counted"
    VALUE = "a value"
    MAYBE = "perhaps a value"
    MAYBE_NEXT = "perhaps a value, also as the next word"
    LEAVE = "nothing, ends the program"
    REFUSED = "refused"


class Row(NamedTuple):
    short: str
    long: str
    takes: Takes
    field: str
    help: str
    value: str = ""  # its name in the help
    absent: str = ""  # MAYBE: what it means without a value


N, C, V, M, L = Takes.NOTHING, Takes.COUNT, Takes.VALUE, Takes.MAYBE, Takes.LEAVE

ROWS = (
    Row("f", "use-file", V, "config", "read this configuration file", "FILE"),
    Row("P", "vrrp", N, "only_vrrp", "run only VRRP"),
    Row("C", "check", N, "only_check", "run only the health checkers"),
    Row("B", "no_bfd", N, "no_bfd", "no BFD process"),
    Row("", "all", N, "all_children", "start all processes even without configuration for them"),
    Row("l", "log-console", N, "log_console", "log to the console too"),
    Row("D", "log-detail", C, "log_detail", "detailed log"),
    Row("S", "log-facility", V, "log_facility", "syslog facility: local0-7, user, daemon", "F"),
    Row("g", "log-file", M, "log_file", "log to files of our own", "FILE", "/tmp/keepalived.log"),
    Row("", "flush-log-file", N, "flush_log_file", "flush the -g files at every line (always so)"),
    Row("G", "no-syslog", N, "no_syslog", "do not log to syslog"),
    Row("X", "release-vips", N, "release_vips", "drop addresses on transition by signal"),
    Row("V", "dont-release-vrrp", N, "keep_vips", "leave addresses and routes at the end"),
    Row("I", "dont-release-ipvs", N, "keep_services", "leave services and servers at the end"),
    Row("R", "dont-respawn", N, "dont_respawn", "end when a child process dies"),
    Row("n", "dont-fork", N, "foreground", "stay in the foreground"),
    Row("d", "dump-conf", N, "dump_config", "log the configuration as read"),
    Row("p", "pid", V, "pid_file", "pid file of the parent", "FILE"),
    Row("r", "vrrp_pid", V, "vrrp_pid_file", "pid file of the VRRP process", "FILE"),
    Row("c", "checkers_pid", V, "checkers_pid_file", "pid file of the checkers", "FILE"),
    Row("b", "bfd_pid", V, "bfd_pid_file", "pid file of the BFD process", "FILE"),
    Row("i", "config-id", V, "config_id", "use lines marked @ID", "ID"),
    Row("t", "config-test", M, "config_test", "check the configuration and leave", "FILE", "-"),
    Row("", "format", V, "format", "with -t: text, or json for editors", "FORMAT"),
    Row("", "compat", N, "compat", "with -t: one line a mistake, placed as keepalived does"),
    Row("e", "all-config", N, "all_includes", "every include must find its files"),
    Row("", "with-dpvs", Takes.MAYBE_NEXT, "dpvs_config", "start and supervise dpvs as well",
        "DPVS.CONF", DEFAULT_DPVS_CONFIG),
    Row("", "dpvs-args", V, "dpvs_args", "EAL options for that dpvs, as one word", "ARGS"),
    Row("", "ipc", V, "ipc", "control socket of dpvs (else $DPVS_IPC_FILE)", "FILE"),
    Row("", "status", N, "status", "show what the running keepalived does, and leave"),
    Row("", "plan", Takes.MAYBE_NEXT, "plan", "show what a reload with FILE would do",
        "FILE", "-"),
    Row("", "help-config", V, "help_config", "what a keyword of keepalived.conf means", "KEYWORD"),
    Row("", "json", N, "json", "with --status or --plan: as JSON"),
    Row("v", "version", L, "version", "print the version"),
    Row("h", "help", L, "help", "print this"),
    *(Row(short, long, Takes.REFUSED, "", "") for short, long in (
        ("T", "genhash"), ("a", "address-monitoring"), ("s", "namespace"),
        ("x", "snmp"), ("A", "snmp-agent-socket"), ("u", "umask"), ("m", "core-dump"),
        ("M", "core-dump-pattern"), ("", "config-fd"), ("", "signum"), ("", "ignore-sigint"),
        ("", "perf"), ("", "debug"), ("", "no-mem-check"),
    )),
)  # fmt: skip


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line. `config_test`: None off, "-" on, else the file its messages go to.
    `plan`: None off, "-" with `config`, else the file."""

    program: str = "keepalived"
    words: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    leave: str = ""  # "version" or "help": print it and end
    config: str = DEFAULT_CONFIG
    only_vrrp: bool = False
    only_check: bool = False
    no_bfd: bool = False
    all_children: bool = False
    log_console: bool = False
    log_detail: int = 0
    log_facility: str = "daemon"
    log_file: str | None = None
    flush_log_file: bool = False
    no_syslog: bool = False
    release_vips: bool = False
    keep_vips: bool = False
    keep_services: bool = False
    dont_respawn: bool = False
    foreground: bool = False
    dump_config: bool = False
    pid_file: str = "/run/keepalived.pid"
    vrrp_pid_file: str = "/run/keepalived_vrrp.pid"
    checkers_pid_file: str = "/run/keepalived_checkers.pid"
    bfd_pid_file: str = "/run/keepalived_bfd.pid"
    config_id: str | None = None
    config_test: str | None = None
    format: str = "text"
    compat: bool = False
    all_includes: bool = False
    status: bool = False
    plan: str | None = None
    help_config: str | None = None
    json: bool = False
    dpvs_config: str | None = None
    dpvs_args: str = ""
    ipc: str | None = None


class UsageError(Exception):
    """A wrong command line: one line."""


FORMATS = ("text", "json")
SHORT = {row.short: row for row in ROWS if row.short}
LONG = {row.long: row for row in ROWS}


class _Words:
    """The words of a command line, taken one after another."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)

    def take(self) -> str | None:
        return self._words.pop(0) if self._words else None

    def take_value(self) -> str | None:
        """The next word, unless it looks like an option."""
        return self.take() if self._words and not self._words[0].startswith("-") else None


def parse(argv: Sequence[str]) -> Options:
    """argv[0] is the program's name. Raises UsageError."""
    words = _Words(argv[1:])
    given: dict[str, Any] = {}
    surplus: list[str] = []
    while (word := words.take()) is not None and "leave" not in given:
        if word == "--":
            while (word := words.take()) is not None:
                surplus.append(word)
        elif word.startswith("--"):
            _long(word, words, given)
        elif word.startswith("-") and len(word) > 1:
            _short(word, words, given)
        else:
            surplus.append(word)
    if given.get("json") and not given.get("status") and "plan" not in given:
        raise UsageError("option --json needs --status or --plan")
    if given.get("format", "text") not in FORMATS:
        raise UsageError(f"option --format takes {' or '.join(FORMATS)}")
    for name in ("format", "compat"):
        if name in given and "config_test" not in given:
            raise UsageError(f"option --{name} needs --config-test")
    return Options(program=argv[0], words=tuple(argv), surplus=tuple(surplus), **given)


def _long(word: str, words: _Words, given: dict[str, Any]) -> None:
    name, equals, text = word[2:].partition("=")
    row = LONG.get(name)
    if row is None:
        raise UsageError(f"Unknown option: {word}")
    if equals and not text:
        raise UsageError(f"option --{name} has an empty parameter")
    if equals and row.takes in (Takes.NOTHING, Takes.COUNT, Takes.LEAVE):
        raise UsageError(f"option --{name} takes no parameter")
    _set(row, f"--{name}", text if equals else None, words, given)


def _short(word: str, words: _Words, given: dict[str, Any]) -> None:
    """One word of short options: flags, perhaps ended by one with a value (-nlf FILE, -tFILE)."""
    rest = word[1:]
    while rest:
        letter, rest = rest[0], rest[1:]
        row = SHORT.get(letter)
        if row is None:
            raise UsageError(f"Unknown option: -{letter}")
        text = None
        if row.takes in (Takes.VALUE, Takes.MAYBE) and rest:
            text, rest = rest, ""
        _set(row, f"-{letter}", text, words, given)


def _set(row: Row, name: str, text: str | None, words: _Words, given: dict[str, Any]) -> None:
    match row.takes:
        case Takes.NOTHING:
            given[row.field] = True
        case Takes.COUNT:
            given[row.field] = given.get(row.field, 0) + 1
        case Takes.LEAVE:
            given["leave"] = row.field
        case Takes.MAYBE:
            given[row.field] = row.absent if text is None else text
        case Takes.MAYBE_NEXT:
            given[row.field] = text or words.take_value() or row.absent
        case Takes.VALUE:
            given[row.field] = words.take() if text is None else text
            if given[row.field] is None:
                raise UsageError(f"option {name} requires a parameter ({row.value})")
        case Takes.REFUSED:
            raise UsageError(f"option {name} of keepalived is not available yet")


def help_text(program: str) -> str:
    lines = [f"Usage: {program} [OPTION...]"]
    for row in ROWS:
        if row.takes is Takes.REFUSED:
            continue
        value = f"={row.value}" if row.takes is Takes.VALUE else ""
        value = f"[={row.value}]" if row.value and not value else value
        short = f"-{row.short}," if row.short else "   "
        lines.append(f"  {short} --{row.long + value:<26} {row.help}")
    return "\n".join(lines)
