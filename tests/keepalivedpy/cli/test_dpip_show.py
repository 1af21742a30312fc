"""dpip's listings byte for byte, and their JSON."""

import msgspec
import pytest

from dpvs_core.control.messages import (
    AddrList,
    AddrRow,
    AddrRows,
    AddrSpec,
    Code,
    CpuList,
    CpuRow,
    CpuRows,
    DropList,
    Failure,
    FlowList,
    FlowPort,
    FlowRows,
    GroupList,
    GroupRow,
    GroupRows,
    Ip6List,
    Ip6Row,
    Ip6Rows,
    LinkList,
    LinkRow,
    LinkRows,
    NeighList,
    NeighRow,
    NeighRows,
    RouteList,
    RouteRow,
    RouteRows,
    RouteSpec,
    VerdictRow,
    VerdictRows,
)

LINK = LinkRow(
    index=1, name="dpdk0", kernel_port="dpdk0.kni", socket=0, mtu=1500, n_rx_queues=2,
    n_tx_queues=3, up=True, speed_mbps=10000, full_duplex=True, autoneg=False,
    mac="02:00:00:00:0a:00", flags=("promisc", "lldp"), offloads=("OF_TX_FAST_FREE",),
    driver="net_tap", ipackets=24, opackets=18, ibytes=1689, obytes=1586, mbuf_avail=65535,
)  # fmt: skip
PLAIN = LinkRow(
    index=4, name="tun1", kernel_port="", socket=0, mtu=1480, n_rx_queues=1, n_tx_queues=1,
    up=False, speed_mbps=0, full_duplex=False, autoneg=True, mac="00:00:00:00:00:00", flags=(),
    offloads=(), driver="",
)  # fmt: skip
LINK_TEXT = (
    "1: dpdk0: socket 0 mtu 1500 rx-queue 2 tx-queue 3\n"
    "    UP 10000 Mbps full-duplex fixed-nego promisc lldp \n"
    "    addr 02:00:00:00:0A:00 OF_TX_FAST_FREE \n"
)
PLAIN_TEXT = (
    "4: tun1: socket 0 mtu 1480 rx-queue 1 tx-queue 1\n"
    "    DOWN 0 Mbps half-duplex auto-nego \n"
    "    addr 00:00:00:00:00:00 \n"
)
LINK_STATS = (
    "    ipackets            opackets            ibytes              obytes              \n"
    "    24                  18                  1689                1586                \n"
    "    ierrors             oerrors             imissed             rx_nombuf           \n"
    "    0                   0                   0                   0                   \n"
    "    mbuf-avail          mbuf-inuse          \n"
    "    65535               0                   \n"
)


def test_links(core, dpip):
    core.replies[LinkList] = LinkRows(rows=(LINK, PLAIN))
    assert dpip("link show") == (0, LINK_TEXT + PLAIN_TEXT, "")
    assert dpip("link list").out == dpip("link").out == LINK_TEXT + PLAIN_TEXT


@pytest.mark.parametrize(
    "words", ["-s link show dpdk0", "link show -s dpdk0", "link show dpdk0 -s"]
)
def test_link_counters(core, dpip, words):
    core.replies[LinkList] = LinkRows(rows=(LINK,))
    assert dpip(words).out == LINK_TEXT + LINK_STATS
    assert core.requests == [LinkList(dev="dpdk0")]


def test_link_rates_every_interval(core, dpip):
    later = msgspec.structs.replace(LINK, ipackets=44, ibytes=4089)
    rows = [LinkRows(rows=(row,)) for row in (LINK, LINK, later, later)]
    core.replies[LinkList] = rows
    pauses = []
    result = dpip("link show dpdk0 -s -i 2 -c 2 -C", pause=pauses.append)
    still = (
        "    ierrors/pps     oerrors/pps     imissed/pps     rx_nombuf/pps   \n"
        "    0               0               0               0               \n"
    )
    title = "    ipackets/pps    opackets/pps    ibytes/Bps      obytes/Bps      \n"
    assert pauses == [2, 2]
    assert result.out == (
        f"{LINK_TEXT}\033[34m{title}"
        "    10              0               1200            0               \n"
        f"{still}\033[32m{title}"
        "    0               0               0               0               \n"
        f"{still}\033[0m\n"
    )


