"""Commands that change something: the requests they send, and what becomes of refusals."""

import msgspec
import pytest

from dpvs_core.control.messages import (
    Code,
    Counters,
    DestAdd,
    DestDel,
    DestEdit,
    DestRow,
    DestSpec,
    Failure,
    LaddrAdd,
    LaddrDel,
    LaddrSpec,
    Ok,
    Rates,
    ServiceAdd,
    ServiceDel,
    ServiceEdit,
    ServiceFlush,
    ServiceKey,
    ServiceList,
    ServiceMatch,
    ServiceRow,
    ServiceRows,
    ServiceSpec,
    ServiceZero,
)

KEY = ServiceKey(proto="tcp", addr="198.51.100.7", port=80)
UDP = ServiceKey(proto="udp", addr="198.51.100.7", port=443)
SNAT = ServiceKey(
    proto="udp", addr="", port=0,
    match=ServiceMatch(src_range="192.168.0.1-192.168.0.254", oif="dpdk1"),
)  # fmt: skip
AT = "-t 198.51.100.7:80"
SERVER = DestSpec(
    addr="192.0.2.20", port=8080, forward="fullnat", weight=5, upper_threshold=9, inhibited=True
)
WAN = DestSpec(addr="198.51.100.1", port=0, forward="snat")
SNAT_WORDS = "oif=dpdk1,proto=udp,src-range=192.168.0.1-192.168.0.254:0-0"
DIRECT = DestSpec(addr="192.0.2.21", port=80, forward="route")
SPEC = ServiceSpec(
    scheduler="conhash", hash_target="sip", conn_timeout_s=33, proxy_protocol="v2",
    dest_check=("default", "tcp"), persistent_s=60,
)  # fmt: skip


def row(*dests, key=KEY, spec=SPEC):
    of = tuple(
        DestRow(
            spec=dest, active=0, inactive=0, persistent=0, overload=False, owner="check",
            counters=Counters(), rates=Rates(),
        )
        for dest in dests
    )  # fmt: skip
    return ServiceRow(
        key=key, spec=spec, owner="check", dests=of, laddrs=(), counters=Counters(), rates=Rates()
    )


