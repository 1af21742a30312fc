"""Programs and users, network namespaces: what the machine has changes the exit status."""

from pathlib import Path

import pytest

from keepalivedpy.config.load import LoadResult, load

VIP = "interface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n"
INSTANCE = f"vrrp_instance V {{\n{VIP}%s\n}}\n"
SERVICE = """virtual_server 10.0.0.1 80 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    quorum_up "/bin/sh x"
    real_server 10.1.0.1 80 {
    }
}
"""


def read(tmp_path: Path, text: str) -> LoadResult:
    path = tmp_path / "keepalived.conf"
    path.write_text(text)
    return load(str(path), interfaces=("eth0",))


STATUSES = {
    "a program": (INSTANCE % "notify_master /bin/sh", 6),
    "in single quotes": (INSTANCE % "notify_master '/bin/sh -c true'", 6),
    "one that is missing": (INSTANCE % "notify_master /no/such/program", 0),
    "script security": ("global_defs {\nenable_script_security\nscript_user root\n}\n"
                        + INSTANCE % "notify_master /bin/sh", 0),
    "no such user": ("global_defs {\nscript_user nosuchuser\n}\n"
                     + INSTANCE % "notify_master /bin/sh", 5),
    "keepalived's own check": ('vrrp_script s {\nscript "</dev/tcp/127.0.0.1/80"\n}\n'
                               + INSTANCE % "track_script {\ns\n}", 0),
    "no interface: VRRP ends before it looks": (
        (INSTANCE % "notify_master /bin/sh").replace("eth0", "eth9"), 5),
    "no interface: the checkers look": (INSTANCE.replace("eth0", "eth9") % "" + SERVICE, 6),
    "a quote inside that is open": (INSTANCE % 'notify_master "/bin/sh it\'s"', 5),
    "a namespace that is missing": ("net_namespace nosuch\n" + INSTANCE % "bogus", 0),
    "the same without it": (INSTANCE % "bogus", 5),
}  # fmt: skip


@pytest.mark.parametrize("text, status", STATUSES.values(), ids=STATUSES)
def test_status(tmp_path: Path, text: str, status: int) -> None:
    assert read(tmp_path, text).status == status


def test_a_missing_program_is_remarked_where_it_stands(tmp_path: Path) -> None:
    (found,) = read(tmp_path, INSTANCE % "  notify_master /no/such/program").diagnostics
    assert (found.place.line, found.place.column, found.severity) == (7, 17, "warning")
    assert found.found == "the script /no/such/program, which is missing or may not be executed"


def test_a_missing_namespace_is_said(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "net_namespace nosuch\n").diagnostics[-1:]
    assert found.found == "the network namespace nosuch, which does not exist"
