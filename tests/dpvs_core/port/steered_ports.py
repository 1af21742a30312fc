"""Ports of drivers that need nothing of the machine, steered for two workers; prints JSON.

    steered_ports.py [driver,args]...

Each port gets two receive queues, one for each worker, as far as the driver has them.
"""

import json
import sys

from dpvs_core._native import ffi, lib

ERR = ffi.new("char[]", lib.CORE_ERR_BYTES)
N_WORKERS = 2


def checked(result: int) -> int:
    if result < 0:
        raise SystemExit(f"{result}: {ffi.string(ERR).decode()}")
    return result


def add(core, number: int, device: str) -> None:  # type: ignore[no-untyped-def]
    name, _, args = device.partition(",")
    port = checked(lib.eal_vdev_add(name.encode(), args.encode(), ERR))
    info = ffi.new("struct eal_port *")
    checked(lib.eal_port_get(port, info))
    n_queues = min(N_WORKERS, info.max_rx_queues)
    conf = {"name": name.encode(), "port_id": port, "n_rxq": n_queues, "n_txq": n_queues}
    checked(lib.core_device_add(core, ffi.new("struct core_device_conf *", conf), ERR))
    for worker in range(n_queues):
        checked(lib.core_device_poll(core, worker, number, worker, worker))


def main(devices: list[str]) -> None:
    words = ["dpvs", "--no-huge", "-m", "128", "--no-shconf", "--no-pci", "--no-telemetry",
             "--log-level", "lib.eal:4"]  # fmt: skip
    argv = [ffi.new("char[]", word.encode()) for word in words]
    checked(lib.eal_start(len(argv), ffi.new("char *[]", argv), ERR))
    conf = {"n_workers": N_WORKERS, "conn_pool": 64, "max_dests": 4, "max_laddrs": 4,
            "max_nexthops": 64, "lport_pools": 1, "n_mbufs": 4095, "hash_key": 7}  # fmt: skip
    core = lib.core_create(ffi.new("struct core_conf *", conf), ERR)
    if not core:
        raise SystemExit(ffi.string(ERR).decode())
    for number, device in enumerate(devices):
        add(core, number, device)
    checked(lib.core_steer(core))
    checked(lib.core_laddr_add(core, 0, 4, bytes(16)))
    row = ffi.new("struct core_steering *")
    for number in range(len(devices)):
        checked(lib.core_device_steering(core, number, row))
        why = ffi.string(row.why).decode()
        print(json.dumps([row.kind, row.n_entries, row.n_addrs, row.n_refused, why]))
    sys.stdout.flush()
    lib.core_destroy(core)
    checked(lib.eal_stop())


main(sys.argv[1:])
