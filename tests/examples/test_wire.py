"""Reading tcpdump's lines."""

import pytest

from examples.show.wire import ends

CLIENT, VIP = "192.168.100.146", "192.168.100.254"


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("IP 192.168.100.146.58222 > 192.168.100.254.80: tcp 0", [(CLIENT, VIP)]),
        ("IP 192.168.100.254 > 192.168.100.146: ICMP echo reply, id 1", [(VIP, CLIENT)]),
        (
            "IP 192.168.100.1 > 192.168.200.2: IP 192.168.100.146.5 > 192.168.100.254.80: tcp 9",
            [("192.168.100.1", "192.168.200.2"), (CLIENT, VIP)],
        ),
        ("ARP, Request who-has 192.168.100.254 tell 192.168.100.146, length 28", []),
    ],
    ids=["tcp", "no port", "tunnel", "neither"],
)
def test_ends_of_a_packet_the_outer_ones_first(line: str, pairs: list[tuple[str, str]]) -> None:
    assert ends(line) == pairs
