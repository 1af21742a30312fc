"""-S and -R: what is saved is restored, whole (I-021, I-022)."""

import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.control.match_text import make_match
from dpvs_core.control.messages import (
    Code,
    Counters,
    DestAdd,
    DestRow,
    DestSpec,
    Failure,
    LaddrAdd,
    LaddrRow,
    LaddrSpec,
    Ok,
    Rates,
    ServiceAdd,
    ServiceKey,
    ServiceList,
    ServiceRow,
    ServiceRows,
    ServiceSpec,
)
from keepalivedpy.cli.ipvsadm_edit import dest_spec, service_spec
from keepalivedpy.cli.ipvsadm_line import parse_line
from keepalivedpy.cli.ipvsadm_list import Style
from keepalivedpy.cli.ipvsadm_rules import rules
from keepalivedpy.cli.session import Session
from keepalivedpy.programs import ipvsadm as ipvsadm_program

COUNTED = {"counters": Counters(), "rates": Rates(), "owner": "cli"}


def dest_row(spec):
    return DestRow(spec=spec, active=0, inactive=0, persistent=0, overload=False, **COUNTED)


def service_row(key, spec, dests=(), laddrs=()):
    return ServiceRow(
        key=key, spec=spec, dests=tuple(map(dest_row, dests)), **COUNTED,
        laddrs=tuple(LaddrRow(spec=of, conflicts=0, conns=0, owner="cli") for of in laddrs),
    )  # fmt: skip


FULL = service_row(
    ServiceKey(proto="udp", addr="2001:db8::64", port=443),
    ServiceSpec(
        scheduler="conhash", hash_target="qid", conn_timeout_s=33, persistent_s=60, netmask="64",
        ops=True, synproxy=True, expire_quiescent=True, quic=True, proxy_protocol="v2-insecure",
        dest_check=("2,2,5s,10-600s", "ping"),
    ),
    (
        DestSpec(addr="192.0.2.20", port=8080, forward="fullnat", weight=0, upper_threshold=9,
                 lower_threshold=3),
        DestSpec(addr="2001:db8::2", port=443, forward="tunnel", weight=7),
    ),
    (LaddrSpec(addr="192.0.2.200", dev="dpdk1"),),
)  # fmt: skip
SAVED = (
    "-A -u [2001:db8::64]:443 -s conhash --hash-target qid -p 60 -M 64 -o -j enable"
    " --expire-quiescent --quic --conn-timeout 33 --proxy-protocol v2-insecure"
    " --dest-check 2,2,5s,10-600s --dest-check ping\n"
    "-a -u [2001:db8::64]:443 -r 192.0.2.20:8080 -b -w 0 -x 9 -y 3\n"
    "-a -u [2001:db8::64]:443 -r [2001:db8::2]:443 -i -w 7\n"
    "-P -u [2001:db8::64]:443 -z 192.0.2.200 -F dpdk1\n"
)


def test_every_setting_is_saved(core, ipvsadm):
    core.replies[ServiceList] = ServiceRows(rows=(FULL,))
    assert ipvsadm("-S -n") == (0, SAVED, "")


def test_saved_lines_restore_the_same(core, ipvsadm):
    for request in (ServiceAdd, DestAdd, LaddrAdd):
        core.replies[request] = Ok()
    assert ipvsadm("-R", stdin=SAVED) == (0, "", "")
    assert core.requests == [
        ServiceAdd(key=FULL.key, spec=FULL.spec),
        *(DestAdd(service=FULL.key, dest=row.spec) for row in FULL.dests),
        *(LaddrAdd(service=FULL.key, laddr=row.spec) for row in FULL.laddrs),
    ]
    assert len(core.hellos) == 1


def test_restore_goes_on_after_a_failure_and_remembers_it(core, ipvsadm):
    core.replies[ServiceAdd] = [Failure(code=Code.EXIST, message="already exist"), Ok()]
    lines = "# saved\n\n-A -t 192.0.2.1:80\n-A -t 192.0.2.2:80\n-A -t 192.0.2.2\n-R\n"
    result = ipvsadm("-R", stdin=lines)
    assert result.status == 2
    assert result.err.splitlines() == [
        "already exist",
        "line 3 failed: -A -t 192.0.2.1:80",
        "Zero port specified for no-match and non-persistent service",
        "line 5 failed: -A -t 192.0.2.2",
        "a restored table cannot hold -R",
        "line 6 failed: -R",
    ]
    assert len(core.requests) == 2


def test_restore_without_a_core_says_so_once(tmp_path):
    err = io.StringIO()
    with Session("ipvsadm", str(tmp_path / "none")) as session:
        status = ipvsadm_program.run(["-R"], session, io.StringIO(SAVED), io.StringIO(), err)
    assert status == 2
    assert err.getvalue().count("Are you sure that dpvs is running?") == 1


def test_save_with_names(core, ipvsadm):
    row = service_row(
        ServiceKey(proto="tcp", addr="127.0.0.1", port=80),
        ServiceSpec(),
        (DestSpec(addr="127.0.0.1", port=0, forward="fullnat"),),
    )
    core.replies[ServiceList] = ServiceRows(rows=(row,))
    assert ipvsadm("-S").out == (
        "-A -t localhost:http -s wlc\n-a -t localhost:http -r localhost:0 -b -w 1\n"
    )


