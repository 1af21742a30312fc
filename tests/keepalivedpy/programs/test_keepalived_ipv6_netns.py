"""keepalived.conf with an IPv6 service over a real dpvs: checked, balanced, withdrawn."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.client import Client
from tests.netns.ip import enter, ip
from tests.netns.one_dpvs import CONF, START_S, Lab
from tests.netns.topology import OFFLOADS

pytestmark = [
    pytest.mark.netns,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for network namespaces"),
    pytest.mark.skipif(
        importlib.util.find_spec("dpvs_core._native") is None,
        reason="needs the native module, which script/setup builds",
    ),
]

KEEPALIVED = """
local_address_group laddr_g1 {
    2001:db8::200-201 dpdk0
}
vrrp_instance VI_1 {
    state MASTER
    interface dpdk0.kni
    dpdk_interface dpdk0
    virtual_router_id 12
    priority 255
    virtual_ipaddress {
        192.168.50.100
    }
    virtual_ipaddress_excluded {
        2001:db8::100/64
    }
    virtual_routes {
        2001:db8:77::/48 via 2001:db8::fe
        2001:db8:78::/48
    }
}
virtual_server 2001:db8::100 80 {
    delay_loop 1
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    laddr_group_name laddr_g1
    alpha
    real_server 2001:db8::48 8080 {
        TCP_CHECK {
            connect_timeout 3
        }
    }
}
virtual_server match SNAT1 {
    protocol UDP
    lb_algo rr
    src-range 192.168.0.1-192.168.0.254
    real_server 198.51.100.1 0 {
    }
}
"""
SERVE = """import contextlib, socket
with socket.create_server(("2001:db8::48", 8080), family=socket.AF_INET6) as server:
    while True:
        peer, end = server.accept()
        with peer, contextlib.suppress(OSError):
            peer.sendall(end[0].encode())
"""
ASK = """import socket
with socket.create_connection(("2001:db8::100", 80), 5) as peer:
    print(peer.recv(100).decode())
"""
KEY = m.ServiceKey(proto="tcp", addr="2001:db8::100", port=80)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    linux = "address 192.168.50.2/24\n            address 2001:db8::28/64"
    made.conf.write_text(CONF.replace("address 192.168.50.2/24", linux))
    made.ready()
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    for namespace, device in ((made.client_ns, "c0"), (made.core_ns, "dpdk0.kni")):
        off = ["ethtool", "-K", device, *OFFLOADS]
        subprocess.run([*enter(namespace), *off], **quiet)  # type: ignore[call-overload]
    ip(made.client_ns, "-6", "addr", "add", "2001:db8::48/64", "dev", "c0", "nodad")
    made.running.append(subprocess.Popen([*enter(made.client_ns), sys.executable, "-c", SERVE]))
    yield made
    made.close()


def keepalived(lab: Lab) -> subprocess.Popen[bytes]:
    conf = lab.path / "keepalived.conf"
    conf.write_text(KEEPALIVED)
    pid_files = [word for letter in "prc" for word in (f"-{letter}", str(lab.path / letter))]
    command = [
        *enter(lab.core_ns), sys.executable, "-P", "-m", "keepalivedpy.programs.keepalived",
        "-n", "-l", "-D", "-f", str(conf), *pid_files,
    ]  # fmt: skip
    environment = os.environ | {m.SOCKET_ENV: lab.socket}
    with (lab.path / "keepalived.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    lab.running.append(process)  # type: ignore[arg-type]
    return process


def addresses(client: Client) -> dict[str, bool]:
    rows = client.call(m.AddrList(), m.AddrRows).rows
    return {row.spec.prefix: row.active for row in rows if row.spec.scope != "link"}


def routes(client: Client) -> set[str]:
    rows = client.call(m.RouteList(), m.RouteRows).rows
    return {row.spec.prefix for row in rows if row.owner == "vrrp" and row.spec.scope != "host"}


def pinged_in_fragments(lab: Lab, vip: str) -> str:
    """F-004, F-192: what a client hears that asks in three fragments."""
    ping = ["ping", "-n", "-c2", "-i0.1", "-W2", "-s4000", vip]
    return subprocess.run([*enter(lab.client_ns), *ping], capture_output=True, text=True).stdout


def until(lab: Lab, what: str, client: Client) -> None:
    """Until the server is in use and the VIP is there."""
    deadline = time.monotonic() + START_S
    while True:
        rows = client.call(m.ServiceList(), m.ServiceRows).rows
        if rows and rows[0].dests and addresses(client).get("2001:db8::100/64"):
            return
        log = (lab.path / "keepalived.log").read_text()
        assert time.monotonic() < deadline, f"no {what}:\n{log}"
        time.sleep(0.05)


def test_an_ipv6_service_from_start_to_stop(lab: Lab) -> None:
    """S-010, K-032, K-038: its VIP is in virtual_ipaddress_excluded of an IPv4 instance."""
    process = keepalived(lab)
    with lab.client() as client:
        until(lab, "service with its server and VIP", client)
        assert addresses(client) == {
            "2001:db8::200/128": True, "2001:db8::201/128": True, "192.168.50.100/32": True,
            "2001:db8::100/64": True,
        }  # fmt: skip
        assert routes(client) >= {"2001:db8:77::/48", "2001:db8:78::/48"}
        ask = [*enter(lab.client_ns), sys.executable, "-c", ASK]
        asked = subprocess.run(ask, capture_output=True, text=True)
        assert asked.stdout in ("2001:db8::200\n", "2001:db8::201\n"), asked.stderr
        assert " 0% packet loss" in pinged_in_fragments(lab, "2001:db8::100")
        process.send_signal(signal.SIGTERM)
        assert process.wait(START_S) == 0
        assert client.call(m.ServiceList(), m.ServiceRows).rows == ()
        assert (addresses(client), routes(client)) == ({}, set())
    log = (lab.path / "keepalived.log").read_text()
    assert "did not remove everything" not in log
