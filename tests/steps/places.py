"""Where everybody is: the addresses of all scenes, a row each family.

Clients and what is beyond them are on dpdk0, servers on dpdk1. Scenes take their names from here.
"""

from dataclasses import dataclass

TO_CLIENTS, TO_SERVERS = 0, 1
"""Device ids."""
CLIENT_MAC, RS_MAC = "02:aa:00:00:00:48", "02:bb:00:00:00:02"


@dataclass(frozen=True)
class Places:
    client: str
    vip: str
    wan: str
    """What SNAT's inside hosts are seen as."""
    client_router: str
    clients_net: str
    lip: str
    """The local address of FULLNAT."""
    server: str
    own: str
    """The director's own address towards the servers."""
    server_router: str
    servers_net: str

    @property
    def ends(self) -> tuple[str, str]:
        """The client's and the server's, by device id."""
        return self.client, self.server

    @property
    def routers(self) -> tuple[str, str]:
        return self.client_router, self.server_router


PLACES = {
    4: Places(
        "10.0.0.48", "10.0.0.100", "10.0.0.200", "10.0.9.9", "10.0.0.0/16",
        "192.168.100.200", "192.168.100.2", "192.168.100.1", "192.168.100.9", "192.168.100.0/24",
    ),
    6: Places(
        "2001:db8::48", "2001:db8::100", "2001:db8::200", "2001:db8::9", "2001:db8::/64",
        "fd00:64::200", "fd00:64::2", "fd00:64::1", "fd00:64::9", "fd00:64::/64",
    ),
}  # fmt: skip
