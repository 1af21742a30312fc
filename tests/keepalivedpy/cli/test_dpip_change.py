"""dpip's verbs that change something: the requests they send, and refusals."""

import pytest

from dpvs_core.control.messages import (
    AddrAdd,
    AddrDel,
    AddrFlush,
    AddrSet,
    AddrSpec,
    Code,
    Failure,
    LinkSet,
    NeighAdd,
    NeighDel,
    Ok,
    RouteAdd,
    RouteDel,
    RouteFlush,
    RouteSet,
    RouteSpec,
)
from keepalivedpy.cli.dpip_absent import ABSENT
from keepalivedpy.cli.dpip_objects import CARRIED, NOT_CARRIED, load

CHANGES = (
    AddrAdd, AddrDel, AddrFlush, AddrSet, LinkSet, NeighAdd, NeighDel, RouteAdd, RouteDel,
    RouteFlush, RouteSet,
)  # fmt: skip


def route(prefix, **fields):
    return RouteSpec(prefix=prefix, **fields)


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("addr add 10.0.0.1 dev dpdk0", AddrAdd(addr=AddrSpec(prefix="10.0.0.1/32", dev="dpdk0"))),
        ("-6 addr add 2001:db8:0::1/64 dev d", AddrAdd(
            addr=AddrSpec(prefix="2001:db8::1/64", dev="d"))),
        ("addr add 10.0.0.1/24 broadcast 10.0.0.255 dev d scope link valid_lft 9 sapool", AddrAdd(
            addr=AddrSpec(prefix="10.0.0.1/24", dev="d", scope="link", broadcast="10.0.0.255",
                          valid_lft_s=9, sapool=True))),
        ("addr add 10.0.0.1 dev d scope 254 valid_lft 9 prefered_lft 9", AddrAdd(
            addr=AddrSpec(prefix="10.0.0.1/32", dev="d", scope="host", valid_lft_s=9))),
        ("addr add 10.0.0.1 dev d valid_lft forever preferred_lft forever", AddrAdd(
            addr=AddrSpec(prefix="10.0.0.1/32", dev="d"))),
        ("addr set 10.0.0.1/24 dev d valid_lft 200", AddrSet(
            addr=AddrSpec(prefix="10.0.0.1/24", dev="d", valid_lft_s=200))),
        ("addr del 10.0.0.1/24 dev d", AddrDel(prefix="10.0.0.1/24", dev="d")),
        ("addr flush dev d", AddrFlush(dev="d")),
        ("route add default via 10.0.0.254 dev d", RouteAdd(
            route=route("0.0.0.0/0", via="10.0.0.254", dev="d"))),
        ("addr add 2001:db8::1/64 dev d nodad valid_lft 100 preferred_lft 50", AddrAdd(
            addr=AddrSpec(prefix="2001:db8::1/64", dev="d", valid_lft_s=100, preferred_lft_s=50,
                          nodad=True))),
        ("addr add 2001:db8::1/64 dev d prefered_lft 50", AddrAdd(
            addr=AddrSpec(prefix="2001:db8::1/64", dev="d", preferred_lft_s=50))),
        ("-6 route add default dev d", RouteAdd(route=route("::/0", dev="d"))),
        ("route add default via 2001:db8::1", RouteAdd(route=route("::/0", via="2001:db8::1"))),
        ("route add 172.20.0.0/16 via 10.0.0.2 dev d mtu 1400 metric 5 src 10.0.0.1 tos 8"
         " scope global proto static", RouteAdd(
             route=route("172.20.0.0/16", via="10.0.0.2", dev="d", mtu=1400, metric=5,
                         src="10.0.0.1", tos=8, scope="global", proto="static"))),
        ("route add 172.23.0.1 dev d scope kni_host", RouteAdd(
            route=route("172.23.0.1/32", dev="d", scope="kni_host"))),
        ("route set 172.20.0.0/16 via 10.0.0.3", RouteSet(
            route=route("172.20.0.0/16", via="10.0.0.3"))),
        ("route change 172.20.0.0/16 dev d", RouteSet(route=route("172.20.0.0/16", dev="d"))),
        ("route replace 172.20.0.0/16 dev d", RouteSet(route=route("172.20.0.0/16", dev="d"))),
        ("route del 172.20.0.0/16", RouteDel(route=route("172.20.0.0/16"))),
        ("route flush dev d", RouteFlush(dev="d")),
        ("neigh add 10.0.0.2 lladdr 2:AA:bb:cc:dd:ee dev d", NeighAdd(
            addr="10.0.0.2", lladdr="02:aa:bb:cc:dd:ee", dev="d")),
        ("neigh del 10.0.0.2 dev d", NeighDel(addr="10.0.0.2", dev="d")),
        ("neigh del 2001:db8::2 lladdr 02:aa:bb:cc:dd:ee dev d", NeighDel(
            addr="2001:db8::2", dev="d")),
        ("link set d promisc on", LinkSet(dev="d", item="promisc", value="on")),
        ("link set d lldp down", LinkSet(dev="d", item="lldp", value="off")),
        ("link set d link up", LinkSet(dev="d", item="link", value="up")),
        ("link set d addr 02:00:00:00:0C:99", LinkSet(
            dev="d", item="addr", value="02:00:00:00:0c:99")),
        ("link set d mtu 9000", LinkSet(dev="d", item="mtu", value="9000")),
    ],
)  # fmt: skip
def test_requests(core, dpip, words, request_):
    for kind in CHANGES:
        core.replies[kind] = Ok()
    assert dpip(words) == (0, "", "")
    assert core.requests == [request_]


