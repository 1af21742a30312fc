"""Forty thousand servers: a reload that changes nothing asks nothing, one weight asks one thing."""

import msgspec
import pytest

from dpvs_core.control.messages import DestEdit
from keepalivedpy.lvs.names import blocks
from keepalivedpy.lvs.part import checker_part
from keepalivedpy.lvs.plan import Planner, WantedService
from keepalivedpy.lvs.pool import Pool, servers
from keepalivedpy.lvs.reconcile import reconcile
from keepalivedpy.model.checks import TcpCheck
from keepalivedpy.model.lvs import RealServer, VirtualServer
from keepalivedpy.model.root import Root
from tests.keepalivedpy.core_model import CoreModel

N_SERVICES = 1_000
N_SERVERS = 40


def configuration() -> Root:
    return Root(
        virtual_servers=tuple(
            VirtualServer(
                addr=f"10.0.{n // 250}.{n % 250}",
                port=80,
                lb_algo="rr",
                real_servers=tuple(
                    RealServer(addr=f"10.1.0.{i + 1}", port=n + 1, checkers=(TcpCheck(),))
                    for i in range(N_SERVERS)
                ),
            )
            for n in range(N_SERVICES)
        )
    )


def planned(root: Root) -> list[WantedService]:
    """All servers in use."""
    part = checker_part(root)
    pools = {
        vs_id: Pool(alive=frozenset(servers(vs)), quorum_up=True)
        for vs_id, vs in blocks(part.virtual_servers).items()
    }
    return list(Planner(part).plan(pools).values())


@pytest.fixture(scope="module")
def programmed() -> CoreModel:
    core = CoreModel()
    for change in reconcile(planned(configuration()), []):
        core.apply(change, "check")
    return core


def test_a_reload_without_change_asks_nothing(programmed: CoreModel) -> None:
    assert len(programmed.services) == N_SERVICES
    assert reconcile(planned(configuration()), programmed.rows()) == []


def test_one_weight_of_forty_thousand_asks_one_thing(programmed: CoreModel) -> None:
    root = configuration()
    *others, last = root.virtual_servers
    *real, changed = last.real_servers
    edited = msgspec.structs.replace(changed, weight=7)
    service = msgspec.structs.replace(last, real_servers=(*real, edited))
    new = msgspec.structs.replace(root, virtual_servers=(*others, service))
    (change,) = reconcile(planned(new), programmed.rows())
    assert isinstance(change, DestEdit)
    assert (change.dest.addr, change.dest.port, change.dest.weight) == (
        "10.1.0.40",
        N_SERVICES,
        7,
    )
