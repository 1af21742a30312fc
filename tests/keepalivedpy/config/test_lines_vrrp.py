"""Lines of addresses, routes, rules, peers and trackers: typed, dumped as the same, or refused.

keepalived.conf(5), "virtual_ipaddress", "virtual_routes", "virtual_rules", "track_script".
"""

from typing import Any

import pytest

from dpvs_core.config.errors import AmendedValue, BadValue
from dpvs_core.config.source import Line
from dpvs_core.config.tree import Node
from keepalivedpy.config.lines_global import Umask
from keepalivedpy.config.lines_routing import AddressLine, RouteLine, RuleLine
from keepalivedpy.config.lines_trackers import DelaysLine, LinkbeatLine, TrackLine
from keepalivedpy.config.lines_vrrp import HmacKeyWords, IpvlanWords, PeerLine, VmacWords
from keepalivedpy.model.routing import Encap, Metric, Nexthop, Range
from keepalivedpy.model.static import InterfaceDelays, LinkbeatInterface
from keepalivedpy.model.trackers import Track
from keepalivedpy.model.vrrp import HmacKey, UnicastPeer, UseIpvlan, UseVmac


def node(text: str) -> Node:
    return Node(text.split(), None, Line("f", 1, text))


def fields(model: Any, names: Any) -> dict[str, Any]:
    return {name: getattr(model, name) for name in names}


ADDRESSES: dict[str, dict[str, Any]] = {
    "10.0.0.1/24 dev eth0 brd + scope link label eth0:1": {
        "addr": "10.0.0.1", "prefixlen": 24, "dev": "eth0", "broadcast": "+", "scope": "link",
        "label": "eth0:1",
    },
    "10.0.0.1 peer 10.0.0.2": {"peer": "10.0.0.2", "prefixlen": 32},
    "fe80::1 home -nodad mngtmpaddr": {"home": True, "nodad": True, "mngtmpaddr": True},
    "fe80::1 noprefixroute autojoin": {"noprefixroute": True, "autojoin": True, "nodad": False},
    "10.0.0.1 preferred_lft 10": {"preferred_lft_s": 10},
    "10.0.0.1 preferred_lft forever use_vmac": {"preferred_lft_s": -1, "use_vmac": True},
    "10.0.0.1 no_track track_group g": {"no_track": True, "track_group": "g"},
}  # fmt: skip

ROUTES: dict[str, dict[str, Any]] = {
    "default via 10.0.0.254": {"prefix": "0.0.0.0/0", "via": "10.0.0.254"},
    "default via fe80::1 dev eth0": {"prefix": "::/0", "via": "fe80::1"},
    "inet6 default dev eth0": {"prefix": "::/0", "family": "inet6"},
    "blackhole 10.1.2.3/8": {"kind": "blackhole", "prefix": "10.0.0.0/8"},
    "src 10.0.0.1 to 10.9.0.0/16 gw inet 10.0.0.2 oif eth0 onlink": {
        "src": "10.0.0.1", "via": "10.0.0.2", "dev": "eth0", "onlink": True,
    },
    "10.9.0.0/16 dev eth0 table 0x64 tos 0x10 protocol static priority 7 no_track": {
        "table": 100, "tos": 16, "protocol": 4, "metric": 7,
    },
    "10.9.0.0/16 dev eth0 table main": {"table": 254},
    "10.9.0.0/16 dev eth0 mtu lock 1400 hoplimit 9 advmss lock 1360": {
        "mtu": Metric(1400, True), "hoplimit": Metric(9), "advmss": Metric(1360, True),
    },
    "10.9.0.0/16 dev eth0 rtt 2s rttvar 30ms rto_min 40": {
        "rtt_ms": Metric(2000), "rttvar_ms": Metric(30), "rto_min_ms": Metric(40),
    },
    "10.9.0.0/16 dev eth0 window 1 cwnd lock 2 ssthresh 3 initcwnd 4 initrwnd 5 reordering 6": {
        "window": Metric(1), "cwnd": Metric(2, True), "ssthresh": Metric(3),
        "initcwnd": Metric(4), "initrwnd": Metric(5), "reordering": Metric(6),
    },
    "fd00::/8 dev eth0 expires 9 pref high from fd01::/16": {
        "expires_s": 9, "pref": "high", "from_prefix": "fd01::/16",
    },
    "10.9.0.0/16 dev eth0 features ecn quickack 1 congctl lock cubic fastopen_no_cookie 0": {
        "features_ecn": True, "quickack": True, "congctl": "cubic", "congctl_lock": True,
        "fastopen_no_cookie": False,
    },
    "10.9.0.0/16 dev eth0 ttl-propagate disabled realms 3/4 vrf blue append": {
        "ttl_propagate": False, "realms": "3/4", "vrf": "blue", "op": "append",
    },
    "10.9.0.0/16 dev eth0 encap mpls 100/200 ttl 3 no_track": {
        "encap": Encap(kind="mpls", labels=(100, 200), ttl=3), "no_track": True,
    },
    "10.9.0.0/16 encap ip id 7 dst 10.0.0.3 src 10.0.0.4 tos 8 ttl 5 dev eth0": {
        "encap": Encap(kind="ip", id=7, dst="10.0.0.3", src="10.0.0.4", tos=8, ttl=5),
        "dev": "eth0", "src": None, "tos": None,
    },
    "fd00::/8 encap ila 1:2:3:4 dev eth0": {"encap": Encap(kind="ila", locator="1:2:3:4")},
    "10.9.0.0/16 nexthop via 10.0.0.2 dev eth0 weight 3 nexthop via 10.0.0.3 onlink realms 5": {
        "nexthops": (Nexthop(via="10.0.0.2", dev="eth0", weight=3),
                     Nexthop(via="10.0.0.3", onlink=True, realms="5")),
    },
    "10.9.0.0/16 via 10.0.0.2 or 10.0.0.3 dev eth0 track_group g": {
        "via": None, "track_group": "g", "dev": "eth0",
        "nexthops": (Nexthop(via="10.0.0.2"), Nexthop(via="10.0.0.3")),
    },
}  # fmt: skip

