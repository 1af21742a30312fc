"""The Linux side of a device, `<device>.kni`: decisions. Pure; kernel_net.py carries them out.

A kernel port is a persistent multi-queue tap that exists before the driver attaches: addresses,
routes and other programs' sockets survive a death of dpvs, and its carrier falls by itself. It is
driven by virtio_user with vhost-net where Linux has it, by net_tap otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dpvs_core.config.dpvs_model import Device, Kni
from dpvs_core.master.errors import StartError
from dpvs_core.master.machine import Machine

TUN_TYPE_TAP = 2
MAX_NAME_BYTES = 15
VIRTIO_RING_SLOTS = 1024

BACKENDS = ("virtio_user", "net_tap")


@dataclass(frozen=True, slots=True)
class FoundLink:
    """An interface of that name as netlink shows it; the numbers are IFLA_TUN_*."""

    kind: str
    tun_type: int = 0
    multi_queue: bool = False
    persist: bool = False
    n_queues: int = 0  # enabled and disabled ones: attached processes have them


def must_create(name: str, found: FoundLink | None) -> bool:
    """True: make it; False: it is there, left by an earlier run. StartError: it is not ours."""
    if len(name.encode()) > MAX_NAME_BYTES:
        message = f"kernel port {name}: longer than {MAX_NAME_BYTES} characters; set kni_name"
        raise StartError(message)
    if found is None:
        return True
    if found.kind != "tun" or found.tun_type != TUN_TYPE_TAP:
        kind = found.kind or "physical"
        raise StartError(f"kernel port {name}: a {kind} interface has this name; set kni_name")
    if found.n_queues:
        raise StartError(
            f"kernel port {name}: another process is attached to it (is a dpvs running?)"
        )
    if not (found.multi_queue and found.persist):
        raise StartError(
            f"kernel port {name}: a tap of this name exists, but not a persistent multi-queue "
            f"one; remove it (ip link del {name}) or set kni_name"
        )
    return False


def choose_backend(device: Device, machine: Machine) -> tuple[str, str]:
    """(driver, why). StartError where the file wants what the kernel has not."""
    wanted = device.kni.backend
    if wanted == "virtio_user" and not machine.has_vhost_net:
        raise StartError(
            f"device {device.name} ({device.place}): kni backend virtio_user needs "
            "/dev/vhost-net (modprobe vhost_net)"
        )
    if wanted != "auto":
        return wanted, "as dpvs.conf says"
    if machine.has_vhost_net:
        return "virtio_user", "vhost-net"
    return "net_tap", "no /dev/vhost-net"


def vdev(backend: str, number: int, name: str, mac: bytes) -> tuple[str, str]:
    """Name and arguments of the environment layer's device. The MAC is given here: without it
    net_tap makes up another at each start, and virtio_user could not change it later."""
    hardware = f"mac={mac.hex(':')}"
    if backend == "virtio_user":
        queue = f"queues=1,queue_size={VIRTIO_RING_SLOTS}"
        return f"virtio_user_kni{number}", f"path=/dev/vhost-net,{queue},iface={name},{hardware}"
    return f"net_tap_kni{number}", f"iface={name},persist,{hardware}"


@dataclass(frozen=True, slots=True)
class Difference:
    """What to add to and remove from an interface."""

    add: tuple[str, ...]
    remove: tuple[str, ...]


def difference(wanted: Iterable[str], present: Iterable[str], ours: Iterable[str]) -> Difference:
    """Add what is wanted and absent; remove what dpvs made (`ours`) and is wanted no more.
    What others put there stays."""
    wanted, present = list(wanted), set(present)
    return Difference(
        tuple(item for item in wanted if item not in present),
        tuple(item for item in ours if item not in wanted),
    )


def mtu_of(device: Device) -> int:
    return device.kni.mtu or device.mtu


def route_text(prefix: str, via: str | None) -> str:
    """A route of the kernel port as one comparable word."""
    return f"{prefix} via {via}" if via else prefix


def wanted_routes(kni: Kni) -> list[str]:
    return [route_text(route.prefix, route.via) for route in kni.routes]
