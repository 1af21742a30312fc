"""A connection's first frames, and what a client says of itself."""

from dpvs_core.control.messages.base import Owner, RequestBase, Value


class Hello(RequestBase, frozen=True, tag="hello"):
    """First frame. With `lease_ms` > 0 the addresses this client added go away that long after
    its last connection under the same `client` name closed (DESIGN: vip_lease)."""

    version: int
    owner: Owner
    client: str
    pid: int = 0
    lease_ms: int = 0


class Welcome(Value, frozen=True, tag="welcome", tag_field="type"):
    """`instance` changes with every start of the core: a client that sees a new one replays."""

    version: int
    instance: str
    dpvs_version: str
    pid: int
    uptime_s: float


class LeaseSet(RequestBase, frozen=True, tag="lease.set"):
    """Another lease for this client (Hello.lease_ms), after a reload."""

    lease_ms: int


class Ready(RequestBase, frozen=True, tag="ready"):
    """Everything this owner wants is in the core: who waits for it may go on (Info.ready)."""
