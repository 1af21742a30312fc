"""Reading the listings of ipvsadm."""

from tests.netns.director import Dest, parse_connections, parse_dests

LISTING = """\
IP Virtual Server version 1.10.2 (size=0)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.168.100.254:80 rr
  -> 192.168.100.2:80             FullNat 100    7          12
  -> 192.168.100.3:80             FullNat 0      0          0          inhibited
"""

STATS = """\
IP Virtual Server version 1.10.2 (size=0)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  192.168.100.254:80                200     1200     1000   100000   200000
  -> 192.168.100.2:80                  101      600      500    50000   100000
  -> 192.168.100.3:80                   99      600      500    50000   100000
"""


def test_dests() -> None:
    assert parse_dests(LISTING) == [
        Dest("192.168.100.2:80", 100, 7, 12),
        Dest("192.168.100.3:80", 0, 0, 0, "inhibited"),
    ]


def test_connections() -> None:
    assert parse_connections(STATS) == {
        "TCP 192.168.100.254:80": 200,
        "192.168.100.2:80": 101,
        "192.168.100.3:80": 99,
    }
