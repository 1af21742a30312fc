"""From configuration to services."""

import msgspec
import pytest

from dpvs_core.control.messages import (
    DestAdd,
    DestSpec,
    LaddrSpec,
    ServiceAdd,
    ServiceKey,
    ServiceMatch,
    ServiceSpec,
)
from keepalivedpy.lvs.backend_dpvs import describe
from keepalivedpy.lvs.names import RsKey, blocks, rs_key, vs_name
from keepalivedpy.lvs.part import checker_part
from keepalivedpy.lvs.plan import Planner, WantedService, full_spec
from keepalivedpy.lvs.pool import Pool
from keepalivedpy.model.lvs import VirtualServer, VirtualServerGroup
from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from tests.keepalivedpy import lvs_models as models

A = "10.0.0.1"
LIPS = (LaddrSpec(addr="192.0.2.200", dev="dpdk0"), LaddrSpec(addr="192.0.2.201", dev="dpdk0"))


def plan(*virtual_servers: VirtualServer) -> dict[ServiceKey, WantedService]:
    """With every server alive."""
    part = checker_part(models.root(*virtual_servers))
    pools = {
        vs_id: Pool(alive=frozenset(rs_key(rs) for rs in vs.real_servers))
        for vs_id, vs in blocks(virtual_servers).items()
    }
    return Planner(part).plan(pools)


def test_the_tutorials_service() -> None:
    key = ServiceKey(proto="tcp", addr=models.VIP, port=80)
    assert plan(models.virtual_server(models.server(A))) == {
        key: WantedService(
            key=key,
            spec=ServiceSpec(scheduler="rr"),
            laddrs=LIPS,
            dests=(DestSpec(addr=A, port=80, forward="fullnat", weight=100),),
        )
    }


def test_a_group_is_one_service_an_address_and_port() -> None:
    keys = plan(models.virtual_server(models.server(A), addr=None, group="web", protocol="UDP"))
    assert [(key.proto, key.addr, key.port) for key in keys] == [
        ("udp", "192.0.2.100", 80), ("udp", "192.0.2.101", 80),
        ("udp", "192.0.2.100", 443), ("udp", "192.0.2.101", 443)]  # fmt: skip


def test_a_match_is_a_service_without_an_address() -> None:
    vs = models.virtual_server(
        models.server(A, port=0), addr=None, port=0, match="SNAT1", protocol="ICMP",
        lb_kind="SNAT", laddr_group_name=None, src_range="192.168.0.0-192.168.0.255", oif="dpdk1",
    )  # fmt: skip
    (key, service), *_ = plan(vs).items()
    match = ServiceMatch(src_range="192.168.0.0-192.168.0.255", oif="dpdk1")
    assert key == ServiceKey(proto="icmp", addr="", port=0, match=match)
    assert service.dests == (DestSpec(addr=A, port=0, forward="snat", weight=100),)
    assert vs_name(vs) == "[match SNAT1]:icmp:0"
    assert describe(ServiceAdd(key=key)) == (
        "service.add match proto=icmp,src-range=192.168.0.0-192.168.0.255,oif=dpdk1"
    )


def test_an_ipv6_service_may_have_servers_of_either_family() -> None:
    """S-010, S-011: NAT64 is an IPv6 address with IPv4 servers."""
    vs = models.virtual_server(
        models.server(A), models.server("2001:DB8::0:2"), addr="2001:db8:0::254"
    )
    (service,) = plan(vs).values()
    assert service.key.addr == "2001:db8::254"
    assert [dest.addr for dest in service.dests] == [A, "2001:db8::2"]
    change = DestAdd(service=service.key, dest=service.dests[1])
    assert describe(change) == "dest.add [2001:db8::2]:80 of [2001:db8::254]:tcp:80"


@pytest.mark.parametrize(
    ("lb_kind", "forward"),
    [("NAT", "masq"), ("DR", "route"), ("TUN", "tunnel"), ("FNAT", "fullnat"), ("SNAT", "snat")],
)
def test_kinds_are_forwarding_methods(lb_kind: str, forward: str) -> None:
    """K-007."""
    (service,) = plan(models.virtual_server(models.server(A), lb_kind=lb_kind)).values()
    assert service.dests[0].forward == forward


