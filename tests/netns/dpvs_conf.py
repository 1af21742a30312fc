"""dpvs.conf for a director of a test network: its devices, its workers, small pools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PACKET_BUFFERS = 16383
CONNECTIONS = 131071  # a worker's; 10,000 connections of a test end in TIME_WAIT


@dataclass(frozen=True, slots=True)
class Device:
    """A DPDK device on a wire of the node; `address` is its kernel port's, with prefix length."""

    name: str
    wire: str
    address: str
    kni_backend: str = "auto"


ONE_ARM = (Device("dpdk0", "wire0", "192.168.100.28/24"),)
TWO_ARM = (*ONE_ARM, Device("dpdk1", "wire1", "10.0.0.28/16"))


def dpvs_conf(
    devices: Sequence[Device], n_workers: int, log_file: str, tcp_s: Mapping[str, int] = {}
) -> str:
    """One queue a worker on each device, so that each gets a share of what comes in. `tcp_s`: how
    long connections live in the states that it names."""
    device_blocks = "".join(_device(device, n_workers) for device in devices)
    workers = "".join(_worker(number, devices) for number in range(1, n_workers + 1))
    lives = "".join(f"            {state} {seconds}\n" for state, seconds in tcp_s.items())
    return f"""\
global_defs {{
    log_level INFO
    log_file {log_file}
    log_with_timestamp on
}}
netif_defs {{
    <init> pktpool_size {PACKET_BUFFERS}
    <init> pktpool_cache 32
{device_blocks}}}
worker_defs {{
    <init> worker cpu0 {{
        type master
        cpu_id 0
    }}
{workers}}}
ipvs_defs {{
    conn {{
        <init> conn_pool_size {CONNECTIONS}
    }}
    tcp {{
        timeout {{
{lives}        }}
    }}
}}
"""


def _device(device: Device, n_workers: int) -> str:
    queues = f"queue_number {n_workers}"
    return f"""\
    <init> device {device.name} {{
        vdev net_af_packet{device.wire[-1]},iface={device.wire},qpairs={n_workers}
        rx {{
            {queues}
        }}
        tx {{
            {queues}
        }}
        kni {{
            address {device.address}
            backend {device.kni_backend}
        }}
    }}
"""


def _worker(number: int, devices: Sequence[Device]) -> str:
    queue = number - 1
    ports = "".join(
        f"""\
        port {device.name} {{
            rx_queue_ids {queue}
            tx_queue_ids {queue}
        }}
"""
        for device in devices
    )
    return f"""\
    <init> worker cpu{number} {{
        type slave
        cpu_id {number}
{ports}    }}
"""