MASTER = CpuRow(index=0, role="master", socket=0, queues=())
WORKER = CpuRow(
    index=1, role="worker", socket=0, queues=("dpdk0:rx0", "dpdk0:tx0"), loops=100, pkt_bursts=200,
    zero_bursts=190, low_bursts=195, high_bursts=5, full_bursts=1, ipackets=2, ibytes=140,
    opackets=2, obytes=156, dropped=3,
)  # fmt: skip
WORKER_TEXT = "2: cpu1: socket 0\n    queues dpdk0:rx0       dpdk0:tx0       \n"


@pytest.mark.parametrize("words", ["link show cpu", "link show cpu 1"])
def test_cpus(core, dpip, words):
    core.replies[CpuList] = CpuRows(rows=(MASTER, WORKER))
    assert dpip(words).out == (
        "<< Controll Plane >>\n1: cpu0: socket 0\n    queues none\n<< Data Plane >>\n" + WORKER_TEXT
    )


def test_cpu_counters(core, dpip):
    core.replies[CpuList] = CpuRows(rows=(MASTER, WORKER))
    assert dpip("link show cpu1 -s").out == WORKER_TEXT + (
        "    lcore_loop          pktburst            zpktburst           fpktburst           \n"
        "    100                 200                 190                 1                   \n"
        "    z2hpktburst         h2fpktburst         dropped             \n"
        "    195                 5                   3                   \n"
        "    ipackets            ibytes              opackets            obytes              \n"
        "    2                   140                 2                   156                 \n"
    )


def test_what_the_core_does_not_count_is_no_zero(core, dpip):
    row = msgspec.structs.replace(WORKER, low_bursts=None, high_bursts=None)
    core.replies[CpuList] = CpuRows(rows=(row,))
    lines = dpip("link show cpu1 -s -i 1 -c 1", pause=lambda _s: None).out.splitlines()
    assert lines[5] == "    -               -               0               "
    assert dpip("link show cpu1 -s").out.splitlines()[5] == (
        "    -                   -                   3                   "
    )


def test_a_cpu_that_does_not_exist(core, dpip):
    core.replies[CpuList] = CpuRows(rows=(MASTER, WORKER))
    assert dpip("link show cpu9") == (1, "", "dpip: not exist: cpu9 is no lcore of dpvs\n")


ADDRS = AddrRows(rows=(
    AddrRow(spec=AddrSpec(prefix="10.1.0.1/16", dev="dpdk0"), owners=("conf", "vrrp")),
    AddrRow(spec=AddrSpec(prefix="192.0.2.200/32", dev="dpdk1", sapool=True, valid_lft_s=200),
            owners=("check",), sa_used=1, sa_free=1032175, sa_miss=2),
    AddrRow(spec=AddrSpec(prefix="fe80::1/64", dev="dpdk0", scope="link"), owners=()),
    AddrRow(spec=AddrSpec(prefix="10.2.0.1/24", dev="dpdk0", broadcast="10.2.0.255"), owners=()),
))  # fmt: skip


def test_addresses(core, dpip):
    core.replies[AddrList] = ADDRS
    assert dpip("addr show").out == (
        "inet 10.1.0.1/16 scope global dpdk0\n"
        "     valid_lft forever preferred_lft forever\n"
        "inet 192.0.2.200/32 scope global dpdk1\n"
        "     valid_lft 200 preferred_lft 200\n"
        "inet6 fe80::1/64 scope link dpdk0\n"
        "     valid_lft forever preferred_lft forever\n"
        "inet 10.2.0.1/24 scope global dpdk0\n"
        "     broadcast 10.2.0.255 valid_lft forever preferred_lft forever\n"
    )


