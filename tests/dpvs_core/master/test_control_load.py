"""The measuring client against a director without packets: figures, and nothing left behind."""

import asyncio
from pathlib import Path
from typing import Any

from dpvs_core.control import messages as m
from dpvs_core.control.server import Server
from tests.bench import control_load

DEADLINE_S = 60.0


def test_it_measures_and_leaves_nothing(bench: Any, tmp_path: Path) -> None:
    bench.do(m.ServiceAdd(key=m.ServiceKey(proto="tcp", addr="10.0.0.100", port=80)))
    before = bench.snapshot()
    laddr = m.LaddrSpec(addr="192.168.100.200", dev="dpdk1")

    async def scenario() -> dict[str, Any]:
        server = Server(bench.service, str(tmp_path / "ipc"))
        await server.start()
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await asyncio.to_thread(
                    control_load.measure, server.path, n_services=20, n_dests=2, laddrs=[laddr]
                )
        finally:
            await server.stop()

    measured = asyncio.run(scenario())
    assert measured["n_dests"] == 40
    assert measured["addr_meanwhile"]["n"] >= 1
    for name in ("add_ms", "weights_ms", "longest_block_ms", "remove_ms"):
        assert measured[name] > 0
    assert bench.snapshot() == before


def test_service_keys_differ() -> None:
    keys = control_load.service_keys(70_000)
    assert len(set(keys)) == 70_000


def test_the_spread_of_answers() -> None:
    assert control_load.spread(list(range(200))) == {
        "p50_ms": 99.5, "p99_ms": 198, "max_ms": 199, "n": 200,
    }  # fmt: skip
