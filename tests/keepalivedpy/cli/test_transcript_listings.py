"""The listings in the original's transcripts: read back into rows, they print as the same bytes."""

import re
import sys

import pytest

from dpvs_core.control.conn_rows import ConnRow
from dpvs_core.control.conn_states import PROTOCOLS, STATES
from dpvs_core.control.messages import (
    AddrRow,
    AddrSpec,
    Counters,
    DestRow,
    DestSpec,
    LaddrRow,
    LaddrSpec,
    LinkRow,
    NeighRow,
    Rates,
    RouteRow,
    RouteSpec,
    ServiceKey,
    ServiceRow,
    ServiceSpec,
)
from keepalivedpy.cli.command import Options
from keepalivedpy.cli.dpip_addr import addr_lines
from keepalivedpy.cli.dpip_link import link_lines
from keepalivedpy.cli.dpip_neigh import neigh_line
from keepalivedpy.cli.dpip_route import route_line
from keepalivedpy.cli.ipvsadm_conns import conn_lines
from keepalivedpy.cli.ipvsadm_list import (
    DEFAULT,
    FORWARDS,
    VIEWS,
    Style,
    laddr_listing,
    listing,
)

transcripts = sys.modules["keepalivedpy_cli_transcripts"]
if not transcripts.CASES.is_dir():
    pytest.skip(transcripts.ABSENT, allow_module_level=True)
TOOLS = transcripts.tool_cases()

TITLE_LINES = {view.titles[0]: (name, view) for name, view in VIEWS.items()}
TITLE_LINES[DEFAULT.titles[0]] = ("", DEFAULT)


def endpoint(text):
    addr, _, port = text.rpartition(":")
    return addr.strip("[]"), int(port)


def spec_of(words):
    """The settings a service's line shows, from its words behind the address."""
    fields = {"scheduler": words[0]} if words else {}
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word in ("sip", "qid"):
            fields["hash_target"] = word
        elif word == "persistent":
            fields["persistent_s"] = int(rest.pop(0))
        elif word == "mask":
            fields["netmask"] = rest.pop(0)
        elif word == "conn-timeout":
            fields["conn_timeout_s"] = int(rest.pop(0))
        elif word.startswith("ppv"):
            fields["proxy_protocol"] = word[2:]
        elif word == "dest-check":
            checks = [part.split(":", 1)[1] for part in rest]
            fields["dest_check"], rest = tuple(checks), []
        else:
            fields[word.replace("-", "_")] = True
    return ServiceSpec(**fields)


COUNTS = ("conns", "inpkts", "outpkts", "inbytes", "outbytes")
SPEEDS = ("cps", "inpps", "outpps", "inbps", "outbps")
TO_FORWARD = {text: forward for forward, text in FORWARDS.items()}


def columns(name, words):
    """(spec fields, row fields) of a dest's words behind the address."""
    row = {"active": 0, "inactive": 0, "persistent": 0, "counters": Counters(), "rates": Rates()}
    spec = {}
    numbers = [int(word) for word in words[name == "" :]]
    if name == "stats":
        row["counters"] = Counters(**dict(zip(COUNTS, numbers, strict=True)))
    elif name == "rate":
        row["rates"] = Rates(**dict(zip(SPEEDS, numbers, strict=True)))
    elif name == "thresholds":
        spec["upper_threshold"], spec["lower_threshold"], row["active"], row["inactive"] = numbers
    elif name == "persistent_conn":
        spec["weight"], row["persistent"], row["active"], row["inactive"] = numbers
    else:
        spec["forward"] = TO_FORWARD[words[0]]
        spec["weight"], row["active"], row["inactive"] = numbers
    return spec, row


def rows_of(name, lines):
    """A listing's lines back to rows."""
    services = []
    for line in lines:
        words = line.split()
        if words[0] == "->":
            addr, port = endpoint(words[1])
            spec, row = columns(name, words[2:])
            dest = DestRow(
                spec=DestSpec(addr=addr, port=port, **spec), overload=False, owner="cli", **row
            )
            services[-1]["dests"] += (dest,)
            continue
        addr, port = endpoint(words[1])
        counted = name in ("stats", "rate")
        _, row = columns(name, words[2:]) if counted else ({}, {})
        services.append({
            "key": ServiceKey(proto=words[0].lower(), addr=addr, port=port), "owner": "cli",
            "spec": ServiceSpec() if counted else spec_of(words[2:]), "dests": (), "laddrs": (),
            "counters": row.get("counters", Counters()), "rates": row.get("rates", Rates()),
        })  # fmt: skip
    return [ServiceRow(**fields) for fields in services]


LISTINGS = [case for case in TOOLS if any(line in TITLE_LINES for line in case.out)]


def test_there_are_listings_of_every_kind():
    kinds = {TITLE_LINES[line][0] for case in LISTINGS for line in case.out if line in TITLE_LINES}
    assert kinds == {"", *VIEWS}


@pytest.mark.parametrize("case", LISTINGS, ids=lambda case: f"{case.file[:2]}: {case.line}")
def test_listings_redrawn_are_the_originals(case):
    """What is read back from a listing prints as the same bytes (marks and matches apart)."""
    start = next(i for i, line in enumerate(case.out) if line in TITLE_LINES)
    name, view = TITLE_LINES[case.out[start]]
    lines = list(case.out[start : start + 2])
    skipping = False
    for line in case.out[start + 2 :]:
        if not line.startswith("  ->"):
            skipping = line.startswith(("FWM", "MATCH"))
        if not skipping:
            lines.append(line)
    style = Style(sort="--nosort" not in case.words)
    assert list(listing(rows_of(name, lines[2:]), view, style)) == lines


