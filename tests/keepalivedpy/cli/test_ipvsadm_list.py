"""Listings byte for byte: columns, padding, order and flags of I-070..I-082."""

from socket import AF_INET, AF_INET6, inet_pton

import msgspec
import pytest

from dpvs_core.control.conn_rows import CONN_ROW
from dpvs_core.control.messages import (
    Code,
    ConnFind,
    ConnList,
    ConnRows,
    Counters,
    DestRow,
    DestSpec,
    Failure,
    LaddrRow,
    LaddrSpec,
    Rates,
    ServiceKey,
    ServiceList,
    ServiceMatch,
    ServiceRow,
    ServiceRows,
    ServiceSpec,
)
from keepalivedpy.cli.ipvsadm_list import abbreviated, flags

VERSION = "IP Virtual Server version 0.1.0 (size=0)\n"
TITLE = (
    "Prot LocalAddress:Port Scheduler Flags\n"
    "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n"
)


def dest(
    addr, port, active=0, inactive=0, counters=(), rates=(), persistent=0, overload=False, **spec
):
    return DestRow(
        spec=DestSpec(addr=addr, port=port, **spec),
        active=active, inactive=inactive, persistent=persistent, overload=overload,
        owner="cli", counters=Counters(*counters) if not counters else totals(*counters),
        rates=speeds(*rates) if rates else Rates(),
    )  # fmt: skip


def totals(conns, inpkts, outpkts, inbytes, outbytes):
    return Counters(conns=conns, inpkts=inpkts, outpkts=outpkts, inbytes=inbytes, outbytes=outbytes)


def speeds(cps, inpps, outpps, inbps, outbps):
    return Rates(cps=cps, inpps=inpps, outpps=outpps, inbps=inbps, outbps=outbps)


def service(proto, addr, port, dests=(), laddrs=(), counters=Counters(), rates=Rates(), **spec):  # noqa: B008
    return ServiceRow(
        key=ServiceKey(proto=proto, addr=addr, port=port), spec=ServiceSpec(**spec), owner="cli",
        dests=tuple(dests), laddrs=tuple(laddrs), counters=counters, rates=rates,
    )  # fmt: skip


WEB = service(
    "tcp", "198.51.100.7", 80,
    (
        dest("192.0.2.21", 8080, 4, 2, (9, 14, 10, 788, 832), forward="fullnat", weight=2),
        dest("192.0.2.20", 80, 0, 17, (3, 2, 2, 120, 80), forward="route", weight=100,
             upper_threshold=500, lower_threshold=400, persistent=6),
    ),
    (LaddrRow(spec=LaddrSpec(addr="192.0.2.200", dev="dpdk1"), conflicts=1, conns=6, owner="cli"),),
    totals(12, 16, 12, 908, 912), speeds(1, 22, 333, 4444, 55555), scheduler="rr",
)  # fmt: skip
DNS = service("udp", "198.51.100.7", 53, (dest("2001:db8::9", 53, forward="fullnat"),))
V6 = service("tcp", "2001:db8:1::64", 443, (dest("192.0.2.30", 443, forward="fullnat"),))
V6_LATER = service("tcp", "2001:db8:1::100", 443)
SNAT = ServiceRow(
    key=ServiceKey(proto="udp", addr="", port=0, match=ServiceMatch(
        src_range="192.168.0.1-192.168.0.254", dst_range="198.51.100.9:53", oif="dpdk1")),
    spec=ServiceSpec(scheduler="wrr"), owner="cli",
    dests=(dest("198.51.100.1", 0, forward="snat"),), laddrs=(), counters=Counters(),
    rates=Rates(),
)  # fmt: skip
SCTP = service("sctp", "198.51.100.1", 5000, scheduler="wrr")
UNSORTED = (V6_LATER, SCTP, DNS, V6, WEB)


@pytest.fixture
def table(core):
    core.replies[ServiceList] = ServiceRows(rows=UNSORTED)
    return core


def test_default_listing(table, ipvsadm):
    result = ipvsadm("-ln")
    assert result.status == 0 and result.err == ""
    assert result.out == VERSION + TITLE + (
        "TCP  198.51.100.7:80 rr\n"
        "  -> 192.0.2.20:80                Route   100    0          17        \n"
        "  -> 192.0.2.21:8080              FullNat 2      4          2         \n"
        "UDP  198.51.100.7:53 wlc\n"
        "  -> [2001:db8::9]:53             FullNat 1      0          0         \n"
        "SCTP  198.51.100.1:5000 wrr\n"
        "TCP  [2001:db8:1::64]:443 wlc\n"
        "  -> 192.0.2.30:443               FullNat 1      0          0         \n"
        "TCP  [2001:db8:1::100]:443 wlc\n"
    )


