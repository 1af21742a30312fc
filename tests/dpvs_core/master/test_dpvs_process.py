"""The real dpvs on a veth in a network namespace: start, answers, stop, kill -9 and start again."""

import importlib.util
import ipaddress
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.client import Client, CoreError
from dpvs_core.control.conn_rows import unpack_rows
from tests.netns.ip import enter, ip
from tests.netns.one_dpvs import CONF, START_S, STOP_S, Lab
from tests.netns.topology import OFFLOADS

pytestmark = [
    pytest.mark.netns,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for network namespaces"),
    pytest.mark.skipif(
        importlib.util.find_spec("dpvs_core._native") is None,
        reason="needs the native module, which script/setup builds",
    ),
]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.close()


def test_it_starts_answers_and_stops(lab: Lab) -> None:
    process = lab.ready()
    assert lab.pid_file.read_text() == f"{process.pid}\n"
    for line in ("Memory: ", "Lcores: ", "Port dpdk0: ", "Worker cpu1: ", "Kernel port dpdk0.kni: ",
                 "Control socket "):  # fmt: skip
        assert line in lab.log()
    with lab.client() as client:
        assert client.call(m.InfoGet(), m.Info).pid == process.pid
        (link,) = client.call(m.LinkList(), m.LinkRows).rows
        assert (link.name, link.driver, link.up) == ("dpdk0", "net_af_packet", True)
        address = m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.1/24", dev="dpdk0"))
        assert client.call(address, m.Ok) == m.Ok()
        ping = lab.ping("10.0.0.1")
        assert " 0% packet loss" in ping.stdout, ping.stdout
        routes = client.call(m.RouteList(), m.RouteRows).rows
        assert [f"{row.spec.prefix} {row.spec.scope}" for row in routes] == [
            "10.0.0.1/32 host", "192.168.50.2/32 kni_host", "10.0.0.0/24 link",
            f"{link_local(link.mac)}/128 host", "fe80::/64 link",
        ]  # fmt: skip
        with pytest.raises(CoreError) as refused:
            client.call(address, m.Ok)
        assert refused.value.code == m.Code.EXIST
    assert "192.168.50.2/24" in lab.kernel_port() and "LOWER_UP" in lab.kernel_port()
    assert lab.stop(process) == 0
    assert not Path(lab.socket).exists() and not lab.pid_file.exists()
    assert "192.168.50.2/24" in lab.kernel_port() and "NO-CARRIER" in lab.kernel_port()


def link_local(mac: str) -> str:
    """Of a device with this MAC (RFC 4291 appendix A)."""
    first, *rest = bytes.fromhex(mac.replace(":", ""))
    bits = bytes([first ^ 2, *rest[:2], 0xFF, 0xFE, *rest[2:]])
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + bits))


SERVE = """import socket
with socket.create_server(("2001:db8::48", 8080), family=socket.AF_INET6) as server:
    while True:
        peer, end = server.accept()
        with peer:
            peer.sendall(end[0].encode())
"""
ASK = """import socket, sys
with socket.create_connection(("2001:db8::100", 80), 5) as peer:
    print(peer.recv(100).decode())
"""


def test_an_ipv6_service_full_nat(lab: Lab) -> None:
    """S-010: as ipvsadm programs it; neighbours are static, so that nothing else is asked."""
    lab.ready()
    ip(lab.client_ns, "-6", "addr", "add", "2001:db8::48/64", "dev", "c0", "nodad")
    key = m.ServiceKey(proto="tcp", addr="2001:db8::100", port=80)
    dest = m.DestSpec(addr="2001:db8::48", port=8080, forward="fullnat")
    laddr = m.LaddrSpec(addr="2001:db8::200", dev="dpdk0")
    offloads_off = ["ethtool", "-K", "c0", *OFFLOADS]
    subprocess.run([*enter(lab.client_ns), *offloads_off], check=True)
    server = subprocess.Popen([*enter(lab.client_ns), sys.executable, "-c", SERVE])
    lab.running.append(server)
    with lab.client() as client:
        vip = m.AddrSpec(prefix="2001:db8::100/64", dev="dpdk0", nodad=True)
        for change in (
            m.AddrAdd(addr=vip),
            m.ServiceAdd(key=key, spec=m.ServiceSpec(scheduler="rr")),
            m.DestAdd(service=key, dest=dest), m.LaddrAdd(service=key, laddr=laddr),
        ):  # fmt: skip
            client.call(change, m.Ok)
        ask = [*enter(lab.client_ns), sys.executable, "-c", ASK]
        deadline = time.monotonic() + START_S
        while (asked := subprocess.run(ask, capture_output=True, text=True)).returncode:
            assert time.monotonic() < deadline, asked.stderr  # until the server listens
            time.sleep(0.05)
        assert asked.stdout == f"{laddr.addr}\n"
        (row, *_) = unpack_rows(client.call(m.ConnList(), m.ConnRows).rows)
        ends = (row.caddr, row.vaddr, row.vport, row.laddr, row.daddr, row.dport)
        assert ends == (
            "2001:db8::48", key.addr, 80, laddr.addr, "2001:db8::48", 8080,
        )  # fmt: skip


