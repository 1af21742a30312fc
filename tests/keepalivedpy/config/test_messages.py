"""Typical mistakes and every word that is said about them."""

from pathlib import Path

import pytest

from keepalivedpy.config.load import load
from keepalivedpy.config.render import log_line, render_all

INSTANCE = """vrrp_instance V {
    interface dpdk0.kni
    virtual_router_id 51
    virtual_ipaddress {
        10.0.0.1
    }
    %s
}
"""
SERVICE = """local_address_group lips {
    10.0.0.9 dpdk0
}
virtual_server 10.0.0.1 80 {
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    %s
    real_server 10.1.0.1 80 {
        weight 1
    }
}
"""
FNAT = SERVICE % "laddr_group_name lips"

# name: (text, exit status, what is printed; `F` stands for the file)
GOLDEN = {
    "misspelt keyword": (
        INSTANCE % "priorty 100",
        5,
        """F:7:5: error: found unknown keyword 'priorty' in vrrp_instance, expected priority; \
it is ignored
        priorty 100
        ^
""",
    ),
    "number out of range": (
        INSTANCE % "priority 300",
        5,
        """F:7:14: error: found '300' after priority, expected a number from 1 to 255; \
the line is ignored
        priority 300
                 ^
""",
    ),
    "missing argument": (
        INSTANCE % "advert_int",
        2,
        """F:7:15: error: found advert_int without its argument, expected seconds from 0.01 to \
255; the line is ignored
        advert_int
                  ^
""",
    ),
    "keyword in the wrong block": (
        "vrrp_version 3\n",
        5,
        """F:1:1: error: found unknown keyword 'vrrp_version', expected it inside global_defs; \
it is ignored
    vrrp_version 3
    ^
""",
    ),
    "two keywords on a line": (
        INSTANCE % "priority 150 nopreempt",
        0,
        """F:7:18: warning: found 'nopreempt' on the line of priority, expected a line of its own; \
it is not read
        priority 150 nopreempt
                     ^
""",
    ),
    "a block inside another": (
        INSTANCE % "vrrp_script a {\n}",
        5,
        """F:7:5: error: found unknown keyword 'vrrp_script' in vrrp_instance, expected it outside \
of all blocks (is a '}' missing before it?); it and its block are ignored
        vrrp_script a {
        ^
""",
    ),
    "one brace too many": (
        INSTANCE % "}",
        5,
        """F:8:1: error: found '}' that closes nothing, expected an open block; it is ignored
    }
    ^
""",
    ),
    "brace forgotten": (
        "global_defs {\n    router_id a\n",
        5,
        """F:1:1: error: found the end of the configuration inside global_defs, expected a '}' \
that closes it
    global_defs {
    ^
""",
    ),
    "quote forgotten": (
        INSTANCE % 'notify_master "/bin/true',
        5,
        """F:7:19: error: found a " that is not closed, expected another " on the line; \
the line is ignored
        notify_master "/bin/true
                      ^
""",
    ),
    "wrong address": (
        INSTANCE % "mcast_src_ip 10.0.0.256",
        5,
        """F:7:18: error: found '10.0.0.256' after mcast_src_ip, expected an IP address; \
the line is ignored
        mcast_src_ip 10.0.0.256
                     ^
""",
    ),
    "word missing in an address line": (
        INSTANCE % "virtual_ipaddress_excluded {\n        10.0.0.2 dev\n    }",
        5,
        """F:8:21: error: found the end of the line after dev, expected a word after dev; \
the line is ignored
            10.0.0.2 dev
                        ^
""",
    ),
    "state in small letters": (
        INSTANCE % "state master",
        5,
        """F:7:11: error: found 'master' after state, expected MASTER or BACKUP; \
the line is ignored
        state master
              ^
""",
    ),
    "password too long": (
        INSTANCE % "authentication {\n        auth_type PASS\n        auth_pass 123456789\n    }",
        5,
        """F:9:19: warning: found auth_pass of 9 bytes, expected at most 8; \
the first 8 bytes are used
            auth_pass 123456789
                      ^
""",
    ),
    "fraction in version 2": (
        INSTANCE % "advert_int 0.5",
        5,
        """F:7:16: warning: found advert_int 0.5 in a VRRPv2 instance, expected 1 to 255 in \
steps of 1; 1 is used
        advert_int 0.5
                   ^
""",
    ),
    "VRID twice": (
        INSTANCE % "" + (INSTANCE % "").replace("V {", "W {"),
        5,
        """F:11:23: error: found virtual_router_id 51 a second time on dpdk0.kni (first: V, \
F:1), expected another number
        virtual_router_id 51
                          ^
""",
    ),
    "no VRID": (
        (INSTANCE % "").replace("    virtual_router_id 51\n", ""),
        5,
        """F:1:1: error: found vrrp_instance V without virtual_router_id, expected \
virtual_router_id 1..255; the instance is ignored
    vrrp_instance V {
    ^
""",
    ),
    "adverts on the device": (
        (INSTANCE % "dpdk_interface dpdk0").replace("dpdk0.kni", "dpdk0"),
        0,
        """F:2:15: warning: found interface dpdk0, which is the dpdk_interface, expected its \
kernel port, dpdk0.kni
        interface dpdk0
                  ^
""",
    ),
    "FNAT without local addresses": (
        SERVICE % "",
        5,
        """F:4:1: error: found lb_kind FNAT without laddr_group_name, expected \
laddr_group_name: a local_address_group (there is lips); the service has no local address
    virtual_server 10.0.0.1 80 {
    ^
""",
    ),
    "local addresses that are not there": (
        SERVICE % "laddr_group_name lip",
        5,
        """F:8:22: error: found laddr_group_name lip, expected a local_address_group (there is \
lips); the service has no local address
        laddr_group_name lip
                         ^
""",
    ),
    "service twice": (
        FNAT + FNAT.partition("}\n")[2],
        0,
        """F:13:16: warning: found virtual_server 10.0.0.1 80 TCP a second time (first: F:4), \
expected one block for each service
    virtual_server 10.0.0.1 80 {
                   ^
""",
    ),
    "group that is not there": (
        FNAT.replace("virtual_server 10.0.0.1 80", "virtual_server group web"),
        0,
        """F:4:22: warning: found virtual_server group web, expected a virtual_server_group; \
the service has no address
    virtual_server group web {
                         ^
""",
    ),
    "a check for later": (
        FNAT.replace("weight 1\n", "weight 1\n        PING_CHECK {\n        }\n"),
        0,
        """F:11:9: warning: found PING_CHECK in real_server; not carried yet: \
without this check the server counts as up
            PING_CHECK {
            ^
""",
    ),
    "empty range": (
        "local_address_group lips {\n    10.0.0.9-5 dpdk0\n}\n",
        5,
        """F:2:5: error: found '10.0.0.9-5', expected ADDRESS, ADDRESS-LAST or \
ADDRESS-ADDRESS, ascending; the line is ignored
        10.0.0.9-5 dpdk0
        ^
""",
    ),
}


@pytest.mark.parametrize("text, status, expected", GOLDEN.values(), ids=GOLDEN)
def test_message(tmp_path: Path, text: str, status: int, expected: str) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(text)
    result = load(str(path))
    assert render_all(result.diagnostics).replace(str(path), "F") == expected
    assert result.status == status


def test_all_mistakes_come_in_one_run(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(INSTANCE % "priority 300\n    stat MASTER\n    advert_int x")
    result = load(str(path))
    assert [d.place.line for d in result.errors] == [7, 8, 9]
    assert result.root.vrrp_instances[0].priority == 100


def test_log_line_names_the_file_only_among_several(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text("nonsense\n")
    (found,) = load(str(path)).diagnostics
    text = "found unknown keyword 'nonsense'; it is ignored"
    assert log_line(found) == f"(Line 1) {text}"
    assert log_line(found, ["other.conf"]) == f"({path}: Line 1) {text}"