def test_what_ipv6_addresses_are_for_now(core, dpip):
    rows = (
        AddrRow(spec=AddrSpec(prefix="2001:db8::1/64", dev="dpdk0"), owners=(), state="tentative"),
        AddrRow(spec=AddrSpec(prefix="2001:db8::2/64", dev="dpdk0"), owners=(), state="dadfailed"),
        AddrRow(spec=AddrSpec(prefix="2001:db8::3/64", dev="dpdk0", valid_lft_s=50,
                              preferred_lft_s=1), owners=(), state="deprecated"),
        AddrRow(spec=AddrSpec(prefix="2001:db8::4/64", dev="dpdk0", preferred_lft_s=7), owners=()),
    )  # fmt: skip
    core.replies[AddrList] = AddrRows(rows=rows)
    assert dpip("-6 addr show").out == (
        "inet6 2001:db8::1/64 scope global dpdk0 tentative\n"
        "     valid_lft forever preferred_lft forever\n"
        "inet6 2001:db8::2/64 scope global dpdk0 dadfailed\n"
        "     valid_lft forever preferred_lft forever\n"
        "inet6 2001:db8::3/64 scope global dpdk0 deprecated\n"
        "     valid_lft 50 preferred_lft 0\n"
        "inet6 2001:db8::4/64 scope global dpdk0\n"
        "     valid_lft forever preferred_lft 7\n"
    )


def test_addresses_on_standby_or_used_by_another_station(core, dpip):
    spec = AddrSpec(prefix="192.0.2.201/32", dev="dpdk1", sapool=True)
    mac = "02:00:00:00:00:09"
    core.replies[AddrList] = AddrRows(rows=(
        AddrRow(spec=spec, owners=("check",), active=False),
        AddrRow(spec=spec, owners=("vrrp", "check"), claimed_by=mac),
    ))  # fmt: skip
    assert dpip("addr show").out == (
        "inet 192.0.2.201/32 scope global dpdk1 standby\n"
        "     valid_lft forever preferred_lft forever\n"
        "inet 192.0.2.201/32 scope global dpdk1 claimed-by 02:00:00:00:00:09\n"
        "     valid_lft forever preferred_lft forever\n"
    )
    rows = msgspec.json.decode(dpip("addr show --json").out)
    assert (rows[0]["active"], rows[1]["claimed_by"]) == (False, mac)


def test_addresses_with_port_pools(core, dpip):
    core.replies[AddrList] = ADDRS
    lines = dpip("addr show dev dpdk1 -s").out.splitlines()
    assert lines[1] == "     valid_lft forever preferred_lft forever"
    assert lines[3] == "     valid_lft 200 preferred_lft 200 sa_used 1 sa_free 1032175 sa_miss 2"
    assert core.requests == [AddrList(dev="dpdk1")]


def test_addresses_of_one_family_with_owners(core, dpip):
    core.replies[AddrList] = ADDRS
    assert dpip("-6 addr show").out.startswith("inet6 fe80::1/64 ")
    assert len(dpip("-f inet addr show").out.splitlines()) == 6
    assert dpip("-v addr show").out.splitlines()[:2] == [
        "[00] inet 10.1.0.1/16 scope global dpdk0",
        "     valid_lft forever preferred_lft forever owner conf,vrrp",
    ]


ROUTES = RouteRows(rows=(
    RouteRow(spec=RouteSpec(prefix="10.1.0.1/32", dev="dpdk0", scope="host", mtu=1500),
             owner="cli"),
    RouteRow(spec=RouteSpec(prefix="172.20.0.0/16", via="192.0.2.2", dev="dpdk1", scope="global",
                            mtu=1400, metric=5, src="192.0.2.1", tos=8, proto="static"),
             owner="vrrp"),
    RouteRow(spec=RouteSpec(prefix="default", via="10.1.0.254", dev="dpdk0", mtu=1500),
             owner="cli"),
    RouteRow(spec=RouteSpec(prefix="2001:db8::/64", src="2001:db8::1", dev="dpdk0", mtu=1500,
                            scope="link"), owner="cli"),
    RouteRow(spec=RouteSpec(prefix="::/0", via="2001:db8::fe", dev="dpdk0", scope="global"),
             owner="cli"),
))  # fmt: skip


