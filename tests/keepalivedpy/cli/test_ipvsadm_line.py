"""Command lines: what is accepted, what is refused, with which words and status (I-004..I-063)."""

import pytest

from dpvs_core.control.messages import ServiceKey, ServiceMatch
from keepalivedpy.cli.errors import CommandError
from keepalivedpy.cli.ipvsadm_line import parse_line
from keepalivedpy.cli.ipvsadm_options import COMMANDS, OPTIONS, Given
from keepalivedpy.cli.ipvsadm_values import Mark, Server, SockPair, dest_check, sockpair


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        ("-A -s rr", 2, "You need to supply the 'service-address' option for the 'add-service'"),
        ("-a -t 1.1.1.1:1 -b", 2, "You need to supply the 'real-server' option for the"),
        ("-d -t 1.1.1.1:1", 2, "the 'real-server' option for the 'delete-server' command"),
        ("-P -t 1.1.1.1:1 -z 2.2.2.2", 2, "the 'ifname' option for the 'add-laddr' command"),
        ("-P -t 1.1.1.1:1 -F d", 2, "the 'local-address' option for the 'add-laddr' command"),
        ("-O", 2, "You need to supply the 'service-address' option for the 'add-whtlst' command"),
        ("-A -t 1.1.1.1:1 -b", 2, "Illegal 'forwarding-method' option with the 'add-service'"),
        ("-C -n", 2, "Illegal 'numeric' option with the 'flush' command"),
        ("-A -t 1.1.1.1:1 --pe sip", 2, "Illegal 'pe' option"),
        ("-A -t 1.1.1.1:1 -u 1.1.1.1:1", 2, "multiple 'service-address' options specified"),
        ("-a -t 1.1.1.1:1 -r 2.2.2.2 -g -m", 2, "multiple 'forwarding-method' options specified"),
        ("-A -A -t 1.1.1.1:1", 2, "invalid option `-A'"),
        ("-ln --help", 2, "invalid option `--help'"),
        ("-A -t", 255, "-t: missing argument"),
        ("-lcn --lcore", 255, "--lcore: unknown option"),
        ("--bogus", 255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information."),
        ("-n -l", 255, "Try `ipvsadm -h'"),
        ("-ln extra", 2, "unexpected argument extra"),
        ("-ln --stats=yes", 2, "unexpected argument yes"),
        ("-A -t 10.0.0.300:80", 2, "illegal virtual server address[:port] specified"),
        ("-A -t 10.0.0.1:99999", 2, "illegal virtual server address[:port] specified"),
        ("-A -t :80", 2, "illegal virtual server address[:port] specified"),
        ("-A -t [2001:db8::1:80", 2, "illegal virtual server address[:port] specified"),
        ("-A -t 1.1.1.1:nosuchservice", 2, "no tcp service is named 'nosuchservice'"),
        ("-a -t 1.1.1.1:1 -r 1.1.1:80", 2, "illegal real server address[:port] specified"),
        ("-a -t 1.1.1.1:1 -r 2.2.2.2 -w -1", 2, "illegal weight specified: '-1'"),
        ("-a -t 1.1.1.1:1 -r 2.2.2.2 -w 65536", 2, "illegal weight specified"),
        ("-a -t 1.1.1.1:1 -r 2.2.2.2 -w abc", 2, "illegal weight specified"),
        ("-A -t 1.1.1.1:1 -p 2678401", 2, "illegal timeout for persistent service"),
        ("-A -t 1.1.1.1:1 -p 0", 2, "illegal timeout for persistent service"),
        ("-A -t 1.1.1.1:1 -j maybe", 2, "synproxy switch must be enable or disable"),
        ("-A -t 1.1.1.1:1 --proxy-protocol v3", 2, "illegal proxy protocol specified: 'v3'"),
        ("-A -t 1.1.1.1:1 --dest-check bogus", 2, "invalid dest_check config"),
        ("-A -t 1.1.1.1:1 -M 255.255", 2, "invalid netmask specified"),
        ("-A -f 0", 2, "illegal fwmark specified"),
        ("-A -s rr -H proto=tcp", 2, "illegal match specified"),
        ("-A -s rr -H bogus=1", 2, "illegal match specified"),
        ("-A -H src-range=1.1.1.1-2001:db8::1", 2, "illegal match specified"),
        ("-A -H src-range=1.1.1.9-1.1.1.1", 2, "goes downwards"),
        ("-A -H src-range=1.1.1.1:9-1", 2, "goes downwards"),
        ("-A -H src-range=1.1.1.1:65536", 2, "'65536' is no port"),
        ("-A -H src-range=1.1.1.1:http", 2, "'http' is no port"),
        ("-A -H src-range=[2001:db8::1", 2, "is not [ADDRESS-ADDRESS]"),
        ("-A -H src-range=[2001:db8::1]80", 2, "is not [ADDRESS-ADDRESS]"),
        ("-A -H src-range=", 2, "src-range without a value"),
        ("-A -H af=ipv4,af=ipv4", 2, "af is given twice"),
        ("-A -H af=ipv6,src-range=1.1.1.1", 2, "of two families"),
        ("-A -H src-range=1.1.1.1,dst-range=2001:db8::1", 2, "of two families"),
        ("-A -H af=inet", 2, "af is ipv4 or ipv6"),
        ("-A -H af=ipv4,proto=any", 2, "proto is one of"),
        ("-A -H proto=tcp,iif=dpdk0", 2, "give a range or af"),
        ("-A -H af=ipv4,oif=dpdk012345678901", 2, "longer than 15"),
        ("-U -t 1.1.1.1:1 -k 1.2.3.0/24", 2, "illegal blacklist entry format"),
        ("-O -t 1.1.1.1:1 -2 ipset:", 2, "illegal whitelist entry format"),
        ("-l -c -t 1.1.1.1:1", 2, "options conflicts in the list command"),
        ("-l --stats --rate", 2, "options conflicts in the list command: 'stats' and 'rate'"),
    ],
)  # fmt: skip
def test_refused(words, status, text):
    with pytest.raises(CommandError) as caught:
        parse_line(words.split())
    assert text in str(caught.value)
    assert caught.value.status == status
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "command", "given"),
    [
        ("", "list", Given()),
        ("-ln", "list", Given(numeric=True)),
        ("-Lcn", "list", Given(numeric=True, connection=True)),
        ("-lnX --stats", "list", Given(numeric=True, exact=True, stats=True)),
        ("--clear", "flush", Given()),
        (
            "-A -t 192.0.2.1:http -s rr -p",
            "add-service",
            Given(
                service_address=ServiceKey(proto="tcp", addr="192.0.2.1", port=80),
                scheduler="rr",
                persistent=360,
            ),
        ),
        (
            "-A -u [2001:db8:0::1]:domain -p 100 -M 64",
            "add-service",
            Given(
                service_address=ServiceKey(proto="udp", addr="2001:db8::1", port=53),
                persistent=100,
                netmask="64",
            ),
        ),
        (
            "-D --tcp-service=2001:db8::1",
            "delete-service",
            Given(service_address=ServiceKey(proto="tcp", addr="2001:db8::1", port=0)),
        ),
        (
            "-a -t1.1.1.1:1 -r[2001:db8::2]:8080 -bw5 -x 9 -y=4",
            "add-server",
            Given(
                service_address=ServiceKey(proto="tcp", addr="1.1.1.1", port=1),
                real_server=Server("2001:db8::2", 8080),
                forwarding_method="fullnat",
                weight=5,
                u_threshold=9,
                l_threshold=4,
            ),
        ),
        ("-D -f 10 -6", "delete-service", Given(service_address=Mark(10), ipv6=True)),
        (
            "-D -H proto=tcp,src-range=10.0.0.1-10.0.0.9:1-2,oif=dpdk0",
            "delete-service",
            Given(
                service_address=ServiceKey(
                    proto="tcp",
                    addr="",
                    port=0,
                    match=ServiceMatch(src_range="10.0.0.1-10.0.0.9:1-2", oif="dpdk0"),
                )
            ),
        ),
    ],
)
def test_accepted(words, command, given):
    line = parse_line(words.split())
    assert (line.command.name, line.given) == (command, given)


