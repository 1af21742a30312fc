"""ipvsadm's commands and options as rows: names, values, and which option goes with which command.

The rows give the parser, the messages of I-004 and I-005, and `Given`, what was typed.
"""

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import NamedTuple

import msgspec

from dpvs_core.control.messages import Forward
from keepalivedpy.cli import ipvsadm_values as values


class Value(Enum):
    """Whether an option takes a value."""

    NONE = 0
    REQUIRED = 1
    OPTIONAL = 2


class Option(NamedTuple):
    """`key` is the name in messages and, with underscores, the field of Given."""

    key: str
    short: str
    long: str
    value: Value
    parse: Callable[[str], object]
    repeatable: bool = False


class Command(NamedTuple):
    """`name` as messages say it; `operands` follow the command itself (--set)."""

    name: str
    short: str
    long: str
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    operands: int = 0


class Given(msgspec.Struct, kw_only=True):
    """What a command line says; None where nothing was said."""

    service_address: values.Selector | None = None
    real_server: values.Server | None = None
    local_address: str | None = None
    ifname: str | None = None
    blacklist_address: str | None = None
    whitelist_address: str | None = None
    scheduler: str | None = None
    persistent: int | None = None
    netmask: str | None = None
    ops: bool | None = None
    synproxy: bool | None = None
    hash_target: values.HashTarget | None = None
    expire_quiescent: bool | None = None
    conn_timeout: int | None = None
    proxy_protocol: values.ProxyProtocol | None = None
    quic: bool | None = None
    dest_check: tuple[str, ...] | None = None
    pe: str | None = None
    forwarding_method: Forward | None = None
    weight: int | None = None
    u_threshold: int | None = None
    l_threshold: int | None = None
    ipv6: bool | None = None
    numeric: bool | None = None
    connection: bool | None = None
    stats: bool | None = None
    rate: bool | None = None
    exact: bool | None = None
    thresholds: bool | None = None
    persistent_conn: bool | None = None
    nosort: bool | None = None
    sort: bool | None = None
    cpu: int | None = None
    sockpair: values.SockPair | None = None
    timeout: bool | None = None
    daemon: bool | None = None
    mcast_interface: str | None = None
    syncid: str | None = None


def _flag(key: str, short: str = "", long: str = "") -> Option:
    return Option(key, short, long or key, Value.NONE, lambda _text: True)


def _with(key: str, short: str, long: str, parse: Callable[[str], object]) -> Option:
    return Option(key, short, long, Value.REQUIRED, parse)


def _forward(short: str, long: str, method: Forward) -> Option:
    return Option("forwarding-method", short, long, Value.NONE, lambda _text: method)


OPTIONS: tuple[Option, ...] = (
    _with("service-address", "t", "tcp-service", partial(values.service, "tcp")),
    _with("service-address", "u", "udp-service", partial(values.service, "udp")),
    _with("service-address", "", "sctp-service", partial(values.service, "sctp")),
    _with("service-address", "q", "icmp-service", partial(values.service, "icmp")),
    _with("service-address", "1", "icmpv6-service", partial(values.service, "icmpv6")),
    _with("service-address", "f", "fwmark-service", values.mark),
    _with("service-address", "H", "match", values.match),
    _with("real-server", "r", "real-server", values.server),
    _with("local-address", "z", "laddr", values.laddr),
    _with("ifname", "F", "ifname", str),
    _with("blacklist-address", "k", "blklst", partial(values.access_entry, "blacklist")),
    _with("whitelist-address", "2", "whtlst", partial(values.access_entry, "whitelist")),
    _with("scheduler", "s", "scheduler", values.scheduler),
    Option("persistent", "p", "persistent", Value.OPTIONAL, values.persistence_s),
    _with("netmask", "M", "netmask", values.netmask),
    _flag("ops", "o"),
    _with("synproxy", "j", "synproxy", values.switch),
    _with("hash-target", "", "hash-target", values.hash_target),
    _flag("expire-quiescent"),
    _with("conn-timeout", "", "conn-timeout", values.conn_timeout_s),
    _with("proxy-protocol", "", "proxy-protocol", values.proxy_protocol),
    _flag("quic"),
    Option("dest-check", "", "dest-check", Value.REQUIRED, values.dest_check, repeatable=True),
    _with("pe", "", "pe", str),
    _forward("g", "gatewaying", "route"),
    _forward("i", "ipip", "tunnel"),
    _forward("m", "masquerading", "masq"),
    _forward("b", "fullnat", "fullnat"),
    _forward("J", "snat", "snat"),
    _with("weight", "w", "weight", values.weight),
    _with("u-threshold", "x", "u-threshold", partial(values.threshold, "upper")),
    _with("l-threshold", "y", "l-threshold", partial(values.threshold, "lower")),
    _flag("ipv6", "6"),
    _flag("numeric", "n"),
    _flag("connection", "c"),
    _flag("stats"),
    _flag("rate"),
    _flag("exact", "X"),
    _flag("thresholds"),
    _flag("persistent-conn"),
    _flag("nosort"),
    _flag("sort"),
    _with("cpu", "", "cpu", values.cpu),
    _with("sockpair", "", "sockpair", values.sockpair),
    _flag("timeout"),
    _flag("daemon"),
    _with("mcast-interface", "", "mcast-interface", str),
    _with("syncid", "", "syncid", str),
)