def test_replace_adds_a_route_that_is_not_there(core, dpip):
    core.replies[RouteSet] = Failure(code=Code.NOTEXIST, message="no such route")
    core.replies[RouteAdd] = Ok()
    assert dpip("route replace 172.20.0.0/16 dev d").status == 0
    assert [type(request) for request in core.requests] == [RouteSet, RouteAdd]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("addr add 10.0.0.1/24", "no device specified"),
        ("addr add dev d", "no address specified"),
        ("addr add 10.0.0.999/24 dev d", "invalid ipaddress: 10.0.0.999"),
        ("addr add 10.0.0.9/33 dev d", "invalid prefix length '33' of 10.0.0.9/33: 0..32"),
        ("addr add 10.0.0.9 dev d valid_lft 50 preferred_lft 100", "is longer than valid_lft"),
        ("addr add ::9 dev d valid_lft 50 preferred_lft forever", "is longer than valid_lft"),
        ("addr add 10.0.0.9 dev d scope 7", "invalid scope '7'"),
        ("addr add 10.0.0.9 dev", "'dev' needs a value"),
        ("addr add 10.0.0.9 dev d dev e", "'dev' is given twice"),
        ("addr add 10.0.0.9 10.0.0.8 dev d", "unexpected '10.0.0.8'"),
        ("addr flush", "no device specified"),
        ("route add", "no prefix specified"),
        ("route add 300.0.0.0/8 dev d", "invalid ipaddress: 300.0.0.0"),
        ("route add 10.0.0.0/8 via 2001:db8::1", "via 2001:db8::1 is not of the family"),
        ("route add 10.0.0.0/8 dev d mtu 20", "'20' is not within 68..65535"),
        ("route add 10.0.0.0/8 dev d proto bgp", "invalid proto 'bgp'"),
        ("route add 10.0.0.0/8 via 9.9.9.9 dev d onlink", "not support: onlink"),
        ("neigh add 10.0.0.1 dev d", "invalid MAC address"),
        ("neigh add 10.0.0.1 lladdr zz:aa dev d", "invalid link layer addr 'zz:aa'"),
        ("link set d bogus on", "item 'bogus': promisc,"),
        ("link set d promisc maybe", "value 'maybe' for 'promisc': on | off"),
        ("link set d promisc", "no value specified"),
        ("link set d bond-mode 4", "does not carry bonding"),
        ("link show bond0 status", "does not carry bonding"),
        ("link nosuch", "invalid command 'nosuch' for link"),
        ("link flush", "not support: no 'flush' for link"),
        ("nosuch show", "invalid object 'nosuch', use `-h' for help."),
        ("flow show type kni dev d", "not support: flow type kni"),
        ("flow add type kni 10.0.0.1 dev d", "not support: flow type kni"),
        ("flow flush", "the core makes its flow rules itself"),
        ("-Q link show", "unknown option '-Q'"),
        ("link show -c 3", "-c needs -i INTERVAL"),
        ("link show -i 0", "1 or more"),
        ("link show -i", "option '-i' needs a value"),
        ("-f inet7 addr show", "family 'inet7'"),
        ("capture -i d", "no file specified: -w FILE"),
        ("capture -w x", "no device specified: -i DEV"),
        ("capture -i d -w x -s 0", "'0' is not within 1..65535"),
    ],
)
def test_refused_by_the_tool(core, dpip, words, text):
    result = dpip(words)
    assert result.status == 1 and not result.out
    assert result.err.startswith("dpip: ") and text in result.err
    assert result.err.count("\n") == 1
    assert core.requests == []


def test_refused_by_the_core(core, dpip):
    core.replies[AddrAdd] = Failure(code=Code.EXIST, message="already exist", value="10.0.0.1/32")
    assert dpip("addr add 10.0.0.1 dev d") == (1, "", "dpip: already exist (10.0.0.1/32)\n")


@pytest.mark.parametrize("name", [*CARRIED, *NOT_CARRIED])
def test_help_goes_to_stderr(core, dpip, name):
    result = dpip(f"{name} help")
    assert result.status == 0 and result.out == ""
    assert result.err.startswith(f"Usage:\n    dpip {name} ")


@pytest.mark.parametrize(("words", "status"), [("", 0), ("help", 1), ("-h", 1), ("addr -h", 1)])
def test_general_help(core, dpip, words, status):
    result = dpip(words)
    assert result.status == (1 if words == "addr -h" else status)
    assert result.out == "" and result.err.startswith("Usage:\n    dpip ")


def test_version(core, dpip):
    result = dpip("-V")
    assert result.status == 0 and result.out.startswith("dpip-") and result.err == ""


@pytest.mark.parametrize("name", NOT_CARRIED)
def test_what_the_core_does_not_carry_is_said(core, dpip, name):
    for verb in load(name).verbs:
        result = dpip(f"{name} {verb.names[0]} some words dev d")
        assert result.status == 1
        assert "not support: this core does not carry" in result.err
    assert dpip(f"{name} get").err.startswith("dpip: invalid command 'get'")


def test_the_list_of_absent_objects_is_one():
    assert set(ABSENT) == set(NOT_CARRIED)