RULES: dict[str, dict[str, Any]] = {
    "from 10.1.2.3/8 lookup 100 preference 7": {
        "from_prefix": "10.0.0.0/8", "table": 100, "preference": 7,
    },
    "not to default iif eth0 oif eth1 table main": {
        "inverted": True, "to_prefix": "0.0.0.0/0", "iif": "eth0", "oif": "eth1", "table": 254,
    },
    "fwmark 0x10/0xff tos 8 goto 900 order 5": {
        "fwmark": 16, "fwmask": 255, "tos": 8, "goto": 900, "preference": 5,
    },
    "ipproto tcp sport 10-20 dport 80-80 uidrange 1-2 nop": {
        "ipproto": 6, "sport": Range(10, 20), "dport": Range(80, 80), "uidrange": Range(1, 2),
        "action": "nop",
    },
    "l3mdev protocol 2 realms 3/4 tunnel-id 9 no_track": {
        "l3mdev": True, "protocol": 2, "realms": "3/4", "tunnel_id": 9,
    },
    "inet6 from fd00::/8 type blackhole suppress_prefixlength 0 sup_group 3": {
        "family": "inet6", "action": "blackhole", "suppress_prefixlength": 0,
        "suppress_ifgroup": 3,
    },
    "from 10.0.0.0/8 prohibit no_track track_group g": {
        "action": "prohibit", "no_track": True, "track_group": "g",
    },
}  # fmt: skip

LINES = [
    *((AddressLine(), text, wanted) for text, wanted in ADDRESSES.items()),
    *((RouteLine(), text, wanted) for text, wanted in ROUTES.items()),
    *((RuleLine(), text, wanted) for text, wanted in RULES.items()),
]

KEY = "0123456789abcdef" * 2
VALUES: list[tuple[Any, str, Any]] = [
    (PeerLine(), "10.0.0.2 min_ttl 2 max_ttl 255", UnicastPeer("10.0.0.2", 2, 255)),
    (TrackLine(), "s", Track("s")),
    (TrackLine(), "s weight -254 reverse", Track("s", -254, True)),
    (TrackLine(), "s weight 254", Track("s", 254)),
    (LinkbeatLine(), "eth0 MII", LinkbeatInterface("eth0", "MII")),
    (DelaysLine(), "eth0 0 255", InterfaceDelays("eth0", 0, 255)),
    (DelaysLine(), "eth0 5", InterfaceDelays("eth0", 5)),
]
WORDS: list[tuple[Any, str, Any]] = [
    (VmacWords(), "name v 00:00:5e:00:01:07 netlink_notify_msg group 5",
     UseVmac(name="v", mac="00:00:5e:00:01:07", netlink_notify_msg=True, group=5)),
    (VmacWords(), "0:1:2:3:4", UseVmac(mac="0:1:2:3:4")),
    (IpvlanWords(), "v 10.0.0.9/24 vepa group red",
     UseIpvlan(name="v", addr="10.0.0.9", mode="vepa", group="red")),
    (HmacKeyWords(), f"1 hex:{KEY * 2}", HmacKey(1, f"hex:{KEY * 2}")),
    (HmacKeyWords(), "255 file:/etc/key", HmacKey(255, "file:/etc/key")),
    (Umask(), "IWGRP|IROTH", 0o24),
    (Umask(), "022", 0o22),
]  # fmt: skip

