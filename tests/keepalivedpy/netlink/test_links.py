"""The table of links, fed with messages as the kernel sends them."""

from typing import Any

from keepalivedpy.netlink.links import IFF_RUNNING, IFF_UP, LinkTable


class Message(dict[str, Any]):
    def get_attr(self, name: str) -> Any:
        return self.get(name)


def link(index: int, name: str, flags: int, family: int = 0, event: str = "RTM_NEWLINK") -> Message:
    return Message(
        event=event, family=family, index=index, flags=flags, IFLA_IFNAME=name,
        IFLA_ADDRESS="02:00:00:00:00:01",
    )  # fmt: skip


def address(index: int, addr: str, event: str = "RTM_NEWADDR", family: int = 2) -> Message:
    return Message(event=event, family=family, index=index, IFA_LOCAL=addr)


def test_a_link_is_up_with_carrier_only() -> None:
    table = LinkTable()
    assert table.apply(link(2, "dpdk0.kni", IFF_UP))
    found = table.get("dpdk0.kni")
    assert found is not None
    assert not found.up
    assert found.mac == bytes.fromhex("020000000001")
    assert table.apply(link(2, "dpdk0.kni", IFF_UP | IFF_RUNNING))
    found = table.get("dpdk0.kni")
    assert found is not None
    assert found.up
    assert not table.apply(link(2, "dpdk0.kni", IFF_UP | IFF_RUNNING))  # nothing new


def test_addresses_keep_their_order_and_survive_link_messages() -> None:
    table = LinkTable()
    table.apply(link(2, "eth0", IFF_UP))
    for addr in ("10.0.0.9", "10.0.0.1", "10.0.0.5"):
        table.apply(address(2, addr))
    table.apply(address(2, "10.0.0.1", "RTM_DELADDR"))
    table.apply(link(2, "eth0", IFF_UP | IFF_RUNNING))
    found = table.get("eth0")
    assert found is not None
    assert found.addresses == ("10.0.0.9", "10.0.0.5")
    assert not table.apply(address(7, "10.0.0.1"))  # a link we do not know
    assert not table.apply(address(2, "::1", family=10))


def test_a_link_goes_is_renamed_and_comes_back_with_another_index() -> None:
    table = LinkTable()
    table.apply(link(2, "eth0", IFF_UP))
    table.apply(link(2, "dpdk0.kni", IFF_UP))
    assert table.get("eth0") is None
    bridge_port = link(2, "dpdk0.kni", 0, family=7, event="RTM_DELLINK")
    assert not table.apply(bridge_port)
    assert table.apply(link(2, "dpdk0.kni", 0, event="RTM_DELLINK"))
    assert table.get("dpdk0.kni") is None
    table.apply(link(5, "dpdk0.kni", IFF_UP))
    found = table.get("dpdk0.kni")
    assert found is not None
    assert found.index == 5
