"""What -A, -E, -a and -e make of the options given: pure, old settings in, new settings out.

-E and -e change what is given and nothing else. (DPVS resets some of a service's settings at
every -E, I-011, and makes a FullNAT server a DR one at `-e -w 0`, I-016.)
"""

import msgspec

from dpvs_core.control.messages import DestSpec, ServiceKey, ServiceSpec
from keepalivedpy.cli.errors import CommandError
from keepalivedpy.cli.ipvsadm_options import Given

SAME_PORT_FORWARDS = ("route", "tunnel")
"""Forwarding that leaves the port alone: the server's port is the service's (I-060)."""

_SERVICE_FIELDS = {
    "scheduler": "scheduler",
    "persistent": "persistent_s",
    "netmask": "netmask",
    "ops": "ops",
    "synproxy": "synproxy",
    "hash_target": "hash_target",
    "expire_quiescent": "expire_quiescent",
    "conn_timeout": "conn_timeout_s",
    "proxy_protocol": "proxy_protocol",
    "quic": "quic",
}
_DEST_FIELDS = {
    "forwarding_method": "forward",
    "weight": "weight",
    "u_threshold": "upper_threshold",
    "l_threshold": "lower_threshold",
}


def _changes(given: Given, fields: dict[str, str]) -> dict[str, object]:
    said = {target: getattr(given, source) for source, target in fields.items()}
    return {target: value for target, value in said.items() if value is not None}


def service_spec(key: ServiceKey, old: ServiceSpec, given: Given) -> ServiceSpec:
    """`old` with what is given; CommandError where it makes no sense together."""
    spec = msgspec.structs.replace(old, **_changes(given, _SERVICE_FIELDS))
    if given.dest_check is not None:
        wanted = tuple(check for check in given.dest_check if check != "disable")
        spec = msgspec.structs.replace(spec, dest_check=wanted)
    if spec.ops and key.proto != "udp":
        raise CommandError("One-Packet Scheduling is only for UDP virtual services")
    if spec.quic and key.proto != "udp":
        raise CommandError("QUIC is only for UDP virtual services")
    if not (key.port or key.match or spec.persistent_s):
        raise CommandError("Zero port specified for no-match and non-persistent service")
    is_ipv6 = ":" in key.addr or (key.match is not None and key.match.af == 6)
    if ("." in spec.netmask) if is_ipv6 else spec.netmask.isdigit():
        raise CommandError(f"netmask '{spec.netmask}' does not fit the service's family")
    return _with_hash_target(key, spec, given)


def _with_hash_target(key: ServiceKey, spec: ServiceSpec, given: Given) -> ServiceSpec:
    if spec.scheduler != "conhash":
        if given.hash_target is not None:
            raise CommandError("hash target can only be set when schedule is conhash")
        return msgspec.structs.replace(spec, hash_target="")
    if spec.hash_target == "qid" and key.proto != "udp":
        raise CommandError("hash target qid is only for UDP virtual services")
    return msgspec.structs.replace(spec, hash_target=spec.hash_target or "sip")


def dest_spec(key: ServiceKey, old: DestSpec, given: Given) -> DestSpec:
    """`old` with what is given; the port of DR and tunnel is the service's."""
    spec = msgspec.structs.replace(old, **_changes(given, _DEST_FIELDS))
    if spec.upper_threshold and spec.lower_threshold > spec.upper_threshold:
        raise CommandError(
            f"lower threshold {spec.lower_threshold} is above the upper, {spec.upper_threshold}"
        )
    if spec.forward in SAME_PORT_FORWARDS:
        return msgspec.structs.replace(spec, port=key.port)
    return spec