def cpus_of(process: int, thread: str) -> set[int]:
    """That the thread of this name may run on."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    (task,) = [task for task in tasks if (task / "comm").read_text() == f"{thread}\n"]
    return os.sched_getaffinity(int(task.name))


@pytest.mark.skipif(os.sched_getaffinity(0) != {0, 1}, reason="needs CPUs 0 and 1, no others")
@pytest.mark.parametrize(
    ("words", "master"), [(("--", "-l", "0,1"), {0}), ((), {0, 1})], ids=["pinned", "floating"]
)
def test_the_master_keeps_off_the_processor_of_a_worker(
    lab: Lab, words: tuple[str, ...], master: set[int]
) -> None:
    process = lab.ready(*words)
    assert os.sched_getaffinity(process.pid) == master
    assert cpus_of(process.pid, "rte-worker-1") == ({1} if master == {0} else {0, 1})
    assert f"The master runs on CPU {','.join(map(str, master))}" in lab.log()


def test_a_worker_without_a_queue_of_the_port_says_so(lab: Lab) -> None:
    second = "worker cpu2 { type slave; cpu_id 2; port dpdk0 { rx_queue_ids 1; tx_queue_ids 1; } }"
    block = "".join(f"{line.strip()}\n" for line in second.replace("{", "{\n")
                    .replace("}", "\n}\n").replace(";", "\n").splitlines())  # fmt: skip
    lab.conf.write_text(CONF.replace("worker_defs {\n", f"worker_defs {{\n{block}"))
    lab.ready()
    with lab.client() as client:
        rows = client.call(m.CpuList(), m.CpuRows).rows
        assert {row.index: row.queues for row in rows} == {
            0: (), 1: ("dpdk0:rx0", "dpdk0:tx0"), 2: (),
        }  # fmt: skip
        assert client.call(m.InfoGet(), m.Info).n_workers == 2
    assert "Worker cpu2: lcore 2, no queue of its own" in lab.log()


def test_every_list_of_the_protocol_is_answered_by_the_real_core(lab: Lab) -> None:
    lab.ready()
    key = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=80)
    dest = m.DestSpec(addr="10.0.0.48", port=80, forward="fullnat")
    laddr = m.LaddrSpec(addr="10.0.0.200", dev="dpdk0")
    batch = m.Batch(requests=[
        m.ServiceAdd(key=key, spec=m.ServiceSpec(scheduler="rr")),
        m.DestAdd(service=key, dest=dest),
        m.LaddrAdd(service=key, laddr=laddr),
    ])  # fmt: skip
    with lab.client() as client:
        assert client.call(batch, m.BatchDone) == m.BatchDone(changed=3)
        (row,) = client.call(m.ServiceList(), m.ServiceRows).rows
        assert ([d.spec for d in row.dests], [x.spec for x in row.laddrs]) == ([dest], [laddr])
        link_local, addr = client.call(m.AddrList(), m.AddrRows).rows
        assert addr.sa_free > 60_000
        assert (link_local.spec.scope, link_local.owners) == ("link", ("conf",))
        assert link_local.spec.prefix.startswith("fe80::")
        for request in (m.ConnList(), m.NeighList(), m.CpuList(), m.FlowList(), m.DropList()):
            client.call(request, m.REPLY_OF[type(request)])
        client.call(m.ServiceDel(key=key), m.Ok)
        (row,) = client.call(m.AddrList(), m.AddrRows).rows
        assert row.spec == link_local.spec


KEY = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=80)
LIP = "10.0.0.200"
STANDBY = m.Batch(requests=[
    m.ServiceAdd(key=KEY, spec=m.ServiceSpec(scheduler="rr")),
    m.LaddrAdd(service=KEY, laddr=m.LaddrSpec(addr=LIP, dev="dpdk0", floating=True)),
])  # fmt: skip
NETWORK = m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.1/24", dev="dpdk0"))
TAKE_OVER = m.Batch(requests=[
    m.AddrAdd(addr=m.AddrSpec(prefix=f"{addr}/32", dev="dpdk0")) for addr in ("10.0.0.100", LIP)
])  # fmt: skip


def in_use(client: Client) -> dict[str, bool]:
    rows = client.call(m.AddrList(), m.AddrRows).rows
    return {row.spec.prefix: row.active for row in rows if row.spec.prefix.endswith("/32")}


def test_a_floating_local_address_answers_only_while_it_is_held(lab: Lab) -> None:
    lab.ready()
    with lab.client() as check, Client("vrrp", "keepalived", lab.socket) as vrrp:
        check.call(NETWORK, m.Ok)
        check.call(STANDBY, m.BatchDone)
        assert in_use(check) == {f"{LIP}/32": False}
        assert " 100% packet loss" in lab.ping(LIP).stdout
        vrrp.call(TAKE_OVER, m.BatchDone)
        ip(lab.client_ns, "neigh", "flush", "dev", "c0")
        assert " 0% packet loss" in lab.ping(LIP).stdout
        vrrp.call(m.AddrDel(prefix=f"{LIP}/32", dev="dpdk0"), m.Ok)
        ip(lab.client_ns, "neigh", "flush", "dev", "c0")
        assert " 100% packet loss" in lab.ping(LIP).stdout
        assert in_use(check) == {f"{LIP}/32": False, "10.0.0.100/32": True}


def test_another_station_that_takes_over_ends_the_lease_of_one_that_is_gone(lab: Lab) -> None:
    process = lab.ready()
    enter_client = [*enter(lab.client_ns), "sh", "-c"]
    notify = "echo 1 > /proc/sys/net/ipv4/conf/c0/arp_notify"  # a changed MAC is announced
    subprocess.run([*enter_client, notify], check=True)
    with lab.client() as check:
        check.call(NETWORK, m.Ok)
        check.call(STANDBY, m.BatchDone)
        with Client("vrrp", "keepalived", lab.socket) as vrrp:
            vrrp.call(m.LeaseSet(lease_ms=600_000), m.Ok)
            vrrp.call(TAKE_OVER, m.BatchDone)
            assert " 0% packet loss" in lab.ping("10.0.0.100").stdout
            ip(lab.client_ns, "addr", "add", "10.0.0.100/32", "dev", "c0")
            ip(lab.client_ns, "link", "set", "c0", "address", "02:00:00:00:00:98")
            line = "another station, 02:00:00:00:00:98, answers for 10.0.0.100 of dpdk0"
            lab.wait_for(line, process)
            row = check.call(m.AddrList(), m.AddrRows).rows[-1]
            assert (row.claimed_by, row.active) == ("02:00:00:00:00:98", True)
        ip(lab.client_ns, "link", "set", "c0", "address", "02:00:00:00:00:99")
        lab.wait_for("the lease of keepalived has ended: removed its 2 addresses", process)
        assert in_use(check) == {f"{LIP}/32": False}


def test_killed_it_starts_again_and_linux_has_kept_its_side(lab: Lab) -> None:
    process = lab.ready()
    with lab.client() as client:
        first = client.welcome.instance
        client.call(m.Ready(), m.Ok)
        assert client.call(m.InfoGet(), m.Info).ready == ("cli",)
    ip(lab.core_ns, "addr", "add", "192.168.50.77/32", "dev", "dpdk0.kni")
    index = re.match(r"\d+", lab.kernel_port())
    lab.stop(process, signal.SIGKILL)
    assert "NO-CARRIER" in lab.kernel_port()
    assert Path(lab.socket).exists()
    lab.ready()
    assert "Kernel port dpdk0.kni: net_tap (no /dev/vhost-net), taken over" in lab.log() or (
        Path("/dev/vhost-net").exists()
    )
    with lab.client() as client:
        assert client.welcome.instance != first
        assert client.call(m.InfoGet(), m.Info).ready == ()  # nothing is in this one yet
    shown = lab.kernel_port()
    assert re.match(r"\d+", shown) == index or (index is not None and shown.startswith(index[0]))
    for text in ("192.168.50.2/24", "192.168.50.77/32", "LOWER_UP"):
        assert text in shown
    assert "via 192.168.50.1" in ip(lab.core_ns, "route", "show", "172.31.0.0/16")


def test_a_second_one_says_why_not_and_the_first_goes_on(lab: Lab) -> None:
    lab.ready()
    second = lab.start()
    assert second.wait(START_S) == 1
    assert "dpvs is already running" in lab.log()
    third = lab.start("-p", str(lab.path / "other.pid"))
    assert third.wait(START_S) == 1
    assert "is in use by process" in lab.log()
    with lab.client() as client:
        client.call(m.InfoGet(), m.Info)


FAILURES = {
    "a missing device": (("iface=lb0", "iface=nosuch0"), "dpvs cannot run: "),
    "too little memory": (("pktpool_size 16383", "pktpool_size 134217727"), "too little memory"),
    "a file with errors": (("tx_queue_ids 0", ""), "expected at least one queue"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_cannot_start_says_so_and_leaves_nothing(lab: Lab, name: str) -> None:
    (was, becomes), line = FAILURES[name]
    lab.conf.write_text(CONF.replace(was, becomes))
    assert lab.start().wait(START_S) == 1
    assert line in lab.log(), lab.log()
    assert not Path(lab.socket).exists() and not lab.pid_file.exists()


def test_sighup_takes_what_it_can(lab: Lab) -> None:
    process = lab.ready()
    lab.conf.write_text(CONF.replace("established 90", "established 91"))
    process.send_signal(signal.SIGHUP)
    lab.wait_for("Reload: .* is in force", process)
    assert "need a restart" not in lab.log()
    lab.conf.write_text(CONF.replace("pktpool_size 16383", "pktpool_size 32767"))
    process.send_signal(signal.SIGHUP)
    lab.wait_for("Reload: changes of pktpool_size need a restart", process)
    lab.conf.write_text("worker_defs {")
    process.send_signal(signal.SIGHUP)
    lab.wait_for("has errors: nothing was changed", process)
    assert process.poll() is None


def test_in_the_background_the_parent_waits_until_it_is_ready(lab: Lab) -> None:
    parent = lab.start("-d")
    assert parent.wait(START_S) == 0, lab.log()
    pid = int(lab.pid_file.read_text())
    with lab.client() as client:
        assert client.call(m.InfoGet(), m.Info).pid == pid
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not lab.pid_file.exists()


def test_kernel_ports_are_removed_on_demand(lab: Lab) -> None:
    process = lab.ready()
    refused = lab.start("--remove-kernel-ports")
    assert refused.wait(START_S) == 1
    assert "another process is attached" in lab.log()
    lab.stop(process)
    assert lab.start("--remove-kernel-ports").wait(START_S) == 0
    assert "dpdk0.kni" not in ip(lab.core_ns, "link")
    assert "dpdk0.kni: removed" in lab.log()


def test_idle_it_costs_almost_nothing(lab: Lab) -> None:
    process = lab.ready()

    def main_thread_s() -> float:
        """CPU seconds of the master's thread alone (workers back off by a setting)."""
        fields = Path(f"/proc/{process.pid}/task/{process.pid}/stat").read_text().split(") ")[1]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    with lab.client() as client:
        client.call(m.InfoGet(), m.Info)
        before, started = main_thread_s(), time.monotonic()
        while time.monotonic() < started + 2.0:
            time.sleep(0.1)
        assert main_thread_s() - before < 0.1