def test_match_services_come_last(core, ipvsadm):
    """I-074: what is not limited is left out. They stay in the order they were added: the last
    is asked first."""
    every = msgspec.structs.replace(
        SNAT,
        key=ServiceKey(proto="any", addr="", port=0, match=ServiceMatch(af=6, iif="dpdk0")),
        dests=(),
    )
    core.replies[ServiceList] = ServiceRows(rows=(every, SNAT, V6_LATER))
    assert ipvsadm("-ln").out == VERSION + TITLE + (
        "TCP  [2001:db8:1::100]:443 wlc\n"
        "MATCH any,af=ipv6,iif=dpdk0 wrr\n"
        "MATCH udp,from=192.168.0.1-192.168.0.254,to=198.51.100.9:53,oif=dpdk1 wrr\n"
        "  -> 198.51.100.1:0               SNAT    1      0          0         \n"
    )
    asked = "-ln -H proto=udp,src-range=192.168.0.1-192.168.0.254,dst-range=198.51.100.9:53-53"
    ipvsadm(f"{asked},oif=dpdk1")
    assert core.requests[-1] == ServiceList(key=SNAT.key)
    core.replies[ServiceList] = ServiceRows(rows=())
    assert ipvsadm("-ln -H af=ipv6,iif=dpdk0").err == (
        "no service: match af=ipv6,iif=dpdk0 is not in the table\n"
    )


def test_no_words_is_a_listing(table, ipvsadm):
    assert ipvsadm("").out.startswith(VERSION + TITLE)


def test_nosort_keeps_the_cores_order(table, ipvsadm):
    lines = ipvsadm("-L -n --nosort").out.splitlines()
    assert [line for line in lines if "->" not in line][2:] == [
        "TCP  [2001:db8:1::100]:443 wlc",
        "SCTP  198.51.100.1:5000 wrr",
        "UDP  198.51.100.7:53 wlc",
        "TCP  [2001:db8:1::64]:443 wlc",
        "TCP  198.51.100.7:80 rr",
    ]
    assert lines[-2].startswith("  -> 192.0.2.21:8080 ")


def test_one_service_has_no_version_line(core, ipvsadm):
    core.replies[ServiceList] = ServiceRows(rows=(SCTP,))
    result = ipvsadm("-ln --sctp-service 198.51.100.1:5000")
    assert result.out == TITLE + "SCTP  198.51.100.1:5000 wrr\n"
    assert core.requests == [ServiceList(key=SCTP.key)]


@pytest.mark.parametrize(
    "reply", [ServiceRows(rows=()), Failure(code=Code.NOSERV, message="no service")]
)
def test_a_service_that_does_not_exist(core, ipvsadm, reply):
    core.replies[ServiceList] = reply
    result = ipvsadm("-ln -t 198.51.100.9:1")
    assert result == (1, "", "no service: tcp 198.51.100.9:1 is not in the table\n")


def test_stats(table, ipvsadm):
    lines = ipvsadm("-ln --stats").out.splitlines()
    assert lines[1:6] == [
        "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes",
        "  -> RemoteAddress:Port",
        "TCP  198.51.100.7:80                    12       16       12      908      912",
        "  -> 192.0.2.20:80                       3        2        2      120       80",
        "  -> 192.0.2.21:8080                     9       14       10      788      832",
    ]


def test_rate(table, ipvsadm):
    lines = ipvsadm("-ln --rate").out.splitlines()
    assert lines[1:4] == [
        "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS",
        "  -> RemoteAddress:Port",
        "TCP  198.51.100.7:80                     1       22      333     4444    55555",
    ]


def test_thresholds(table, ipvsadm):
    lines = ipvsadm("-ln --thresholds").out.splitlines()
    assert lines[1:5] == [
        "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ",
        "  -> RemoteAddress:Port",
        "TCP  198.51.100.7:80 rr",
        "  -> 192.0.2.20:80                500        400        0          17        ",
    ]