def test_routes(core, dpip):
    core.replies[RouteList] = ROUTES
    assert (
        dpip("route show").out
        == dpip("-4 route show").out
        == (
            "inet 10.1.0.1/32 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500 tos 0 scope host"
            " metric 0 proto auto \n"
            "inet 172.20.0.0/16 via 192.0.2.2 src 192.0.2.1 dev dpdk1 mtu 1400 tos 8 scope global"
            " metric 5 proto static \n"
            "inet 0.0.0.0/0 via 10.1.0.254 src 0.0.0.0 dev dpdk0 mtu 1500 tos 0 scope global"
            " metric 0 proto auto \n"
        )
    )
    assert dpip("-6 route show").out == (
        "inet6 2001:db8::/64 src 2001:db8::1 dev dpdk0 mtu 1500 scope link\n"
        "inet6 ::/0 via 2001:db8::fe dev dpdk0 scope global\n"
    )


def test_neighbours(core, dpip):
    core.replies[NeighList] = NeighRows(rows=(
        NeighRow(addr="192.0.2.2", lladdr="02:00:00:00:05:01", state="REACHABLE", dev="dpdk1"),
        NeighRow(addr="2001:db8::99", lladdr="02:00:00:00:05:02", state="PROBE", dev="dpdk0",
                 static=True),
        NeighRow(addr="192.0.2.3", lladdr="", state="SEND", dev="dpdk1"),
    ))  # fmt: skip
    assert dpip("neigh show").out == (
        "ip: 192.0.2.2                                        mac: 02:00:00:00:05:01"
        "   state: REACHABLE     dev: dpdk1  core: 0  \n"
        "ip: 2001:db8::99                                     mac: 02:00:00:00:05:02"
        "   state: PROBE         dev: dpdk0  core: 0  static\n"
        "ip: 192.0.2.3                                        mac: incomplete       "
        "   state: SEND          dev: dpdk1  core: 0  \n"
    )


def test_multicast_groups(core, dpip):
    """D-042."""
    rows = (
        GroupRow(dev="dpdk0", group="ff02::1", mac="33:33:00:00:00:01", n_addrs=2, reported=False),
        GroupRow(dev="dpdk0", group="ff02::1:ff00:9", mac="33:33:ff:00:00:09"),
        GroupRow(dev="dpdk1", group="ff02::1:ff00:8", mac="33:33:ff:00:00:08"),
    )
    core.replies[GroupList] = GroupRows(rows=rows)
    assert dpip("maddr show dev dpdk0").out == (
        "dpdk0:\n"
        "    link  33:33:00:00:00:01\n"
        "    inet6 ff02::1\n"
        "    link  33:33:ff:00:00:09\n"
        "    inet6 ff02::1:ff00:9\n"
        "dpdk1:\n"
        "    link  33:33:ff:00:00:08\n"
        "    inet6 ff02::1:ff00:8\n"
    )
    assert core.requests == [GroupList(dev="dpdk0")]
    verbose = dpip("-v maddr show").out
    assert "    inet6 ff02::1 refcnt 2 not-reported\n" in verbose
    assert "    inet6 ff02::1:ff00:8 refcnt 1 reported\n" in verbose
    assert dpip("-4 maddr show").out == ""


def test_drops(core, dpip):
    core.replies[DropList] = VerdictRows(rows=(
        VerdictRow(name="forwarded", dropped=False, total=70, workers=(30, 40), help="went on"),
        VerdictRow(name="no_route", dropped=True, total=0, workers=(0, 0), help="no route"),
    ))  # fmt: skip
    assert (
        dpip("drops").out
        == dpip("drops show").out
        == (
            "verdict            total kind meaning\n"
            "forwarded             70 pass went on\n"
            "no_route               0 drop no route\n"
        )
    )
    assert dpip("-v drops show nonzero").out == (
        "verdict            total        worker0        worker1 kind meaning\n"
        "forwarded             70             30             40 pass went on\n"
    )


