"""A director of one device and its kernel port, for tests of the real threads and ports.

    small_director.py DATA_PORT_ARGS [unpolled]

Runs in the caller's network namespace: makes or takes over the persistent tap `dpdk0.kni`, starts
EAL, one worker and the host thread. Address 10.9.0.1 is Linux's, 10.9.0.3 the core's. Answers each
line on stdin ("counts", "link", "threads", "stop") with a line of JSON.
"""

import fcntl
import ipaddress
import json
import os
import struct
import sys
import time
from pathlib import Path

from dpvs_core._native import ffi, lib

TUNSETIFF, TUNSETPERSIST = 0x400454CA, 0x400454CB
IFF_TAP, IFF_MULTI_QUEUE, IFF_NO_PI = 0x0002, 0x0100, 0x1000
KERNEL_PORT = "dpdk0.kni"
ERR = ffi.new("char[]", lib.CORE_ERR_BYTES)


def checked(result: int) -> int:
    if result < 0:
        raise SystemExit(f"{os.strerror(-result)}: {ffi.string(ERR).decode()}")
    return result


def packed(addr: str) -> bytes:
    return ipaddress.ip_address(addr).packed.ljust(16, b"\0")


def make_tap(name: str) -> None:
    """The recipe of port/README.md; taking over an existing one is the same call."""
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    fcntl.ioctl(fd, TUNSETPERSIST, 1)
    os.close(fd)


def start_eal() -> None:
    cpus = ",".join(str(cpu) for cpu in sorted(os.sched_getaffinity(0)))
    words = ["dpvs", "--no-huge", "-m", "256", "--no-shconf", "--no-pci", "--no-telemetry",
             "--lcores", f"0@({cpus}),1@({cpus})", "--log-level", "lib.eal:4"]  # fmt: skip
    argv = [ffi.new("char[]", word.encode()) for word in words]
    checked(lib.eal_start(len(argv), ffi.new("char *[]", argv), ERR))


def kernel_port_devargs(data_port: int) -> tuple[bytes, bytes]:
    """The kernel port has the device's own address."""
    info = ffi.new("struct eal_port *")
    checked(lib.eal_port_get(data_port, info))
    mac = bytes(info.mac).hex(":")
    if Path("/dev/vhost-net").exists():
        args = f"path=/dev/vhost-net,queues=1,queue_size=1024,iface={KERNEL_PORT},mac={mac}"
        return b"virtio_user7", args.encode()
    return b"net_tap7", f"iface={KERNEL_PORT},persist,mac={mac}".encode()


def start_core(data_port: bytes):  # type: ignore[no-untyped-def]  # a cffi pointer
    conf = {"n_workers": 1, "worker_lcore": [1], "conn_pool": 1024, "max_dests": 4,
            "max_laddrs": 4, "max_nexthops": 1024, "lport_pools": 1, "n_mbufs": 4095,
            "mbuf_cache": 64}  # fmt: skip
    core = lib.core_create(ffi.new("struct core_conf *", conf), ERR)
    if not core:
        raise SystemExit(ffi.string(ERR).decode())
    port = checked(lib.eal_vdev_add(b"net_af_packet0", data_port, ERR))
    device = {"name": b"dpdk0", "port_id": port, "n_rxq": 1, "n_txq": 1, "mtu": 1500}
    checked(lib.core_device_add(core, ffi.new("struct core_device_conf *", device), ERR))
    if "unpolled" not in sys.argv:
        checked(lib.core_device_poll(core, 0, 0, 0, 0))
    make_tap(KERNEL_PORT)
    port = checked(lib.eal_vdev_add(*kernel_port_devargs(port), ERR))
    checked(lib.core_device_kernel(core, 0, port, ERR))
    addrs = [
        {"af": 4, "dev": 0, "kind": kind, "laddr_id": lib.CORE_NO_ID, "addr": packed(addr)}
        for addr, kind in (("10.9.0.1", lib.CORE_ADDR_KERNEL), ("10.9.0.3", lib.CORE_ADDR_LOCAL))
    ]
    route = {"af": 4, "plen": 24, "kind": lib.CORE_ROUTE_LINK, "prefix": packed("10.9.0.0")}
    checked(lib.core_fib_publish(core, ffi.new("struct core_addr[]", addrs), 2,
                                 ffi.new("struct core_route[]", [route]), 1))  # fmt: skip
    checked(lib.core_start(core))
    return core


def counts(core) -> dict[str, int]:  # type: ignore[no-untyped-def]
    total: dict[str, int] = {}
    values, name = ffi.new("uint64_t[]", lib.core_n_verdicts()), ffi.new("struct core_verdict *")
    for w in (-1, 0):
        lib.core_verdict_counts(core, w, values)
        for i, n in enumerate(values):
            lib.core_verdict_get(i, name)
            key = ffi.string(name.name).decode()
            total[key] = total.get(key, 0) + n
    return {key: n for key, n in total.items() if n}


def threads() -> dict[str, dict[str, float]]:
    """CPU seconds and CPUs of this process's threads, by name."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        stat = (task / "stat").read_text().rsplit(")", 1)
        fields = stat[1].split()
        ticks = int(fields[11]) + int(fields[12])
        found[stat[0].split("(", 1)[1]] = {
            "cpu_s": ticks / os.sysconf("SC_CLK_TCK"),
            "n_cpus": len(os.sched_getaffinity(int(task.name))),
        }
    return found


def link(core) -> dict[str, object]:  # type: ignore[no-untyped-def]
    out = ffi.new("struct core_link *")
    checked(lib.core_device_link(core, 0, out))
    stats = ffi.new("struct core_worker_stats *")
    lib.core_worker_stats(core, 0, stats)
    return {"driver": ffi.string(out.driver).decode(), "up": out.up, "promisc": out.promisc,
            "ipackets": out.ipackets, "opackets": out.opackets, "loops": stats.loops,
            "mac": bytes(out.mac).hex(":"), "mbuf_inuse": out.mbuf_inuse}  # fmt: skip


def main() -> None:
    start_eal()
    core = start_core(sys.argv[1].encode())
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "stop":
            break
        answer = {"counts": lambda: counts(core), "link": lambda: link(core), "threads": threads}
        print(json.dumps(answer[word]()), flush=True)
    began = time.monotonic()
    checked(lib.core_stop(core))
    stopped_s = time.monotonic() - began
    lib.core_destroy(core)
    checked(lib.eal_stop())
    print(json.dumps({"stopped_s": stopped_s}), flush=True)


main()
