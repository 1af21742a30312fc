"""Each kind of argument: good, just inside, just outside, and nonsense."""

from typing import Any

import pytest

from dpvs_core.config.addresses import Address, Prefix
from dpvs_core.config.dpvs_model import KniRoute, Vdev
from dpvs_core.config.dpvs_values import KniRouteLine, RssTypes, VdevName
from dpvs_core.config.errors import BadValue
from dpvs_core.config.source import Line
from dpvs_core.config.tree import Node
from dpvs_core.config.values import (
    Bool,
    Choice,
    Flag,
    Int,
    Numbers,
    PowerOfTwo,
    Rest,
    Text,
    Timer,
    Value,
)


def node(text: str) -> Node:
    return Node(f"k {text}".split(), None, Line("f", 1, f"k {text}"))


GOOD: list[tuple[Value, str, Any]] = [
    (Int(1, 255), "1", 1),
    (Int(1, 255), "255", 255),
    (Int(0, 255), "0144", 144),
    (Int(-5, 5), "-5", -5),
    (PowerOfTwo(16, 8192), "1024", 1024),
    (PowerOfTwo(16, 8192), "1500", 1024),
    (PowerOfTwo(1023, 2**27, minus_one=True), "1048575", 1048575),
    (PowerOfTwo(1023, 2**27, minus_one=True), "1048576", 1048575),
    (PowerOfTwo(1023, 2**27, minus_one=True), "1048574", 524287),
    (Timer(), "3", 3_000_000),
    (Timer(), "0.25", 250_000),
    (Timer(), ".5", 500_000),
    (Timer(), "1.0000019", 1_000_001),
    (Bool(), "", True),
    (Bool(), "off", False),
    (Bool(), "yes", True),
    (Flag(7), "", 7),
    (Choice("a", b=2), "a", "a"),
    (Choice("a", b=2), "b", 2),
    (Text("a name", 3), "abc", "abc"),
    (Rest(), "a  b c", "a b c"),
    (Numbers(Int(0, 15)), "0 1 15", (0, 1, 15)),
    (Address(), "192.0.2.1", "192.0.2.1"),
    (Address(), "2001:DB8:0::1", "2001:db8::1"),
    (Prefix(), "192.0.2.9/24", "192.0.2.9/24"),
    (Prefix(network=True), "192.0.2.9/24", "192.0.2.0/24"),
    (Prefix(network=True), "2001:db8::9/64", "2001:db8::/64"),
    (Prefix(network=True), "192.0.2.9", "192.0.2.9/32"),
    (Prefix(network=True), "default", "0.0.0.0/0"),
    (RssTypes(), "ip|tcp", ("ip", "tcp")),
    (VdevName(), "net_af_packet0,iface=veth0", Vdev(driver="net_af_packet0", args="iface=veth0")),
    (VdevName(), "net_tap1", Vdev(driver="net_tap1")),
    (KniRouteLine(), "default via 192.0.2.1", KniRoute(prefix="0.0.0.0/0", via="192.0.2.1")),
    (KniRouteLine(), "default via 2001:db8::1", KniRoute(prefix="::/0", via="2001:db8::1")),
    (KniRouteLine(), "192.0.2.0/24", KniRoute(prefix="192.0.2.0/24")),
]

BAD: list[tuple[Value, str]] = [
    (Int(1, 255), "0"),
    (Int(1, 255), "256"),
    (Int(1, 255), "0x10"),
    (Int(1, 255), "100.5"),
    (Int(1, 255), "1_0"),
    (Int(1, 255), "\u0661"),
    (Int(1, 255), "9" * 5000),
    (PowerOfTwo(16, 8192), "15"),
    (Timer(1), "0"),
    (Timer(0, 1_000_000), "1.000001"),
    (Timer(whole=True), "1.5"),
    (Timer(), "."),
    (Timer(), "-1"),
    (Timer(), "1e3"),
    (Bool(), "On"),
    (Choice("MASTER"), "master"),
    (Text("a name", 3), "abcd"),
    (Numbers(Int(0, 15)), "0 16"),
    (Address(), "192.0.2.256"),
    (Address(), "192.0.2"),
    (Address(), "localhost"),
    (Address(6), "192.0.2.1"),
    (Prefix(), "192.0.2.9"),
    (Prefix(), "192.0.2.9/33"),
    (Prefix(), "192.0.2.9/"),
    (Prefix(), "192.0.2.9/-1"),
    (RssTypes(), "ip|foo"),
    (VdevName(), "veth0"),
    (KniRouteLine(), "192.0.2.0/24 dev x"),
    (KniRouteLine(), "192.0.2.0/24 via x"),
]


@pytest.mark.parametrize("value, text, expected", GOOD)
def test_good(value: Value, text: str, expected: Any) -> None:
    assert value.read(node(text), 1) == expected


@pytest.mark.parametrize("value, text", BAD)
def test_bad_says_what_would_be_right(value: Value, text: str) -> None:
    with pytest.raises(BadValue) as caught:
        value.read(node(text), 1)
    assert caught.value.at >= 1
    assert caught.value.expected