def test_flows(core, dpip):
    core.replies[FlowList] = FlowRows(
        group_worker=(0, 0, 1, 0) + (1,) * 60,
        ports=(
            FlowPort(dev="dpdk0", steering="rss", n_rx_queues=2, detail="128 entries"),
            FlowPort(dev="dpdk1", steering="one worker", n_rx_queues=1, detail=""),
        ),
        redirected=12,
    )
    assert dpip("flow show").out == (
        "groups 64 redirected 12\n"
        "    worker 0: 3 groups 0-1,3\n"
        "    worker 1: 61 groups 2,4-63\n"
        "dpdk0: 2 receive queues, rss: 128 entries\n"
        "dpdk1: 1 receive queue, one worker\n"
    )
    assert dpip("flow show dev dpdk1").out.splitlines()[3:] == [
        "dpdk1: 1 receive queue, one worker"
    ]
    assert dpip("flow show dev dpdk9").status == 1


IP6 = Ip6Rows(
    cpus=(0, 2),
    rows=(
        Ip6Row(name="InReceives", total=12, by_cpu=(2, 10), help="received"),
        Ip6Row(name="OutForwDatagrams", total=0, by_cpu=(0, 0), help="routed on"),
    ),
)


def test_ipv6_counters(core, dpip):
    """D-080, in the original's columns: the total, each lcore's, or one lcore's alone."""
    core.replies[Ip6List] = IP6
    total = "InReceives:        12\nOutForwDatagrams:  0\n"
    assert dpip("ipv6 show").out == dpip("ipv6 show total").out == total
    cpu2 = "cpu 2\n    InReceives:        10\n    OutForwDatagrams:  0\n"
    assert dpip("ipv6 show cpu 2").out == cpu2
    assert dpip("ipv6 show all").out == (
        "cpu 0\n    InReceives:        2\n    OutForwDatagrams:  0\n" + cpu2
    )
    assert dpip("-v ipv6 show").out == (
        "InReceives:        12                   received\n"
        "OutForwDatagrams:  0                    routed on\n"
    )
    assert msgspec.json.decode(dpip("--json ipv6 show").out, type=Ip6Rows) == IP6


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("ipv6 show cpu 1", "not exist: cpu1 is no lcore of dpvs"),
        ("ipv6 show all total", "invalid parameter: one of 'cpu N', 'all' and 'total'"),
        ("ipv6 show cpu", "invalid parameter: 'cpu' needs a value, N"),
        ("ipv6 show cpu 256", "256"),
    ],
)
def test_ipv6_counters_of_what_is_not_there(core, dpip, words, complaint):
    core.replies[Ip6List] = IP6
    result = dpip(words)
    assert result.status == 1
    assert complaint in result.err


@pytest.mark.parametrize(
    ("words", "request_", "reply", "type_"),
    [
        ("link show", LinkList, LinkRows(rows=(LINK,)), list[LinkRow]),
        ("link show cpu", CpuList, CpuRows(rows=(WORKER,)), list[CpuRow]),
        ("addr show", AddrList, ADDRS, list[AddrRow]),
        ("neigh show", NeighList, NeighRows(rows=()), list[NeighRow]),
        ("drops", DropList, VerdictRows(rows=()), list[VerdictRow]),
    ],
)
def test_json(core, dpip, words, request_, reply, type_):
    core.replies[request_] = reply
    result = dpip(f"{words} --json")
    assert result.out.count("\n") == 1
    assert msgspec.json.decode(result.out, type=type_) == list(reply.rows)


def test_json_of_routes_and_flows(core, dpip):
    core.replies[RouteList] = ROUTES
    rows = msgspec.json.decode(dpip("--json route show").out, type=list[RouteRow])
    assert [row.spec.prefix for row in rows] == ["10.1.0.1/32", "172.20.0.0/16", "0.0.0.0/0"]
    flows = FlowRows(group_worker=(0,) * 64, ports=(), redirected=0)
    core.replies[FlowList] = flows
    assert msgspec.json.decode(dpip("flow --json").out, type=FlowRows) == flows


@pytest.mark.parametrize(
    "words", ["link show nodev", "addr show dev nodev", "neigh show dev nodev", "route show"]
)
def test_refused_by_the_core(core, dpip, words):
    for request in (LinkList, AddrList, NeighList, RouteList):
        core.replies[request] = Failure(code=Code.NODEV, message="no device", value="nodev")
    assert dpip(words) == (1, "", "dpip: no such device: no device (nodev)\n")