def test_settings_reach_their_fields() -> None:
    vs = models.virtual_server(
        models.server(A, lb_kind="DR", uthreshold=9, lthreshold=3), protocol="UDP",
        persistence_timeout_s=50, persistence_granularity="255.255.255.0", establish_timeout_s=7,
        ops=True, syn_proxy=True, expire_quiescent_conn=True, quic=True, hash_target="qid",
        proxy_protocol="v2", lb_algo="conhash", laddr_group_name=None,
    )  # fmt: skip
    (service,) = plan(vs).values()
    assert full_spec(vs) == ServiceSpec(
        scheduler="conhash", persistent_s=50, netmask="255.255.255.0", conn_timeout_s=7, ops=True,
        synproxy=True, expire_quiescent=True, quic=True, hash_target="qid", proxy_protocol="v2",
    )  # fmt: skip
    # what the core does not carry yet is left out: it would refuse the whole service
    carried = ServiceSpec(
        scheduler="conhash", conn_timeout_s=7, expire_quiescent=True, ops=True
    )  # fmt: skip
    assert service.spec == carried
    (dest,) = service.dests
    assert (dest.forward, dest.upper_threshold, dest.lower_threshold) == ("route", 9, 3)
    assert service.laddrs == ()


@pytest.mark.parametrize("protocol", ["TCP", "SCTP"])
def test_ops_is_for_datagrams(protocol: str) -> None:
    """The core would refuse the service; LVS ignores the word."""
    vs = models.virtual_server(models.server(A), protocol=protocol, ops=True)
    (service,) = plan(vs).values()
    assert not service.spec.ops


def test_two_blocks_of_one_service_are_added_up() -> None:
    again = models.virtual_server(models.server("10.0.0.2"), lb_algo="wlc")
    (service,) = plan(models.virtual_server(models.server(A)), again).values()
    assert service.spec.scheduler == "rr"
    assert [dest.addr for dest in service.dests] == [A, "10.0.0.2"]


def test_addresses_have_one_spelling() -> None:
    (service,) = plan(models.virtual_server(models.server("2001:DB8::0:1"))).values()
    assert service.dests[0].addr == "2001:db8::1"


def test_a_local_address_floats_with_its_instance() -> None:
    service = models.virtual_server(models.server(A))
    instance = VrrpInstance(
        name="VI_1", interface="dpdk0.kni", dpdk_interface="dpdk0", virtual_router_id=1,
        virtual_ipaddress=(VirtualAddress(addr=models.VIP, prefixlen=32),),
    )  # fmt: skip
    root = msgspec.structs.replace(models.root(service), vrrp_instances=(instance,))
    (planned,) = Planner(checker_part(root)).plan({}).values()
    assert planned.laddrs == tuple(msgspec.structs.replace(lip, floating=True) for lip in LIPS)


def test_what_did_not_change_is_the_same_object() -> None:
    one, two = models.virtual_server(models.server(A)), models.virtual_server(port=81)
    part = checker_part(models.root(one, two))
    planner = Planner(part)
    ids = list(blocks([one, two]))
    first = planner.plan({vs_id: Pool() for vs_id in ids})
    second = planner.plan({ids[0]: Pool(alive=frozenset({RsKey(A, 80)})), ids[1]: Pool()})
    same = [first[key] is second[key] for key in first]
    assert same == [False, True]


def test_a_reload_plans_what_stayed_as_the_same_object() -> None:
    stays, goes = models.virtual_server(models.server(A)), models.virtual_server(port=81)
    comes = models.virtual_server(models.server(A), port=81)
    pools = {vs_id: Pool() for vs_id in blocks([stays, goes])}
    before = Planner(checker_part(models.root(stays, goes)))
    first = before.plan(pools)
    second = Planner(checker_part(models.root(comes, stays)), before).plan(pools)
    assert {key.port: first[key] is second[key] for key in second} == {80: True, 81: False}


GROUPS = {
    "local addresses": {"local_address_groups": ()},
    "a group's addresses": {"virtual_server_groups": (VirtualServerGroup(name="web", entries=()),)},
    "what follows VRRP": {"floating": frozenset({"192.0.2.200"})},
}


@pytest.mark.parametrize("change", GROUPS.values(), ids=GROUPS)
def test_a_reload_plans_again_where_a_group_changed(change: dict[str, object]) -> None:
    part = checker_part(
        models.root(models.virtual_server(models.server(A), addr=None, group="web"))
    )
    changed = msgspec.structs.replace(part, **change)
    before, pools = Planner(part), {vs_id: Pool() for vs_id in blocks(part.virtual_servers)}
    first = before.plan(pools)
    assert Planner(changed, before).plan(pools) == Planner(changed).plan(pools) != first
