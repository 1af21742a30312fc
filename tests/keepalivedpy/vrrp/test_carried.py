"""What an instance is given of its configuration: routes that would be others are not made."""

import pytest

from keepalivedpy.model.root import Root
from keepalivedpy.model.routing import Encap, Metric, Nexthop
from keepalivedpy.model.trackers import Track
from keepalivedpy.model.vrrp import UnicastPeer, VirtualAddress, VirtualRoute, VrrpInstance
from keepalivedpy.vrrp.carried import left_out, needed
from keepalivedpy.vrrp.part import vrrp_part

PLAIN = VirtualRoute(prefix="10.9.0.0/16", via="10.0.0.2", metric=7)
OTHERS = {
    "type blackhole": {"kind": "blackhole"},
    "table": {"table": 100},
    "tos": {"tos": 8},
    "nexthop": {"nexthops": (Nexthop(via="10.0.0.3"),)},
    "encap": {"encap": Encap(kind="mpls", labels=(1,))},
    "from": {"from_prefix": "10.0.0.0/8"},
    "vrf": {"vrf": "blue"},
    "onlink": {"onlink": True},
    "add, append or prepend": {"op": "append"},
}
LESS = {"mtu": {"mtu": Metric(1400)}, "quickack": {"quickack": True}, "protocol": {"protocol": 4}}


def route(**fields: object) -> VirtualRoute:
    return VirtualRoute(prefix="10.9.0.0/16", via="10.0.0.2", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("word, fields", OTHERS.items(), ids=OTHERS)
def test_another_route_is_not_made(word: str, fields: dict[str, object]) -> None:
    other = route(**fields)
    assert (needed(other), left_out(other)) == ([word], [])
    instance = VrrpInstance(
        name="V", interface="eth0", virtual_router_id=1, virtual_routes=(PLAIN, other)
    )
    part = vrrp_part(Root(vrrp_instances=(instance,), static_routes=(other, PLAIN)))
    assert part.instances[0].virtual_routes == (PLAIN,)
    assert part.static_routes == (PLAIN,)


@pytest.mark.parametrize("word, fields", LESS.items(), ids=LESS)
def test_a_route_is_made_without_its_metrics(word: str, fields: dict[str, object]) -> None:
    less = route(**fields)
    assert (needed(less), left_out(less)) == ([], [word])
    assert vrrp_part(Root(static_routes=(less,))).static_routes == (less,)


def test_a_weighted_interface_makes_no_fault() -> None:
    tracks = (Track("eth1"), Track("eth2", 0), Track("eth3", 5), Track("eth4", 0, True))
    instance = VrrpInstance(name="V", interface="eth0", virtual_router_id=1, track_interface=tracks)
    (found,) = vrrp_part(Root(vrrp_instances=(instance,))).instances
    assert found.track_interface == tracks[:2]


def test_an_instance_without_interface_does_not_run() -> None:
    instance = VrrpInstance(name="V", virtual_router_id=1, mcast_src_ip="10.0.0.1")
    assert vrrp_part(Root(vrrp_instances=(instance,))).instances == ()


def test_words_of_addresses_and_peers() -> None:
    address = VirtualAddress(addr="10.0.0.1", prefixlen=32, peer="10.0.0.2", preferred_lft_s=0)
    assert left_out(address) == ["peer", "preferred_lft"]
    assert left_out(VirtualAddress(addr="10.0.0.1", prefixlen=32, dev="eth0", sapool=True)) == []
    assert left_out(UnicastPeer("10.0.0.1", 0, 255)) == ["min_ttl", "max_ttl"]
