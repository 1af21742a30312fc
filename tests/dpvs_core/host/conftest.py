"""A director with one leg in 10.0.0.0/24, its neighbours' addresses, and its packets counted."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.dpvs_core.host.plain_core import PlainCore

OUR_MAC = "02:00:00:00:00:01"
OTHER_DEV_MAC = "02:00:00:00:01:01"


@pytest.fixture
def make_core() -> Iterator[Callable[..., "PlainCore"]]:
    pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")
    from tests.dpvs_core.host.plain_core import PlainCore

    cores: list[PlainCore] = []

    def make(**conf: Any) -> PlainCore:
        core = PlainCore(macs=[OUR_MAC, OTHER_DEV_MAC], **conf)
        core.publish([("10.0.0.1", 0), ("10.1.0.1", 1)], [("10.0.0.0/24", 0), ("10.1.0.0/24", 1)])
        cores.append(core)
        return core

    yield make
    for core in cores:
        for dev in range(2):
            core.sent_bytes(dev)
            core.to_kernel(dev)
        waiting = sum(n.state in ("NONE", "SEND") for n in core.neighs())
        left = core.close()
        assert left == 0 or waiting, f"{left} packets leaked"


@pytest.fixture
def core(make_core: Callable[..., "PlainCore"]) -> "PlainCore":
    return make_core(ip4_forwarding=1)
