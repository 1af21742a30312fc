"""What a plan says of each kind of difference."""

from pathlib import Path

import pytest

from keepalivedpy.config.load import load
from keepalivedpy.model.lvs import LocalAddressGroup, RealServer, VirtualServer, VirtualServerGroup
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.plan import changes as plan
from keepalivedpy.plan.changes import changes
from keepalivedpy.plan.screen import lines

BASE = """\
local_address_group g1 {
  192.0.2.201-202 dpdk0
}
virtual_server_group web {
  192.0.2.250 80
}
static_ipaddress {
  192.0.2.9/24 dev dpdk0
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass secret
    }
    virtual_ipaddress {
        192.0.2.254
        192.0.2.253
    }
}
vrrp_sync_group VG_1 {
    group {
        VI_1
    }
}
virtual_server 192.0.2.254 80 {
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    laddr_group_name g1
    real_server 198.51.100.2 80 {
        weight 100
        TCP_CHECK {
            connect_timeout 5
        }
    }
    real_server 198.51.100.3 80 {
        weight 100
    }
}
"""
END = "Plan: {} to add, {} to change, {} to remove"

CASES: dict[str, tuple[str, str, list[str]]] = {
    "a weight": (
        "weight 100\n        TCP",
        "weight 50\n        TCP",
        [
            "  ~ virtual_server [192.0.2.254]:tcp:80",
            "      ~ real_server 198.51.100.2 80",
            "          weight: 100 -> 50",
            END.format(0, 1, 0) + ".",
        ],
    ),
    "a check": (
        "connect_timeout 5",
        "connect_timeout 4",
        [
            "  ~ virtual_server [192.0.2.254]:tcp:80",
            "      ~ real_server 198.51.100.2 80",
            "          TCP_CHECK: - TCP_CHECK { connect_timeout 5 retry 1 delay_before_retry 1 }, "
            "+ TCP_CHECK { connect_timeout 4 retry 1 delay_before_retry 1 }",
            END.format(0, 1, 0) + ".",
        ],
    ),
    "a server that goes": (
        "    real_server 198.51.100.3 80 {\n        weight 100\n    }\n",
        "",
        [
            "  ~ virtual_server [192.0.2.254]:tcp:80",
            f"      - real_server 198.51.100.3 80   DISRUPTS: {plan.CUT}",
            END.format(0, 1, 0) + "; 1 would disrupt traffic.",
        ],
    ),
    "another service": (
        "virtual_server 192.0.2.254 80",
        "virtual_server 192.0.2.254 81",
        [
            "  + virtual_server [192.0.2.254]:tcp:81",
            "  - virtual_server [192.0.2.254]:tcp:80   DISRUPTS: "
            "nobody serves it any more; connections end at their next packet",
            END.format(1, 0, 1) + "; 1 would disrupt traffic.",
        ],
    ),
    "an address that comes": (
        "        192.0.2.253\n",
        "        192.0.2.253\n        192.0.2.252/24\n",
        [
            "  ~ vrrp_instance VI_1",
            "      virtual_ipaddress: + 192.0.2.252/24",
            END.format(0, 1, 0) + ".",
        ],
    ),
    "an address that goes": (
        "        192.0.2.253\n",
        "",
        [
            "  ~ vrrp_instance VI_1",
            "      virtual_ipaddress: - 192.0.2.253/32   "
            "DISRUPTS: clients of an address that goes lose it",
            END.format(0, 1, 0) + "; 1 would disrupt traffic.",
        ],
    ),
    "another VRID": (
        "virtual_router_id 51",
        "virtual_router_id 52",
        [
            "  ~ vrrp_instance VI_1",
            f"      virtual_router_id: 51 -> 52   DISRUPTS: {plan.ANEW}",
            END.format(0, 1, 0) + "; 1 would disrupt traffic.",
        ],
    ),
    "another password is not shown": (
        "auth_pass secret",
        "auth_pass hidden",
        [
            "  ~ vrrp_instance VI_1",
            f"      authentication: *** -> ***   DISRUPTS: {plan.PARTNER}",
            END.format(0, 1, 0) + "; 1 would disrupt traffic.",
        ],
    ),
    "a local address that goes": (
        "192.0.2.201-202 dpdk0",
        "192.0.2.201 dpdk0",
        [
            "  ~ local_address_group g1",
            "      local_address_group: - 192.0.2.201-192.0.2.202 dpdk0, + 192.0.2.201 dpdk0   "
            "DISRUPTS: connections over a local address that goes end",
            END.format(0, 1, 0) + "; 1 would disrupt traffic.",
        ],
    ),
    "a static address that goes": (
        "  192.0.2.9/24 dev dpdk0\n",
        "",
        [
            "  ~ static_ipaddress",
            f"      static_ipaddress: - 192.0.2.9/24 dev dpdk0   DISRUPTS: {plan.STATIC}",
            END.format(0, 1, 0) + "; 1 would disrupt traffic.",
        ],
    ),
    "only other lines": (
        "local_address_group g1",
        "\n# a remark\nlocal_address_group g1",
        ["Plan: nothing to do, the configurations are equal."],
    ),
}


def read(path: Path, text: str) -> Root:
    path.write_text(text)
    result = load(str(path))
    assert result.errors == ()
    return result.root


@pytest.mark.parametrize("name", CASES)
def test_a_difference_and_its_words(name: str, tmp_path: Path) -> None:
    before, after, expected = CASES[name]
    assert BASE.count(before) == 1
    old = read(tmp_path / "old.conf", BASE)
    new = read(tmp_path / "new.conf", BASE.replace(before, after))
    assert list(lines(changes(old, new))) == expected


def test_an_empty_configuration_gains_and_loses_everything(tmp_path: Path) -> None:
    full = read(tmp_path / "full.conf", BASE)
    came, went = changes(Root(), full), changes(full, Root())
    assert [one.verb for one in came if one.what != "static_ipaddress"] == ["add"] * 5
    assert [one.verb for one in went if one.what != "static_ipaddress"] == ["remove"] * 5
    assert not any(one.is_disruptive for one in came)
    assert {one.what.split()[0] for one in went if one.is_disruptive} == {
        "vrrp_instance",
        "virtual_server",
        "static_ipaddress",
    }


KINDS = [
    (plan.REAL_SERVER, RealServer),
    (plan.VIRTUAL_SERVER, VirtualServer),
    (plan.VRRP_INSTANCE, VrrpInstance),
    (plan.ADDRESS_GROUP, LocalAddressGroup),
    (plan.SERVICE_GROUP, VirtualServerGroup),
]


@pytest.mark.parametrize(("kind", "model"), KINDS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_tables_name_fields_that_there_are(kind: plan.Kind, model: type) -> None:
    named = {*kind.fields, *kind.lists, *kind.inside}
    assert named <= set(model.__struct_fields__)  # type: ignore[attr-defined]
