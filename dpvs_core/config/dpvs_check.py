"""What must hold between the ports and the workers of dpvs.conf (C-053..C-066).

DPVS leaves with "bad lcore configuration (error code: -n)"; here each is an error with its place,
all in one run. Works on the Drafts, which know where everything stands.
"""

from collections.abc import Callable, Iterator
from typing import Any

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader

IF_NAME_MAX_CHARS = 15


def check(root: Draft, reader: Reader) -> None:
    """Report every structural mistake as an error; root is the Draft of the whole file."""
    devices: list[Draft] = _part(root, "netif_defs", "devices")
    workers: list[Draft] = _part(root, "worker_defs", "workers")
    for rule in RULES:
        rule(devices, workers, reader)


def _part(root: Draft, block: str, field: str) -> list[Draft]:
    draft: Draft | None = root.values.get(block)
    found: list[Draft] = draft.values.get(field, []) if draft else []
    return found


def _error(reader: Reader, at: Draft, found: str, expected: str, keyword: str = "") -> None:
    node = at.node_of(keyword) if keyword else at.node
    reader.report(node, found, expected, severity="error", exit_status=1)


def _unique(drafts: list[Draft], field: str, default: Any, reader: Reader, keyword: str) -> None:
    first: dict[Any, Draft] = {}
    for draft in drafts:
        value = draft.values.get(field, default)
        other = first.setdefault(value, draft)
        if other is not draft:
            found = f"{keyword} {value} a second time (first: {other.node.short_place})"
            _error(reader, draft, found, f"another {keyword}", keyword)


def names(devices: list[Draft], workers: list[Draft], reader: Reader) -> None:
    """Every device, worker and lcore once; names that Linux can take."""
    _unique(devices, "name", "", reader, "device")
    _unique(workers, "name", "", reader, "worker")
    _unique(workers, "cpu_id", 0, reader, "cpu_id")
    for device in devices:
        name = device.values["name"]
        if "kni_name" not in device.values and len(f"{name}.kni") > IF_NAME_MAX_CHARS:
            found = f"the kernel port's name {name}.kni"
            _error(reader, device, found, f"at most {IF_NAME_MAX_CHARS} characters: set kni_name")


def roles(devices: list[Draft], workers: list[Draft], reader: Reader) -> None:
    """Ports need workers; one master, at least one slave, at most one kni."""
    if not workers:
        if devices:
            _error(
                reader,
                devices[0],
                f"device {devices[0].values['name']} but no worker",
                "worker_defs with a master and a slave that serves the device's queues",
            )
        return
    by_type: dict[str, list[Draft]] = {"master": [], "slave": [], "kni": []}
    for worker in workers:
        by_type[worker.values.get("type", "slave")].append(worker)
    if not by_type["master"]:
        _error(reader, workers[0], "no worker of type master", "exactly one")
    if not by_type["slave"]:
        _error(reader, workers[0], "no worker of type slave (-7)", "at least one")
    for worker in by_type["kni"]:
        what = "a worker of type kni (the host thread does its work)"
        reader.not_carried_text(worker.node, what)
    for kind in ("master", "kni"):
        for worker in by_type[kind][1:]:
            _error(reader, worker, f"a second worker of type {kind}", "one", "type")


def ports(devices: list[Draft], workers: list[Draft], reader: Reader) -> None:
    """Every slave and kni worker serves every device, with a transmit queue (-5, -6)."""
    known = [device.values["name"] for device in devices]
    for worker in workers:
        if worker.values.get("type", "slave") == "master":
            continue
        served: list[Draft] = worker.values.get("ports", [])
        _unique(served, "device", "", reader, "port")
        for port in served:
            name = port.values["device"]
            if name not in known:
                expected = f"one of the devices: {', '.join(known)}" if known else "a device first"
                _error(reader, port, f"port {name}, which is no device (-5)", expected)
            if not port.values.get("tx_queue_ids"):
                _error(reader, port, f"port {name} without tx_queue_ids (-6)", "at least one queue")
        missing = [name for name in known if name not in {p.values["device"] for p in served}]
        if missing:
            found = f"worker {worker.values['name']} without port {', '.join(missing)} (-6)"
            _error(reader, worker, found, "every device in every slave and kni worker")


def queues(devices: list[Draft], workers: list[Draft], reader: Reader) -> None:
    """The queues of a port: each once over all workers (-2, -3), from 0 without gaps (-4)."""
    for direction in ("rx", "tx"):
        keyword = f"{direction}_queue_ids"
        owner: dict[tuple[str, int], Draft] = {}
        for port, name, queue_id in _queue_ids(workers, keyword):
            other = owner.setdefault((name, queue_id), port)
            if other is not port:
                code = -2 if direction == "rx" else -3
                found = f"queue {queue_id} of {name} in two workers ({code})"
                _error(
                    reader, port, found, f"one worker (the other: {_line(other, keyword)})", keyword
                )
        for name in dict.fromkeys(name for name, _ in owner):
            ids = sorted(queue_id for device, queue_id in owner if device == name)
            if ids != list(range(len(ids))):
                numbers = " ".join(map(str, ids))
                found = f"{direction} queues {numbers} of {name} (-4)"
                _error(reader, owner[name, ids[-1]], found, "0, 1, 2, ... without gaps", keyword)


def _queue_ids(workers: list[Draft], keyword: str) -> Iterator[tuple[Draft, str, int]]:
    for worker in workers:
        for port in worker.values.get("ports", []):
            for queue_id in port.values.get(keyword, ()):
                yield port, port.values["device"], queue_id


def _line(port: Draft, keyword: str) -> str:
    return port.node_of(keyword).short_place


RULES: tuple[Callable[[list[Draft], list[Draft], Reader], None], ...] = (
    names,
    roles,
    ports,
    queues,
)
