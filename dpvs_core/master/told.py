"""What the core is told of services and dests: its own layouts, packed when a row is made.

A publication joins what is packed already, also of the dests that it does not change.
"""

from dpvs_core.control.messages import DestSpec, ServiceSpec
from dpvs_core.master.carried import FORWARDS, KEEP_PORTS, SCHEDULERS
from dpvs_core.master.inet import ANY
from dpvs_core.master.layouts import DEST_REST, SERVICE
from dpvs_core.master.state import DestKey, MatchKey, ServiceId

DEST_INHIBITED = 1
SVC_EXPIRE_QUIESCENT, SVC_ONE_PACKET = 1, 2


def service(key: ServiceId, id_: int, spec: ServiceSpec) -> bytes:
    """struct core_service; one by match has no address."""
    proto, (af, raw), port = (key.proto, ANY[key.af], 0) if isinstance(key, MatchKey) else key
    flags = SVC_EXPIRE_QUIESCENT * spec.expire_quiescent | SVC_ONE_PACKET * spec.ops
    sched = SCHEDULERS[spec.scheduler]
    return SERVICE.pack(af, proto, port, raw, id_, sched, flags, spec.conn_timeout_s)


def dest(key: DestKey, spec: DestSpec) -> bytes:
    """struct core_dest behind the id."""
    (af, raw), port = key
    return DEST_REST.pack(
        af, FORWARDS[spec.forward], DEST_INHIBITED * spec.inhibited,
        0 if spec.forward in KEEP_PORTS else port, raw, spec.weight, spec.upper_threshold,
        spec.lower_threshold,
    )  # fmt: skip