@pytest.fixture
def obedient(core):
    """A core that does whatever is asked, with one service and two dests."""
    for request in (
        ServiceAdd, ServiceEdit, ServiceDel, ServiceFlush, ServiceZero, DestAdd, DestEdit, DestDel,
        LaddrAdd, LaddrDel,
    ):  # fmt: skip
        core.replies[request] = Ok()
    core.replies[ServiceList] = lambda asked: ServiceRows(
        rows=(row(WAN, key=SNAT, spec=ServiceSpec()) if asked.key == SNAT
              else row(SERVER, DIRECT),)
    )  # fmt: skip
    return core


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        (f"-A {AT}", ServiceAdd(key=KEY)),
        (f"-A {AT} -s conhash", ServiceAdd(
            key=KEY, spec=ServiceSpec(scheduler="conhash", hash_target="sip"))),
        ("-A -u 198.51.100.7:443 --hash-target qid -s conhash --quic -o", ServiceAdd(
            key=UDP,
            spec=ServiceSpec(scheduler="conhash", hash_target="qid", quic=True, ops=True))),
        (f"-A {AT} -s wrr -p 50 -M 255.255.255.0 -j enable --expire-quiescent --conn-timeout 7"
         " --proxy-protocol V1 --dest-check tcp --dest-check 1,3s",
         ServiceAdd(key=KEY, spec=ServiceSpec(
             scheduler="wrr", persistent_s=50, netmask="255.255.255.0", synproxy=True,
             expire_quiescent=True, conn_timeout_s=7, proxy_protocol="v1",
             dest_check=("tcp", "1,3s")))),
        ("-A -t 198.51.100.7 -p", ServiceAdd(
            key=ServiceKey(proto="tcp", addr="198.51.100.7", port=0),
            spec=ServiceSpec(persistent_s=360))),
        (f"-D {AT}", ServiceDel(key=KEY)),
        ("-A -H proto=udp,src-range=192.168.0.1-192.168.0.254,oif=dpdk1 -s wrr",
         ServiceAdd(key=SNAT, spec=ServiceSpec(scheduler="wrr"))),
        ("-a -H oif=dpdk1,proto=udp,src-range=192.168.0.1-192.168.0.254"
         " -r 198.51.100.1:0 -w 100 -J",
         DestAdd(service=SNAT, dest=DestSpec(
             addr="198.51.100.1", port=0, forward="snat", weight=100))),
        (f"-E -H {SNAT_WORDS} -s rr", ServiceEdit(key=SNAT, spec=ServiceSpec(scheduler="rr"))),
        (f"-e -H {SNAT_WORDS} -r 198.51.100.1 -w 0 -x 9", DestEdit(
            service=SNAT, dest=msgspec.structs.replace(WAN, weight=0, upper_threshold=9))),
        (f"-d -H {SNAT_WORDS} -r 198.51.100.1:0",
         DestDel(service=SNAT, addr="198.51.100.1", port=0)),
        (f"-Z -H {SNAT_WORDS}", ServiceZero(key=SNAT)),
        ("-a -H af=ipv6 -r [2001:db8::9] -J", DestAdd(
            service=ServiceKey(proto="any", addr="", port=0, match=ServiceMatch(af=6)),
            dest=DestSpec(addr="2001:db8::9", port=0, forward="snat"))),
        ("-D -H af=ipv6", ServiceDel(key=ServiceKey(
            proto="any", addr="", port=0, match=ServiceMatch(af=6)))),
        ("-a -t [2001:db8::1]:80 -r 192.0.2.9:8080 -b", DestAdd(
            service=ServiceKey(proto="tcp", addr="2001:db8::1", port=80),
            dest=DestSpec(addr="192.0.2.9", port=8080, forward="fullnat"))),
        ("-C", ServiceFlush()),
        ("-Z", ServiceZero()),
        (f"-Z {AT}", ServiceZero(key=KEY)),
        (f"-a {AT} -r 192.0.2.9", DestAdd(
            service=KEY, dest=DestSpec(addr="192.0.2.9", port=80, forward="route", weight=1))),
        (f"-a {AT} -r 192.0.2.9:8080 -i", DestAdd(
            service=KEY, dest=DestSpec(addr="192.0.2.9", port=80, forward="tunnel"))),
        (f"-a {AT} -r 192.0.2.9 -b -w 0", DestAdd(
            service=KEY, dest=DestSpec(addr="192.0.2.9", port=0, forward="fullnat", weight=0))),
        (f"-a {AT} -r [2001:db8::9]:99 -m -x 8 -y 3", DestAdd(
            service=KEY, dest=DestSpec(addr="2001:db8::9", port=99, forward="masq",
                                       upper_threshold=8, lower_threshold=3))),
        (f"-P {AT} -z 192.0.2.200 -F dpdk1", LaddrAdd(
            service=KEY, laddr=LaddrSpec(addr="192.0.2.200", dev="dpdk1"))),
        (f"-Q {AT} -z 192.0.2.200 -F dpdk1", LaddrDel(
            service=KEY, laddr=LaddrSpec(addr="192.0.2.200", dev="dpdk1"))),
        (f"-d {AT} -r 192.0.2.20:8080", DestDel(service=KEY, addr="192.0.2.20", port=8080)),
        (f"-d {AT} -r 192.0.2.21", DestDel(service=KEY, addr="192.0.2.21", port=80)),
        (f"-e {AT} -r 192.0.2.20:8080 -w 0", DestEdit(
            service=KEY, dest=msgspec.structs.replace(SERVER, weight=0))),
        (f"-e {AT} -r 192.0.2.21 -x 7", DestEdit(
            service=KEY, dest=msgspec.structs.replace(DIRECT, upper_threshold=7))),
        (f"-E {AT} -p 90", ServiceEdit(
            key=KEY, spec=msgspec.structs.replace(SPEC, persistent_s=90))),
        (f"-E {AT} -s wlc --dest-check disable", ServiceEdit(
            key=KEY,
            spec=msgspec.structs.replace(SPEC, scheduler="wlc", hash_target="", dest_check=()))),
    ],
)  # fmt: skip
def test_requests(obedient, ipvsadm, words, request_):
    assert ipvsadm(words) == (0, "", "")
    assert obedient.requests[-1] == request_
    assert obedient.hellos[0].owner == "cli"


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        ("-A -t 10.0.0.1", 2, "Zero port specified for no-match and non-persistent service"),
        ("-A -q 10.0.0.1:0 -s rr", 2, "Zero port specified"),
        ("-A -t 10.0.0.1:1 -o", 2, "One-Packet Scheduling is only for UDP virtual services"),
        ("-A -t 10.0.0.1:1 --quic", 2, "QUIC is only for UDP"),
        ("-A -t 10.0.0.1:1 -s rr --hash-target sip", 2, "when schedule is conhash"),
        ("-A -t 10.0.0.1:1 -s conhash --hash-target qid", 2, "only for UDP"),
        ("-A -t 10.0.0.1:1 -p -M 64", 2, "does not fit the service's family"),
        ("-A -t [2001:db8::1]:1 -p -M 255.0.0.0", 2, "does not fit the service's family"),
        (f"-a {AT} -r 192.0.2.9 -x 3 -y 4", 2, "lower threshold 4 is above the upper, 3"),
        (f"-e {AT} -r 192.0.2.20:8080 -g", 2, "delete the server and add it anew"),
        (f"-e {AT} -r 192.0.2.20", 1, "not exist: 192.0.2.20:80 is no server of tcp 198.51"),
        (f"-d {AT} -r 192.0.2.99:1", 1, "not exist: 192.0.2.99:1 is no server of"),
        ("-A -f 10", 1, "firewall-mark services (-f) are not supported yet"),
        (f"-U {AT} -k 1.2.3.4", 1, "does not carry access lists yet (deny list)"),
        (f"-Y {AT} -2 ipset:x", 1, "does not carry access lists yet (allow list)"),
        ("-B", 1, "does not carry access lists yet (deny list)"),
        ("--set 1 2 3", 1, "time-outs are set in dpvs.conf"),
        ("-ln --timeout", 1, "time-outs are set in dpvs.conf"),
        ("-ln --daemon", 1, "no sync daemon"),
        ("--start-daemon master --syncid 1", 1, "no connection sync daemon"),
        ("--stop-daemon master", 1, "no connection sync daemon"),
        ("-lnc --persistent-conn", 1, "persistence templates are not listed yet"),
        ("-ln --sockpair tcp:1.1.1.1:1:2.2.2.2:2", 2, "it needs -c"),
    ],
)  # fmt: skip
def test_refused_by_the_tool(obedient, ipvsadm, words, status, text):
    result = ipvsadm(words)
    assert result.status == status and text in result.err and not result.out
    assert result.err.count("\n") == 1
    assert all(isinstance(request, ServiceList) for request in obedient.requests)


def test_refused_by_the_core(core, ipvsadm):
    core.replies[ServiceAdd] = Failure(
        code=Code.EXIST, message="this service is there", value="tcp 198.51.100.7:80"
    )
    assert ipvsadm(f"-A {AT}") == (
        1, "", "already exist: this service is there (tcp 198.51.100.7:80)\n"
    )  # fmt: skip


def test_a_refusal_nobody_knows_is_still_one(core, ipvsadm):
    core.replies[ServiceDel] = Failure(code=-77, message="odd")
    assert ipvsadm(f"-D {AT}") == (1, "", "error -77: odd\n")


def test_edit_of_a_service_that_is_gone(core, ipvsadm):
    core.replies[ServiceList] = ServiceRows(rows=())
    assert ipvsadm(f"-E {AT} -s rr").status == 1
    assert not any(isinstance(request, ServiceEdit) for request in core.requests)