def test_dest_check_may_be_repeated():
    line = parse_line(
        ["-E", "-t", "1.1.1.1:1", "--dest-check", "tcp", "--dest-check", "1,1,3s,5-3600s"]
    )
    assert line.given.dest_check == ("tcp", "default")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("default", "default"),
        ("2,2,5s,10-600s", "2,2,5s,10-600s"),
        ("2,2,5,10-600", "2,2,5s,10-600s"),
        ("1,3s", "1,3s"),
        ("ping", "ping"),
    ],
)
def test_dest_check_forms(text, wanted):
    assert dest_check(text) == wanted


@pytest.mark.parametrize("text", ["0,3s", "1,1,3s,9-5s", "1,1,3s", "1,1,3s,5-70000s", "", "a,b"])
def test_dest_check_refused(text):
    with pytest.raises(CommandError, match="invalid dest_check config"):
        dest_check(text)


def test_sockpair():
    assert sockpair("udp:192.0.2.1:1:192.0.2.2:53") == SockPair(
        "udp", "192.0.2.1", 1, "192.0.2.2", 53
    )


@pytest.mark.parametrize("text", ["tcp:1.1.1.1:1", "icmp:1.1.1.1:1:2.2.2.2:2", "tcp", "tcp:::"])
def test_sockpair_refused(text):
    with pytest.raises(CommandError, match="illegal sockpair"):
        sockpair(text)


def test_every_option_key_is_a_field_and_every_command_key_an_option():
    keys = {row.key for row in OPTIONS}
    assert {key.replace("-", "_") for key in keys} == set(Given.__struct_fields__)
    assert {key for row in COMMANDS for key in (*row.needs, *row.may)} <= keys


def test_letters_and_words_are_unique():
    shorts = [row.short for row in OPTIONS if row.short]
    shorts += [letter for row in COMMANDS for letter in row.short]
    longs = [row.long for row in OPTIONS] + [row.long for row in COMMANDS]
    assert len(shorts) == len(set(shorts))
    assert len(longs) == len(set(longs))