def test_persistent_conn(table, ipvsadm):
    lines = ipvsadm("-ln --persistent-conn").out.splitlines()
    assert lines[1:5] == [
        "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ",
        "  -> RemoteAddress:Port",
        "TCP  198.51.100.7:80 rr",
        "  -> 192.0.2.20:80                100       6           0          17        ",
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "        0"),
        (99_999_999, " 99999999"),
        (100_000_000, "  100000K"),
        (999_999_999, "  999999K"),
        (1_000_000_000, "    1000M"),
        (99_999_999_999, "   99999M"),
        (100_000_000_000, "     100G"),
        (100_000_000_000_000, "     100T"),
    ],
)
def test_abbreviations(number, text):
    assert abbreviated(number, exact=False) == text


def test_exact_is_never_abbreviated(core, ipvsadm):
    big = totals(10**8, 10**9, 10**12, 10**15, 10**18)
    core.replies[ServiceList] = ServiceRows(rows=(service("tcp", "1.2.3.4", 5, counters=big),))
    assert ipvsadm("-ln --stats").out.splitlines()[-1] == (
        "TCP  1.2.3.4:5                     100000K    1000M    1000G    1000T 1000000T"
    )
    assert ipvsadm("-ln --stats --exact").out.splitlines()[-1] == (
        "TCP  1.2.3.4:5                    100000000 1000000000 1000000000000 1000000000000000"
        " 1000000000000000000"
    )


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({}, ""),
        ({"hash_target": "qid"}, " qid"),
        ({"persistent_s": 100}, " persistent 100"),
        ({"persistent_s": 100, "netmask": "255.255.255.255"}, " persistent 100"),
        ({"persistent_s": 9, "netmask": "255.255.0.0"}, " persistent 9 mask 255.255.0.0"),
        ({"synproxy": True, "ops": True}, " ops synproxy"),
        ({"proxy_protocol": "v1-insecure", "conn_timeout_s": 33}, " conn-timeout 33 ppv1-insecure"),
        ({"quic": True, "expire_quiescent": True}, " expire-quiescent quic"),
        ({"dest_check": ("default",)}, " dest-check internal:default"),
        ({"dest_check": ("ping", "2,5s", "tcp")}, " dest-check internal:2,5s external:ping,tcp"),
    ],
)
def test_flags_after_the_scheduler(spec, text):
    assert flags(ServiceSpec(**spec)) == text


def test_inhibited_and_overload_are_appended(core, ipvsadm):
    both = dest("192.0.2.1", 80, overload=True, inhibited=True, forward="masq")
    core.replies[ServiceList] = ServiceRows(rows=(service("tcp", "1.2.3.4", 80, (both,)),))
    assert ipvsadm("-ln").out.splitlines()[-1] == (
        "  -> 192.0.2.1:80                 Masq    1      0          0          inhibited,overload"
    )


def test_pages_are_one_list(core, ipvsadm):
    core.replies[ServiceList] = [
        ServiceRows(rows=(V6,), cursor=7),
        ServiceRows(rows=(SCTP,), cursor=0),
    ]
    out = ipvsadm("-ln --cpu 2").out
    assert out.index("SCTP  ") < out.index("TCP  [2001")
    assert core.requests == [ServiceList(cpu=2), ServiceList(cpu=2, cursor=7)]


def test_without_numeric_ports_have_names(core, ipvsadm):
    """127.0.0.1 and port 80 have names on any machine with /etc/hosts and /etc/services."""
    core.replies[ServiceList] = ServiceRows(rows=(service("tcp", "127.0.0.1", 80),))
    assert ipvsadm("-l").out.splitlines()[-1] == "TCP  localhost:http wlc"


def test_laddrs(core, ipvsadm):
    core.replies[ServiceList] = ServiceRows(rows=(WEB, SCTP))
    assert ipvsadm("-G").out == (
        "VIP:VPORT            TOTAL    SNAT_IP              CONFLICTS  CONNS     \n"
        "198.51.100.7:80      1        \n"
        "                              192.0.2.200          1          6         \n"
        "198.51.100.1:5000    0        \n"
    )


def test_a_laddr_on_standby_says_so_behind_the_columns(core, ipvsadm):
    floating = LaddrSpec(addr="192.0.2.201", dev="dpdk1", floating=True)
    standby = LaddrRow(spec=floating, conflicts=0, conns=2, owner="check", active=False)
    in_use = LaddrRow(spec=floating, conflicts=0, conns=3, owner="check")
    core.replies[ServiceList] = ServiceRows(rows=(service("tcp", "198.51.100.7", 80, (),
                                                          (standby, in_use)),))  # fmt: skip
    assert ipvsadm("-G").out.splitlines()[2:] == [
        "                              192.0.2.201          0          2          standby",
        "                              192.0.2.201          0          3         ",
    ]