BAD = [  # value, line, number of the wrong word
    (AddressLine(), "10.0.0.1 peer 10.0.0.2/32", 2),
    (AddressLine(), "10.0.0.1 dev", 2),
    (AddressLine(), "10.0.0.1 preferred_lft -1", 2),
    (AddressLine(), "10.0.0.1 nodad", 1),
    (RouteLine(), "10.9.0.0/40 dev eth0", 0),
    (RouteLine(), "10.9.0.0/16 10.8.0.0/16", 1),
    (RouteLine(), "10.9.0.0/16 via 10.0.0.300", 2),
    (RouteLine(), "10.9.0.0/16 table nosuchtable", 2),
    (RouteLine(), "10.9.0.0/16 mtu lock", 3),
    (RouteLine(), "10.9.0.0/16 nexthop via 10.0.0.1 weight 257", 5),
    (RouteLine(), "10.9.0.0/16 encap mpls 1048576", 3),
    (RouteLine(), "10.9.0.0/16 quickack 2", 2),
    (RouteLine(), "dev eth0", 1),
    (RuleLine(), "from 10.0.0.0/8", 2),
    (RuleLine(), "from 10.0.0.0/8 dport 80 table 1", 3),
    (RuleLine(), "from 10.0.0.0/8 sport 9-8 table 1", 3),
    (RuleLine(), "from 10.0.0.0/8 type nothing", 3),
    (RuleLine(), "fwmark 1/x table 1", 0),
    (PeerLine(), "10.0.0.2 min_ttl 256", 2),
    (PeerLine(), "10.0.0.2 max_ttl", 2),
    (TrackLine(), "s weight 255", 2),
    (TrackLine(253), "s weight -254", 2),
    (TrackLine(), "s weight", 2),
    (TrackLine(), "s sideways", 1),
    (LinkbeatLine(), "eth0 FOO", 1),
    (DelaysLine(), "eth0 256", 1),
    (DelaysLine(), "eth0", 1),
]


@pytest.mark.parametrize("value, text, wanted", LINES, ids=[text for _, text, _ in LINES])
def test_a_line_is_typed_and_dumped_as_the_same(
    value: Any, text: str, wanted: dict[str, Any]
) -> None:
    try:
        found = value.read(node(text), 0)
    except AmendedValue as amended:
        found = amended.value
    assert fields(found, wanted) == wanted
    assert value.read(node(" ".join(value.words(found))), 0) == found


@pytest.mark.parametrize("value, text, wanted", VALUES, ids=[text for _, text, _ in VALUES])
def test_other_lines(value: Any, text: str, wanted: Any) -> None:
    assert value.read(node(text), 0) == wanted
    assert value.read(node(" ".join(value.words(wanted))), 0) == wanted


@pytest.mark.parametrize("value, text, wanted", WORDS, ids=[text for _, text, _ in WORDS])
def test_words_behind_a_keyword(value: Any, text: str, wanted: Any) -> None:
    assert value.read(node(f"keyword {text}"), 1) == wanted
    assert value.read(node(" ".join(["keyword", *value.words(wanted)])), 1) == wanted


@pytest.mark.parametrize("value, text, at", BAD, ids=[text for _, text, _ in BAD])
def test_a_wrong_word_is_named(value: Any, text: str, at: int) -> None:
    with pytest.raises(BadValue) as caught:
        value.read(node(text), 0)
    assert (caught.value.at, caught.value.expected != "") == (at, True)


@pytest.mark.parametrize("value", [AddressLine(), RouteLine(), RuleLine()])
def test_blanks_in_quotes_are_no_end_of_a_word(value: Any) -> None:
    words = ["10.0.0.0", "dev", "eth0 to 10.0.0.1"]
    with pytest.raises(BadValue) as caught:
        value.read(Node(words, None, Line("f", 1, '10.0.0.0 dev "eth0 to 10.0.0.1"')), 0)
    assert (caught.value.at, caught.value.found) == (2, "'eth0 to 10.0.0.1'")


@pytest.mark.parametrize(
    "key",
    [
        "1 short",
        f"1 {KEY * 3}",
        f"1 hex:{KEY}",
        "1 file:",
        f"0 {KEY}",
        f"1 {'k' * 31}",
        f"1 {'k' * 65}",
    ],
)
def test_a_key_of_the_wrong_size_is_refused(key: str) -> None:
    with pytest.raises(BadValue):
        HmacKeyWords().read(node(f"key {key}"), 1)