@st.composite
def service_rows(draw):
    proto = draw(st.sampled_from(("tcp", "udp", "sctp", "icmp", "icmpv6")))
    v6 = draw(st.booleans())
    key = ServiceKey(
        proto=proto, addr="2001:db8::1" if v6 else "192.0.2.1", port=draw(st.integers(1, 65535))
    )
    scheduler = draw(st.sampled_from(("rr", "wrr", "wlc", "conhash", "mh", "fo")))
    targets = ["sip", *(["qid"] if proto == "udp" else [])]
    persistent_s = draw(st.sampled_from((0, 1, 360, 2678400)))
    masks = ("", "64") if v6 else ("", "255.255.255.0")
    spec = ServiceSpec(
        scheduler=scheduler,
        hash_target=draw(st.sampled_from(targets)) if scheduler == "conhash" else "",
        persistent_s=persistent_s,
        netmask=draw(st.sampled_from(masks)) if persistent_s else "",
        ops=proto == "udp" and draw(st.booleans()),
        quic=proto == "udp" and draw(st.booleans()),
        synproxy=draw(st.booleans()),
        expire_quiescent=draw(st.booleans()),
        conn_timeout_s=draw(st.integers(0, 10**6)),
        proxy_protocol=draw(st.sampled_from(("disable", "v1", "v2", "v1-insecure", "v2-insecure"))),
        dest_check=tuple(
            draw(st.lists(st.sampled_from(("default", "2,9s", "tcp", "ping")), unique=True))
        ),
    )
    forward = draw(st.sampled_from(("fullnat", "route", "tunnel", "masq", "snat")))
    same = forward in ("route", "tunnel")
    dest = DestSpec(
        addr=draw(st.sampled_from(("192.0.2.7", "2001:db8::7"))),
        port=key.port if same else draw(st.integers(0, 65535)),
        forward=forward,
        weight=draw(st.integers(0, 65535)),
        upper_threshold=draw(st.integers(100, 1000)),
        lower_threshold=draw(st.integers(0, 100)),
    )
    return service_row(key, spec, (dest,))


@given(service_rows())
def test_any_table_survives_saving(row):
    service, dest = (parse_line(line.split()).given for line in rules([row], Style()))
    assert service.service_address == dest.service_address == row.key
    assert service_spec(row.key, ServiceSpec(), service) == row.spec
    server = dest.real_server
    blank = DestSpec(addr=server.addr, port=server.port)
    assert dest_spec(row.key, blank, dest) == row.dests[0].spec


@st.composite
def match_keys(draw):
    """Any match, made of texts as they may be typed."""
    v = draw(st.sampled_from((4, 6)))

    def range_text():
        ends = sorted(draw(st.lists(st.ip_addresses(v=v), min_size=1, max_size=2)))
        hosts = "-".join(draw(st.sampled_from((str(end), end.exploded))) for end in ends)
        ports = sorted(draw(st.lists(st.integers(0, 65535), max_size=2)))
        tail = "-".join(map(str, ports))
        bracketed = f"[{hosts}]" if v == 6 and (tail or draw(st.booleans())) else hosts
        return bracketed + (f":{tail}" if tail else "")

    sides = draw(st.sampled_from(("s", "d", "sd", "")))
    proto = draw(st.sampled_from(("tcp", "udp", "icmp", "any")))
    match = make_match(
        range_text() if "s" in sides else "", range_text() if "d" in sides else "",
        draw(st.sampled_from(("", "dpdk0"))), draw(st.sampled_from(("", "bond1"))), v,
    )  # fmt: skip
    return ServiceKey(proto=proto, addr="", port=0, match=match)


@given(match_keys())
def test_any_match_survives_saving(key):
    dest = DestSpec(addr="198.51.100.1", port=0, forward="snat", weight=5)
    row = service_row(key, ServiceSpec(scheduler="wrr"), (dest,))
    service, server = (parse_line(line.split()).given for line in rules([row], Style()))
    assert service.service_address == server.service_address == key
    blank = DestSpec(addr=server.real_server.addr, port=server.real_server.port)
    assert dest_spec(key, blank, server) == dest


@pytest.mark.parametrize("field", ServiceSpec.__struct_fields__)
def test_no_setting_of_a_service_is_forgotten(field):
    """A new field of ServiceSpec must change what -S prints."""
    samples = {
        "scheduler": "rr", "hash_target": "qid", "netmask": "255.0.0.0", "dest_check": ("tcp",),
        "proxy_protocol": "v1", "conn_timeout_s": 5, "persistent_s": 5,
    }  # fmt: skip
    base = service_row(
        ServiceKey(proto="tcp", addr="192.0.2.1", port=1), ServiceSpec(persistent_s=9)
    )
    changed = msgspec.structs.replace(
        base, spec=msgspec.structs.replace(base.spec, **{field: samples.get(field, True)})
    )
    assert list(rules([base], Style())) != list(rules([changed], Style()))