def test_laddrs_of_an_empty_table_print_nothing(core, ipvsadm):
    core.replies[ServiceList] = ServiceRows(rows=())
    assert ipvsadm("-G") == (0, "", "")


def conn(worker, proto, family, state, timeout_s, *ends):
    af = AF_INET if family == 4 else AF_INET6
    addrs = [inet_pton(af, addr).ljust(16, b"\0") for addr, _ in ends]
    ports = [port for _, port in ends]
    return CONN_ROW.pack(worker, proto, family, family, state, 0, 0, timeout_s, *ports, *addrs)


TCP_CONN = conn(
    1, 6, 4, 4, 7, ("203.0.113.5", 40000), ("198.51.100.7", 80), ("192.0.2.200", 1025),
    ("192.0.2.20", 80),
)  # fmt: skip
UDP_CONN = conn(
    2, 17, 4, 1, 60, ("203.0.113.5", 53), ("198.51.100.7", 53), ("192.0.2.200", 1026),
    ("192.0.2.21", 5353),
)  # fmt: skip
TCP_LINE = (
    "[1]tcp 7s     FIN_WAIT    203.0.113.5:40000  198.51.100.7:80    192.0.2.200:1025"
    "   192.0.2.20:80\n"
)
UDP_LINE = (
    "[2]udp 60s    UDP_ONEWAY  203.0.113.5:53     198.51.100.7:53    192.0.2.200:1026"
    "   192.0.2.21:5353\n"
)


@pytest.mark.parametrize("words", ["-lnc", "-lcn", "-L -n -c", "--list --connection --numeric"])
def test_connections_have_no_title(core, ipvsadm, words):
    core.replies[ConnList] = [
        ConnRows(rows=TCP_CONN, cursor=1),
        ConnRows(rows=UDP_CONN, cursor=0),
    ]
    assert ipvsadm(words) == (0, TCP_LINE + UDP_LINE, "")
    assert [request.cursor for request in core.requests] == [0, 1]


@pytest.mark.parametrize(
    ("proto", "state", "name"),
    [
        (6, 0, "TCP_NONE"), (6, 1, "ESTABLISHED"), (6, 2, "SYN_SENT"), (6, 3, "SYN_RECV"),
        (6, 4, "FIN_WAIT"), (6, 5, "TIME_WAIT"), (6, 6, "TCP_CLOSE"), (6, 7, "CLOSE_WAIT"),
        (6, 8, "LAST_ACK"), (6, 9, "LISTEN"), (6, 10, "SYNACK"), (6, 11, "STATE_11"),
        (17, 0, "UDP_NONE"), (17, 1, "UDP_ONEWAY"), (17, 2, "UDP_NORM"), (132, 1, "INIT1"),
        (132, 13, "CLOSED"), (132, 14, "STATE_14"),
    ],
)  # fmt: skip
def test_state_names(core, ipvsadm, proto, state, name):
    ends = [("192.0.2.1", 1)] * 4
    core.replies[ConnList] = ConnRows(rows=conn(0, proto, 4, state, 1, *ends), cursor=0)
    assert ipvsadm("-lnc").out.split()[2] == name


def test_sockpair(core, ipvsadm):
    ends = [("2001:db8::5", 4), ("2001:db8::7", 80), ("2001:db8::1", 5), ("2001:db8::2", 80)]
    core.replies[ConnFind] = ConnRows(rows=conn(0, 6, 6, 1, 90, *ends), cursor=0)
    result = ipvsadm("-lnc --sockpair tcp:[2001:db8::5]:4:[2001:db8::7]:80")
    assert core.requests == [
        ConnFind(proto="tcp", src="2001:db8::5", sport=4, dst="2001:db8::7", dport=80)
    ]
    assert result.out == (
        "[0]tcp 90s    ESTABLISHED [2001:db8::5]:4    [2001:db8::7]:80   [2001:db8::1]:5"
        "    [2001:db8::2]:80\n"
    )


def test_sockpair_not_found_is_said_and_no_failure(core, ipvsadm):
    core.replies[ConnFind] = Failure(code=Code.NOTEXIST, message="no such connection")
    result = ipvsadm("-lnc --sockpair tcp:192.0.2.1:1:192.0.2.2:2")
    assert result == (0, "", "connection specified not found\n")
