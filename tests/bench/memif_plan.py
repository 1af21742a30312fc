"""The network around a balancer between two memif ports, and dpvs's part of it. Pure.

clients 10.2.0.1 ...            10.1.0.2 |memif 0| 10.1.0.1, VIP 10.1.0.100:53/udp
(behind 10.1.0.2)                                  balancer
servers 10.3.0.11 ... .14:53             |memif 1| 10.3.0.1, local addresses 10.3.1.1 ...
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

VIP, VIP_PORT = "10.1.0.100", 53
CLIENTS, CLIENT_NETWORK, CLIENT_GATEWAY = "10.2.0.1", "10.2.0.0/16", "10.1.0.2"
SERVERS = ("10.3.0.11", "10.3.0.12", "10.3.0.13", "10.3.0.14")
FIRST_LADDR = IPv4Address("10.3.1.1")
NEAR, FAR = "10.1.0.1/16", "10.3.0.1/16"
FLOWS_PER_LADDR = 50_000
CHECK_SEQUENCE_BYTES = 4
ARP_PAYLOAD_BYTES = 60
SMALLEST_POOL = 65_535


@dataclass(frozen=True, slots=True)
class Sockets:
    """Where the load listens; the balancer connects (role=client)."""

    clients: Path
    servers: Path


def addresses() -> list[str]:
    """What the load program is told; the same for all its modes."""
    return [
        "--vip", VIP, "--vip-port", str(VIP_PORT), "--own", CLIENT_GATEWAY,
        "--first-client", CLIENTS, "--first-server", SERVERS[0], "--last-server", SERVERS[-1],
    ]  # fmt: skip


def vdev(number: int, role: str, socket: Path) -> str:
    return f"net_memif{number},role={role},id=0,socket={socket},socket-abstract=no"


def laddrs(flows: int) -> list[str]:
    """Enough local addresses that ports are no question."""
    return [str(FIRST_LADDR + n) for n in range(4 + flows // FLOWS_PER_LADDR)]


def pool_size(connections: int) -> int:
    """2^n-1, a quarter more than the connections.

    >>> pool_size(1000), pool_size(1_000_000)
    (65535, 2097151)
    """
    size = SMALLEST_POOL
    while size < connections * 5 // 4:
        size = size * 2 + 1
    return size


def dpvs_conf(sockets: Sockets, flows: int, cpus: Sequence[int], log: Path) -> str:
    """One worker on both ports, no kernel ports."""
    devices = "".join(
        f"    <init> device dpdk{n} {{\n        vdev {vdev(n, 'client', socket)}\n    }}\n"
        for n, socket in enumerate((sockets.clients, sockets.servers))
    )
    queues = "            rx_queue_ids 0\n            tx_queue_ids 0\n"
    ports = "".join(f"        port dpdk{n} {{\n{queues}        }}\n" for n in range(2))
    return f"""\
global_defs {{
    log_file {log}
    kni off
}}
netif_defs {{
    <init> pktpool_size 16383
{devices}}}
worker_defs {{
    <init> worker cpu0 {{
        type master
        cpu_id {cpus[0]}
    }}
    <init> worker cpu1 {{
        type slave
        cpu_id {cpus[1]}
{ports}    }}
}}
ipvs_defs {{
    conn {{
        <init> conn_pool_size {pool_size(flows)}
    }}
}}
"""


def dpip_commands() -> list[str]:
    """Addresses and the way back to the clients, as arguments of dpip."""
    return [
        f"addr add {NEAR} dev dpdk0",
        f"addr add {FAR} dev dpdk1",
        f"route add {CLIENT_NETWORK} via {CLIENT_GATEWAY} dev dpdk0",
        f"addr add {VIP}/32 dev dpdk0",
    ]


def ipvsadm_rules(flows: int) -> str:
    """The service, for `ipvsadm -R`."""
    service = f"-u {VIP}:{VIP_PORT}"
    return "".join((
        f"-A {service} -s rr\n",
        *(f"-a {service} -r {server}:{VIP_PORT} -b -w 100\n" for server in SERVERS),
        *(f"-P {service} -z {laddr} -F dpdk1\n" for laddr in laddrs(flows)),
    ))  # fmt: skip
