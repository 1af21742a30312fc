"""Configuration under load, measured as a client of a running dpvs sees it.

`measure` publishes thousands of services in one batch, changes every weight in another while a
second connection asks for an address every 10 ms, and takes away what it made. Requests are
encoded before the clock starts, and threads that wait for an answer leave the interpreter alone.

    python -m tests.bench.control_load /var/run/dpvs.ipc --dev dpdk0
"""

import argparse
import itertools
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from dpvs_core.control import codec
from dpvs_core.control import messages as m
from dpvs_core.control.client import Client

N_SERVICES, N_DESTS = 10_000, 4
PROBE_PERIOD_S = 0.01
N_SINGLE_EDITS = 100
TIMEOUT_S = 120.0
VIPS = "198.18"  # RFC 2544: nobody's addresses
SERVERS = "198.19.255"
PROBED = "198.19.254.1/32"

Measured = dict[str, Any]


def service_keys(n: int) -> list[m.ServiceKey]:
    """Distinct addresses, 250 a /24, and after 64,000 the next port."""
    return [
        m.ServiceKey(
            proto="tcp", addr=f"{VIPS}.{i // 250 % 256}.{i % 250 + 1}", port=80 + i // 64_000
        )
        for i in range(n)
    ]


def dest(number: int, weight: int) -> m.DestSpec:
    return m.DestSpec(addr=f"{SERVERS}.{number + 1}", port=80, forward="fullnat", weight=weight)


def additions(
    keys: Sequence[m.ServiceKey], n_dests: int, laddrs: Sequence[m.LaddrSpec], scheduler: str
) -> list[m.Change]:
    changes: list[m.Change] = []
    for key in keys:
        changes.append(m.ServiceAdd(key=key, spec=m.ServiceSpec(scheduler=scheduler)))
        changes += [m.LaddrAdd(service=key, laddr=laddr) for laddr in laddrs]
        changes += [m.DestAdd(service=key, dest=dest(d, 1)) for d in range(n_dests)]
    return changes


def weights(keys: Sequence[m.ServiceKey], n_dests: int, weight: int) -> list[m.Change]:
    return [
        m.DestEdit(service=key, dest=dest(d, weight + d % 2))
        for key in keys
        for d in range(n_dests)
    ]


def timed_ms(
    client: Client,
    requests: Sequence[m.Change],
    meanwhile: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> float:
    """From the request to the answer, which comes when the core has all of it."""
    frame = codec.encode(m.Batch(requests=list(requests)))
    with meanwhile():
        start_s = time.perf_counter()
        done = client.exchange(frame)
        took_ms = 1e3 * (time.perf_counter() - start_s)
    if not isinstance(done, m.BatchDone) or done.changed != len(requests):
        raise AssertionError(f"{len(requests)} requests were answered by {done}")
    return took_ms


@contextmanager
def probing(ask: Callable[[], None], period_s: float) -> Iterator[list[float]]:
    """Calls `ask` from a thread of its own meanwhile; how long each took, in milliseconds."""
    took_ms: list[float] = []
    failed: list[BaseException] = []
    stop = threading.Event()

    def probe() -> None:
        try:
            while not stop.is_set():
                start_s = time.perf_counter()
                ask()
                took_ms.append(1e3 * (time.perf_counter() - start_s))
                if period_s:
                    stop.wait(period_s)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=probe)
    thread.start()
    try:
        yield took_ms
    finally:
        stop.set()
        thread.join()
        if failed:
            raise failed[0]


def spread(took_ms: Sequence[float]) -> Measured:
    """Median, 99th percentile, worst, and of how many."""
    ordered = sorted(took_ms)
    return {
        "p50_ms": statistics.median(ordered),
        "p99_ms": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        "max_ms": ordered[-1],
        "n": len(ordered),
    }


def address_requests(client: Client, dev: str) -> Callable[[], None]:
    """Adds an address and takes it away again, in turn."""
    add = m.AddrAdd(addr=m.AddrSpec(prefix=PROBED, dev=dev))
    delete = m.AddrDel(prefix=PROBED, dev=dev)
    requests: Iterator[m.Change] = itertools.cycle((add, delete))

    def ask() -> None:
        client.call(next(requests), m.Ok)

    return ask


def single_edits(client: Client, key: m.ServiceKey, n: int) -> list[float]:
    """Milliseconds of one weight's change each, among all the services."""
    took_ms = []
    for i in range(n):
        start_s = time.perf_counter()
        client.call(m.DestEdit(service=key, dest=dest(0, 10 + i)), m.Ok)
        took_ms.append(1e3 * (time.perf_counter() - start_s))
    return took_ms


def measure(
    socket_path: str,
    n_services: int = N_SERVICES,
    n_dests: int = N_DESTS,
    dev: str = "dpdk0",
    laddrs: Sequence[m.LaddrSpec] = (),
    scheduler: str = "wrr",
    during_weights: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Measured:
    """All figures, in milliseconds; the director is left as it was found.

    `during_weights` is entered when a batch of weights is sent and left when it is answered (for
    who watches the packets meanwhile). Raises CoreError if the core refuses anything: room for
    the dests?
    """
    keys = service_keys(n_services)
    measured: Measured = {"n_services": n_services, "n_dests": n_services * n_dests}
    with (
        Client("check", "control-load", socket_path, TIMEOUT_S) as client,
        Client("vrrp", "control-load-probe", socket_path, TIMEOUT_S) as prober,
    ):
        before = client.call(m.InfoGet(), m.Info).n_services
        changes = additions(keys, n_dests, laddrs, scheduler)
        measured["add_ms"] = timed_ms(client, changes)
        try:
            there = client.call(m.InfoGet(), m.Info).n_services
            if there != before + n_services:
                raise AssertionError(f"{there - before} services instead of {n_services}")
            changes = weights(keys, n_dests, 2)
            with probing(address_requests(prober, dev), PROBE_PERIOD_S) as took_ms:
                measured["weights_ms"] = timed_ms(client, changes, during_weights)
            measured["addr_meanwhile"] = spread(took_ms)
            with probing(lambda: void(prober.call(m.InfoGet(), m.Info)), 0) as took_ms:
                timed_ms(client, weights(keys, n_dests, 4))
            measured["longest_block_ms"] = max(took_ms)  # the loop answers nobody sooner
            measured["single_edit"] = spread(single_edits(client, keys[0], N_SINGLE_EDITS))
        finally:
            drop_probed(prober, dev)
            removals = [m.ServiceDel(key=key) for key in keys]
            measured["remove_ms"] = timed_ms(client, removals)
    return measured


def void(_value: object) -> None:
    """Take no notice of it."""


def drop_probed(client: Client, dev: str) -> None:
    """The address that the last turn may have left."""
    rows = client.call(m.AddrList(dev=dev), m.AddrRows).rows
    if any(row.spec.prefix == PROBED for row in rows):
        client.call(m.AddrDel(prefix=PROBED, dev=dev), m.Ok)


def main() -> None:
    parser = argparse.ArgumentParser(description="configuration under load of a running dpvs")
    parser.add_argument("socket", nargs="?", default=m.DEFAULT_SOCKET)
    parser.add_argument("--services", type=int, default=N_SERVICES)
    parser.add_argument("--dests", type=int, default=N_DESTS, help="of each service")
    parser.add_argument("--dev", default="dpdk0", help="where an address is asked for meanwhile")
    parser.add_argument("--scheduler", default="wrr")
    args = parser.parse_args()
    measured = measure(args.socket, args.services, args.dests, args.dev, scheduler=args.scheduler)
    print(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
