"""Which worker polls which queue of a port. Pure.

dpvs.conf gives each worker queues of each port; a port that has fewer (most virtual ones have
one) gives them to the first workers, the others send through one that has a queue (-1), and flows
find their owner by software. How packets are spread over receive queues: steering.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dpvs_core.config.dpvs_model import Worker
from dpvs_core.master.errors import StartError

NONE = -1


@dataclass(frozen=True, slots=True)
class Queues:
    """Of one device: how many, and each worker's (-1: none)."""

    n_rxq: int
    n_txq: int
    rxq: tuple[int, ...]
    txq: tuple[int, ...]


def assign(device: str, workers: Sequence[Worker], max_rx: int, max_tx: int, equal: bool) -> Queues:
    """Queues of `device`; `equal`: the driver wants as many of both (net_tap)."""
    wanted_rx = [_one(worker, device, "rx") for worker in workers]
    wanted_tx = [_one(worker, device, "tx") for worker in workers]
    n_rxq = min(max(1, max(wanted_rx) + 1), max(1, max_rx))
    n_txq = min(max(1, max(wanted_tx) + 1), max(1, max_tx))
    if equal:
        n_rxq = n_txq = min(max(n_rxq, n_txq), max(1, max_rx), max(1, max_tx))
    rxq = tuple(queue if queue < n_rxq else NONE for queue in wanted_rx)
    txq = tuple(queue if queue < n_txq else NONE for queue in wanted_tx)
    if max(rxq) < n_rxq - 1:
        raise StartError(
            f"device {device}: it has {n_rxq} receive queues and the workers poll only "
            f"{max(rxq) + 1}; packets of the others would be lost"
        )
    return Queues(n_rxq, n_txq, rxq, txq)


def _one(worker: Worker, device: str, direction: str) -> int:
    for port in worker.ports:
        if port.device == device:
            ids = port.rx_queue_ids if direction == "rx" else port.tx_queue_ids
            if direction == "rx" and len(ids) > 1:
                raise StartError(
                    f"worker {worker.name} ({worker.place}): several rx_queue_ids of {device}; "
                    "one queue a worker and port is carried"
                )
            return ids[0] if ids else NONE
    return NONE
