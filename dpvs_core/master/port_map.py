"""Which device of dpvs.conf is which port of the environment layer. Pure.

A device with a vdev is the port of that name; the others take the remaining ports in file order
(C-025). More ports than devices is DPVS's error; a device without a port is left out, with a
warning, if it was to be a PCI one.
"""

from collections.abc import Mapping, Sequence

from dpvs_core.config.dpvs_model import Device
from dpvs_core.master.errors import StartError


def map_ports(
    devices: Sequence[Device], ports: Mapping[int, str]
) -> tuple[list[tuple[Device, int]], list[str]]:
    """(device, port id) in file order, and warnings. `ports`: port id -> name.

    >>> map_ports([Device(name="dpdk0")], {0: "0000:02:00.0"})[0][0][1]
    0
    """
    if len(ports) > len(devices):
        raise StartError(
            f"ports in DPDK RTE ({len(ports)}) != ports in dpvs.conf ({len(devices)}): "
            f"DPDK has {', '.join(ports.values())}; add a device for each, or allow fewer with -a"
        )
    by_name = {name: port for port, name in ports.items()}
    taken: dict[str, int] = {}
    for device in devices:
        if device.vdev is not None:
            if device.vdev.driver not in by_name:
                raise StartError(
                    f"device {device.name} ({device.place}): DPDK made no port "
                    f"{device.vdev.driver}; see its message above"
                )
            taken[device.name] = by_name[device.vdev.driver]
    rest = iter(sorted(set(ports) - set(taken.values())))
    mapped, warnings = [], []
    for device in devices:
        port = taken.get(device.name)
        if port is None:
            port = next(rest, None)
        if port is None:
            warnings.append(
                f"device {device.name}: DPDK has only {len(ports)} ports; the device is left out"
            )
        else:
            mapped.append((device, port))
    if not mapped:
        raise StartError(
            "ports in DPDK RTE (0) != ports in dpvs.conf "
            f"({len(devices)}): allow a network card (dpvs -- -a PCI) or name a vdev in the device"
        )
    return mapped, warnings