def lines_like(pattern):
    """Every different line the original printed on stdout that matches from its beginning."""
    lines = {line for case in TOOLS for line in case.out}
    found = sorted(line for line in lines if re.match(pattern, line))
    assert found, pattern
    return found


def none(text):
    return "" if text == "0.0.0.0" else text


def test_connections():
    numbers = {name: number for number, name in PROTOCOLS.items()}
    for line in lines_like(r"\[\d+\](tcp|udp)"):
        first, timeout, state, *ends = line.split()
        worker, proto = re.match(r"\[(\d+)\](\w+)", first).groups()
        number = numbers[proto]
        flat = [part for end in ends for part in endpoint(end)]
        states = STATES[number].index(state)
        row = ConnRow(int(worker), number, states, int(timeout[:-1]), *flat)
        assert list(conn_lines([row], numeric=True)) == [line]


def test_laddrs():
    drawn = 0
    for case in TOOLS:
        if case.words[:2] != ["ipvsadm", "-G"] or not case.out:
            continue
        rows = []
        for line in case.out[1:]:
            words = line.split()
            if len(words) == 2:
                addr, port = endpoint(words[0])
                rows.append((ServiceKey(proto="tcp", addr=addr, port=port), []))
            else:
                spec = LaddrSpec(addr=words[0], dev="dpdk1")
                rows[-1][1].append(LaddrRow(
                    spec=spec, conflicts=int(words[1]), conns=int(words[2]), owner="cli"
                ))  # fmt: skip
        services = [
            ServiceRow(
                key=key, spec=ServiceSpec(), owner="cli", dests=(), laddrs=tuple(laddrs),
                counters=Counters(), rates=Rates(),
            )
            for key, laddrs in rows
        ]  # fmt: skip
        assert list(laddr_listing(services, Style(sort=False))) == list(case.out)
        drawn += 1
    assert drawn


def test_routes():
    for line in lines_like(r"inet6? \S+/\d+ (via|src|dev)"):
        words = line.split()
        said = dict(zip(words[2::2], words[3::2], strict=True))
        spec = RouteSpec(
            prefix=words[1], via=none(said.get("via", "")), src=none(said.get("src", "")),
            dev=said["dev"], mtu=int(said["mtu"]), tos=int(said.get("tos", 0)),
            scope=said["scope"], metric=int(said.get("metric", 0)),
            proto=said.get("proto", "auto"),
        )  # fmt: skip
        assert route_line(RouteRow(spec=spec, owner="cli")) == line


def test_neighbours():
    """But for the core's number: the table is not a worker's here."""
    for line in lines_like("ip: "):
        words = line.split()
        said = dict(zip(words[::2], words[1::2], strict=False))
        row = NeighRow(
            addr=said["ip:"], lladdr=said["mac:"], state=said["state:"], dev=said["dev:"],
            static=words[-1] == "static",
        )  # fmt: skip
        assert neigh_line(row) == line.replace("core: 1", "core: 0")


def test_addresses():
    drawn = 0
    for case in TOOLS:
        if case.words[1:3] != ["addr", "show"] or "-v" in case.words:
            continue
        for first, second in zip(case.out[::2], case.out[1::2], strict=True):
            _, prefix, _, scope, dev = first.split()
            words = second.split()
            said = dict(zip(words[::2], words[1::2], strict=True))
            life = said["valid_lft"]
            pool = {name: int(said[name]) for name in said if name.startswith("sa_")}
            spec = AddrSpec(
                prefix=prefix, dev=dev, scope=scope, sapool=bool(pool),
                valid_lft_s=0 if life == "forever" else int(life),
            )  # fmt: skip
            row = AddrRow(spec=spec, owners=("cli",), **pool)
            assert list(addr_lines(row, Options(stats=bool(pool)))) == [first, second]
            drawn += 1
    assert drawn


LINK = re.compile(
    r"(\d+): (\S+): socket (\d+) mtu (\d+) rx-queue (\d+) tx-queue (\d+)\n"
    r"    (UP|DOWN) (\d+) Mbps (full|half)-duplex (auto|fixed)-nego (.*)\n    addr (\S+) (.*)\n"
    r"(?:    ipackets .*\n +(\d+) +(\d+) +(\d+) +(\d+) +\n"
    r"    ierrors .*\n +(\d+) +(\d+) +(\d+) +(\d+) +\n    mbuf-avail .*\n +(\d+) +(\d+) +\n)?"
)
COUNTERS = (
    "ipackets", "opackets", "ibytes", "obytes", "ierrors", "oerrors", "imissed", "rx_nombuf",
    "mbuf_avail", "mbuf_inuse",
)  # fmt: skip


def test_links():
    drawn = {False: 0, True: 0}
    text = "".join("\n".join([*case.out, ""]) for case in TOOLS if case.words[0] == "dpip")
    for found in LINK.finditer(text):
        index, name, socket, mtu, n_rx, n_tx, up, speed, duplex, auto, flags, mac, offloads = (
            found.groups()[:13]
        )
        counters = found.groups()[13:]
        stats = counters[0] is not None
        values = dict(zip(COUNTERS, map(int, counters), strict=True)) if stats else {}
        row = LinkRow(
            index=int(index), name=name, kernel_port="", socket=int(socket), mtu=int(mtu),
            n_rx_queues=int(n_rx), n_tx_queues=int(n_tx), up=up == "UP", speed_mbps=int(speed),
            full_duplex=duplex == "full", autoneg=auto == "auto", mac=mac.lower(),
            flags=tuple(flags.split()), offloads=tuple(offloads.split()), driver="", **values,
        )  # fmt: skip
        drawn[stats] += 1
        assert "".join(f"{line}\n" for line in link_lines(row, Options(stats=stats))) == found[0]
    assert drawn[False] and drawn[True]