_SERVICE = (
    "scheduler", "persistent", "netmask", "ops", "synproxy", "hash-target", "expire-quiescent",
    "conn-timeout", "proxy-protocol", "quic", "dest-check", "ipv6",
)  # fmt: skip
_SERVER = ("forwarding-method", "weight", "u-threshold", "l-threshold", "ipv6")
_LIST = (
    "service-address", "numeric", "connection", "stats", "rate", "exact", "thresholds", "ipv6",
    "persistent-conn", "nosort", "sort", "cpu", "sockpair", "timeout", "daemon",
)  # fmt: skip
_AT = ("service-address",)
_SYNC = ("mcast-interface", "syncid")

COMMANDS: tuple[Command, ...] = (
    Command("add-service", "A", "add-service", _AT, _SERVICE),
    Command("edit-service", "E", "edit-service", _AT, _SERVICE),
    Command("delete-service", "D", "delete-service", _AT, ("ipv6",)),
    Command("flush", "C", "clear"),
    Command("restore", "R", "restore"),
    Command("save", "S", "save", (), ("numeric",)),
    Command("add-server", "a", "add-server", (*_AT, "real-server"), _SERVER),
    Command("edit-server", "e", "edit-server", (*_AT, "real-server"), _SERVER),
    Command("delete-server", "d", "delete-server", (*_AT, "real-server"), ("ipv6",)),
    Command("add-laddr", "P", "add-laddr", (*_AT, "local-address", "ifname"), ("ipv6",)),
    Command("del-laddr", "Q", "del-laddr", (*_AT, "local-address", "ifname"), ("ipv6",)),
    Command("get-laddr", "G", "get-laddr", (), (*_AT, "numeric", "cpu", "ipv6")),
    Command("add-blklst", "U", "add-blklst", (*_AT, "blacklist-address"), ("ipv6",)),
    Command("del-blklst", "V", "del-blklst", (*_AT, "blacklist-address"), ("ipv6",)),
    Command("get-blklst", "B", "get-blklst", (), (*_AT, "numeric", "ipv6")),
    Command("add-whtlst", "O", "add-whtlst", (*_AT, "whitelist-address"), ("ipv6",)),
    Command("del-whtlst", "Y", "del-whtlst", (*_AT, "whitelist-address"), ("ipv6",)),
    Command("get-whtlst", "W", "get-whtlst", (), (*_AT, "numeric", "ipv6")),
    Command("list", "Ll", "list", (), _LIST),
    Command("zero", "Z", "zero", (), (*_AT, "ipv6")),
    Command("set", "", "set", operands=3),
    Command("start-daemon", "", "start-daemon", (), _SYNC, operands=1),
    Command("stop-daemon", "", "stop-daemon", (), (), operands=1),
    Command("help", "h", "help"),
    Command("version", "v", "version"),
)
"""Options a command neither needs nor may have are illegal with it (I-005)."""

CONFLICTS: tuple[tuple[str, ...], ...] = (
    ("connection", "service-address", "timeout", "daemon"),
    ("connection", "stats", "rate", "thresholds"),
    ("stats", "rate", "thresholds", "persistent-conn"),
)
"""At most one of each group in a `list` command."""
